"""Attesting imported accounts: the PI Director says that they are the City's, and they become public."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from accounts.models import Account
from audit import clock
from audit.actions import Verb
from audit.errors import Invalid, NotPermitted, Stale
from audit.ledger import record, service
from employees import authority
from employees.models import Employee, Office


@service
def attest(*, actor: Employee, accounts: Sequence[Account]) -> list[Account]:
    """The PI Director, or who acts for them, says of imported accounts that they are the City's; they become public.

    Raises Invalid for an empty list, NotPermitted, and Stale when one is attested or no longer active by now: then
    none of them is attested.
    """
    if not accounts:
        raise Invalid("No account is ticked.", fields={"accounts": "Tick the accounts that you attest."})
    capacity = authority.holds(actor, Office.Kind.PI_DIRECTOR)
    if capacity is None:
        raise NotPermitted("Only the PI Director, or who acts for them, attests imported accounts.")
    now = clock.now()
    ids = {account.pk for account in accounts}
    done = awaiting_attestation().filter(pk__in=ids).update(attested_at=now, attested_by=actor)
    if done != len(ids):
        raise Stale(
            f"{len(ids) - done} of these {len(ids)} accounts were attested or changed by somebody else. "
            "Nothing was attested; look at the list again."
        )
    attested = list(Account.objects.select_related("platform").filter(pk__in=ids).order_by("pk"))
    for account in attested:
        record(Verb.ACCOUNT_ATTEST, actor=actor, obj=account, facts=[account], capacity=capacity.as_data())
    return attested


def awaiting_attestation() -> QuerySet[Account]:
    """Imported accounts that no PI Director has attested yet."""
    return Account.objects.filter(state=Account.State.ACTIVE, origin=Account.Origin.IMPORT, attested_at=None)
