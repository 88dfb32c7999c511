"""Access that an approved request gives: a dated row, and through it a ground of custody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from accounts.models import Account
from audit import clock
from audit.actions import Verb
from audit.ledger import record, service
from credentials import custody
from credentials.models import Grant
from employees.models import Employee


@service
def give(
    *,
    actor: Employee,
    account: Account,
    people: Sequence[Employee],
    request_id: str,
    request_text: str,
    start: date,
    end: date | None = None,
) -> list[Grant]:
    """Give `people` access to `account` from `start` through `end`, on the authority of an approved request.

    Who may approve is the caller's question; this writes what an approval brings about.
    """
    given = [
        Grant.objects.create(
            account=account,
            person=person,
            request_id=request_id,
            request_text=request_text,
            start=start,
            end=end,
            given_by=actor,
            given_at=clock.now(),
        )
        for person in people
    ]
    for grant in given:
        record(Verb.GRANT_GIVE, actor=actor, obj=grant, facts=[grant])
    custody.reconcile(actor=actor, accounts=[account], reason=request_text)
    return given


@service
def end(*, actor: Employee | None, grants: Sequence[Grant], reason: str) -> None:
    """End grants now. Those that have ended before are left alone."""
    now = clock.now()
    for grant in grants:
        if Grant.objects.filter(pk=grant.pk, ended_at=None).update(ended_at=now, ended_by=actor):
            grant.refresh_from_db()
            record(Verb.GRANT_END, actor=actor, obj=grant, facts=[grant])
    custody.reconcile(
        actor=actor, accounts=Account.objects.filter(grants__in=grants).distinct(), reason=reason
    )


def of_person(person: Employee) -> list[Grant]:
    """The grants of `person` that have not ended."""
    return list(
        Grant.objects.filter(person=person, ended_at=None).select_related("person", "account__platform")
    )
