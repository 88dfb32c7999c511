from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def _installed(**_: Any) -> None:
    from audit.installation import create_once

    create_once(actor=None)


class AuditConfig(AppConfig):
    name = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit import checkpoints, checks, ledger

        ledger.after_each(checkpoints.committed)
        checks.register()
        post_migrate.connect(_installed, sender=self, dispatch_uid="audit.installation")
