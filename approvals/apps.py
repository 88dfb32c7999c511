from typing import Any

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "approvals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.signals import account_activated
        from approvals import checks  # noqa: F401  # registers the check of the alternate authority
        from approvals.models import replayed
        from audit import replay

        for model, fields in replayed():
            replay.register(model, *fields)
        account_activated.connect(_fulfil, dispatch_uid="approvals.fulfil")


def _fulfil(sender: Any, *, actor: Any, account: Any, **_: Any) -> None:
    from approvals.services import fulfil

    fulfil(actor=actor, account=account)
