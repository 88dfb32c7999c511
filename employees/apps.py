from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.signals import post_migrate


def _seed(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    from employees.models import Office
    from employees.services import create_city_offices

    # `migrate employees zero` ends here, too, without a table.
    if using == DEFAULT_DB_ALIAS and Office._meta.db_table in connections[using].introspection.table_names():
        create_city_offices(actor=None)


class EmployeesConfig(AppConfig):
    name = "employees"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit import replay
        from employees import checks, policy
        from employees.models import replayed

        for model, columns in replayed():
            replay.register(model, *columns)
        replay.also(policy.altered_texts)
        checks.connect()
        post_migrate.connect(_seed, sender=self, dispatch_uid="employees.seed")
