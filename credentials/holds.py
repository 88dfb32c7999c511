"""Legal holds: nothing of an account may be disposed of while a matter is open. Who, why, since when, until when."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.models import Account
from audit import clock
from audit.actions import Verb
from audit.errors import Invalid, NotPermitted, Stale
from audit.ledger import record, service
from audit.text import clean_line
from credentials.models import LegalHold
from employees import authority
from employees.models import Employee


def may_hold(person: Employee) -> bool:
    """City officers and auditors place and release holds."""
    return authority.is_officer(person) or authority.is_auditor(person)


@service
def place(*, actor: Employee, accounts: Iterable[Account], matter: str) -> list[LegalHold]:
    """Mark `accounts`. Those that the same matter holds already are left alone. Raises NotPermitted, Invalid."""
    _require(actor)
    text = clean_line(matter, field="matter", max_length=200)
    held = set(LegalHold.objects.filter(matter=text, released_at=None).values_list("account_id", flat=True))
    made = [
        LegalHold.objects.create(account=account, matter=text, placed_by=actor, placed_at=clock.now())
        for account in accounts
        if account.pk not in held
    ]
    if not made:
        raise Invalid(
            _("This matter holds it already."), fields={"account": _("an account that is not held yet")}
        )
    for hold in made:
        record(Verb.HOLD_PLACE, actor=actor, obj=hold, facts=[hold])
    return made


@service
def release(*, actor: Employee, hold: LegalHold, reason: str) -> LegalHold:
    """End a hold. Raises NotPermitted, Stale, Invalid."""
    _require(actor)
    text = clean_line(reason, field="reason", max_length=200)
    now = clock.now()
    done = LegalHold.objects.filter(pk=hold.pk, released_at=None).update(
        released_at=now, released_by=actor, release_reason=text
    )
    hold.refresh_from_db()
    if done != 1:
        raise Stale(_("This hold was released before."))
    record(Verb.HOLD_RELEASE, actor=actor, obj=hold, facts=[hold])
    return hold


def of(account: Account) -> list[LegalHold]:
    """The holds in force on `account`. One query."""
    return list(LegalHold.objects.filter(account=account, released_at=None).select_related("placed_by"))


def _require(actor: Employee) -> None:
    if not may_hold(actor):
        raise NotPermitted(_("Legal holds are placed and released by City officers and auditors."))
