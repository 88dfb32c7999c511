"""Everything else that opens an account: who holds it, since when, and which of it must be removed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Least
from django.utils.translation import gettext as _

from accounts.models import Account
from audit import clock
from audit.actions import Verb
from audit.errors import Invalid, NotPermitted, Refused, Stale
from audit.ledger import record, service
from audit.text import clean_line
from credentials import entitlement
from credentials.models import Ground, WayIn
from employees.models import Employee

Kind = WayIn.Kind
GETS_IT_BACK = (Kind.RECOVERY_MAILBOX, Kind.RECOVERY_PHONE)
"""What gets an account back without the password: never somebody's own."""

OF_A_PERSON = (Kind.PASSKEY, Kind.SECURITY_KEY)
"""What always lies in somebody's hands."""


@dataclass(frozen=True)
class DueWay:
    """A way in that must be removed or replaced: its holder has no custody, or it is a private telephone or mailbox."""

    way: WayIn

    @property
    def lost(self) -> bool:
        """Whether its holder has no present authority. Else it is personal: a gap."""
        return not getattr(self.way, "authorised", True)

    @property
    def since(self) -> datetime:
        """Since when it is wrong: the holder's last ground ended; where there was none, or it is private: recorded.

        A way that came into their hands only after that day is wrong from its own first day.
        """
        ended: datetime | None = getattr(self.way, "ground_ended", None)
        if not self.lost or ended is None:
            return self.way.recorded_at
        return max(ended, clock.start_of(self.way.since))

    @property
    def sentence(self) -> str:
        """Which, and whose."""
        whose = f", {self.way.holder.name}" if self.way.holder else ""
        return f"{self.way.get_kind_display()} {self.way.detail}{whose}"


def may_record(actor: Employee, account: Account) -> bool:
    """Who holds the account, or Information Technology."""
    return entitlement.may_rotate(actor) or entitlement.holds_account(actor, account)


@service
def add(
    *,
    actor: Employee,
    account: Account,
    kind: str,
    detail: str,
    holder: Employee | None = None,
    personal: bool = False,
    since: date | None = None,
) -> WayIn:
    """Record a way into `account`. Raises NotPermitted, Invalid (no holder of a passkey, a day ahead), Refused
    (it is on the list).
    """
    if not may_record(actor, account):
        raise NotPermitted(
            "Only who holds this account, or Information Technology, can record what opens it."
        )
    if kind not in Kind.values:
        raise Invalid(_("Choose what it is."), fields={"kind": "one of the list"})
    if holder is None and (kind in OF_A_PERSON or personal):
        raise Invalid(_("Say whose it is."), fields={"holder": "a person"})
    day = since or clock.today()
    if day > clock.today():
        raise Invalid(_("That day lies ahead."), fields={"since": "today or an earlier day"})
    which = clean_line(detail, field="detail", max_length=200)
    same = WayIn.objects.standing().filter(account=account, kind=kind, detail__iexact=which)
    if kind in OF_A_PERSON:  # two people may well have a “laptop”; a number or a mailbox there is once
        same = same.filter(holder=holder)
    if same.exists():
        raise Refused(
            _(
                "This is on the list already. If it is in other hands now, take it off first; then record it anew."
            )
        )
    made = WayIn.objects.create(
        account=account,
        kind=kind,
        detail=which,
        holder=holder,
        personal=personal,
        since=day,
        recorded_by=actor,
        recorded_at=clock.now(),
    )
    record(
        Verb.WAY_RECORD,
        actor=actor,
        obj=account,
        facts=[made],
        kind=kind,
        holder=holder.audit_ref()._asdict() if holder else None,
    )
    return made


@service
def end(*, actor: Employee, way: WayIn) -> WayIn:
    """Say that the platform no longer takes it. Raises NotPermitted, Stale (said before)."""
    if not may_record(actor, way.account):
        raise NotPermitted(
            "Only who holds this account, or Information Technology, can take this off the list."
        )
    now = clock.now()
    if not WayIn.objects.filter(pk=way.pk, ended_at=None).update(ended_at=now, ended_by=actor):
        raise Stale(_("This is off the list already."))
    way.refresh_from_db()
    record(Verb.WAY_END, actor=actor, obj=way.account, facts=[way], kind=way.kind)
    return way


def standing(accounts: Iterable[Account] | None = None) -> QuerySet[WayIn]:
    """Ways in that stand, each with `authorised`: whether its holder, if it has one, may hold it now.

    And `ground_ended`: when the last of their grounds on the account that have ended did.
    """
    ground = Ground.objects.in_force().filter(
        custody__account=OuterRef("account"),
        custody__person=OuterRef("holder"),
        custody__person__is_active=True,
    )
    found = WayIn.objects.standing().select_related("holder", "account__platform", "account__department")
    if accounts is not None:
        found = found.filter(account__in=list(accounts))
    ended = (
        Ground.objects.filter(custody__account=OuterRef("account"), custody__person=OuterRef("holder"))
        .annotate(
            ended=Least(Coalesce("effective_until", "closed_at"), Coalesce("closed_at", "effective_until"))
        )
        .filter(ended__isnull=False)
        .order_by("-ended")
    )
    return found.annotate(
        authorised=Exists(ground) | Q(holder=None), ground_ended=Subquery(ended.values("ended")[:1])
    )


def due(accounts: Iterable[Account] | None = None) -> list[DueWay]:
    """What must be removed or replaced: in hands without custody, or a private telephone or mailbox. One query."""
    wrong = standing(accounts).filter(Q(authorised=False) | Q(kind__in=GETS_IT_BACK, personal=True))
    return [DueWay(way) for way in wrong]


def of_person(person: Employee) -> QuerySet[WayIn]:
    """What stands and lies in `person`'s hands, for whoever sees them off."""
    return standing().filter(holder=person)
