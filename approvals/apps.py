from collections.abc import Iterator
from typing import Any

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "approvals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import about
        from accounts.signals import account_activated
        from approvals import checks  # noqa: F401  # registers the check of the alternate authority
        from approvals.models import replayed
        from audit import replay

        for model, fields in replayed():
            replay.register(model, *fields)
        about.register(_things)
        account_activated.connect(_fulfil, dispatch_uid="approvals.fulfil")


def _fulfil(sender: Any, *, actor: Any, account: Any, **_: Any) -> None:
    from approvals.services import fulfil

    fulfil(actor=actor, account=account)


def _things(account: Any) -> Iterator[tuple[str, list[str]]]:
    """Requests for an account, as entries name them."""
    from approvals.models import Decision, Request

    requests = list(Request.objects.filter(account=account).values_list("pk", flat=True))
    yield "approvals.request", [str(pk) for pk in requests]
    decisions = Decision.objects.filter(request__in=requests).order_by()
    yield "approvals.decision", [str(pk) for pk in decisions.values_list("pk", flat=True)]
