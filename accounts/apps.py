from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def _shipped(using: str, **_: Any) -> None:
    from django.db import connections

    from accounts.shipping import TABLES, ship

    if using == "default" and set(connections[using].introspection.table_names()) >= TABLES:
        ship(actor=None)


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import models, sections, upkeep
        from audit import replay

        post_migrate.connect(_shipped, sender=self, dispatch_uid="accounts.shipping")
        for model, fields in models.replayed():
            replay.register(model, *fields)
        sections.register(upkeep.sections_of)
