"""What the page of one credential shows: who knows, who holds, which versions. Reads only; no value is ever opened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account
from credentials import dues, provisioning, rotation, seats, stale, vault, ways
from credentials.models import (
    Credential,
    Ground,
    Knowledge,
    Rotation,
    SealedNote,
    SecretItem,
    SecretVersion,
    StaleCopy,
    WayIn,
)
from credentials.provisioning import Missing
from employees.models import Employee


@dataclass
class Knower:
    """Somebody who knows the current version: how, since when, and on what authority now ("" for none)."""

    person: Employee
    rows: list[Knowledge]
    authority: str
    without_since: datetime | None
    without_until: datetime | None = None

    @property
    def since(self) -> datetime:
        return self.rows[0].at

    @property
    def how(self) -> str:
        """“set it, revealed it (3 times)”."""
        counts: dict[str, int] = defaultdict(int)
        for row in self.rows:
            counts[str(row.get_how_display())] += 1
        times = {one: ngettext("%d time", "%d times", count) % count for one, count in counts.items()}
        return ", ".join(one if counts[one] == 1 else f"{one} ({times[one]})" for one in counts)


@dataclass
class Holder:
    """A custodian with the grounds in force."""

    person: Employee
    grounds: list[Ground]


@dataclass
class SeatRow:
    """A seat that the rule wants and who fills it; nobody is a gap."""

    title: str
    holders: list[Holder]


@dataclass
class Other:
    """A secret beside the password: its current version, if there is one, and whether it must be replaced."""

    kind: SecretItem.Kind
    version: Any
    due: dues.Due | None

    @property
    def known_to(self) -> str:
        """The names of those who know it, in the order in which they came to."""
        return ", ".join(dict.fromkeys(row.person.name for row in self.version.knowledge.all()))

    @property
    def left(self) -> int:
        """How many recovery codes were not handed out."""
        return int(self.version.pieces - self.version.used) if self.version else 0


@dataclass
class WayRow:
    """A way in, and why it must go, if it must."""

    way: WayIn
    due: ways.DueWay | None


@dataclass
class Picture:
    """All that the page shows of one credential."""

    credential: Credential
    current: SecretVersion | None
    rotation: Rotation | None
    due: dues.Due | None
    knowers: list[Knower] = field(default_factory=list)
    seats: list[SeatRow] = field(default_factory=list)
    versions: list[SecretVersion] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    others: list[Other] = field(default_factory=list)
    unfinished: Rotation | None = None
    ways: list[WayRow] = field(default_factory=list)
    stale: list[StaleCopy] = field(default_factory=list)
    note: SealedNote | None = None

    @property
    def account(self) -> Account:
        return self.credential.account

    @property
    def without_authority(self) -> int:
        return sum(1 for knower in self.knowers if knower.without_since is not None)

    @property
    def sentence(self) -> str:
        """The answer: how many know the current version, and how many of them should not."""
        if self.current is None:
            return _("No password has been deposited yet.")
        count, number, wrong = len(self.knowers), self.current.number, self.without_authority
        know = ngettext("One person knows version %(n)d", "%(count)d people know version %(n)d", count)
        head = know % {"n": number, "count": count}
        if not wrong:
            return f"{head}{_(', nobody without authority.')}"
        tail = ngettext(", one of them without authority.", ", %(wrong)d of them without authority.", wrong)
        return head + (_(", without authority.") if count == 1 else tail % {"wrong": wrong})


def of(credential: Credential) -> Picture:
    """The picture of one credential now."""
    account = credential.account
    item = vault.item_of(credential)
    current = vault.current_version(item)
    grounds = list(
        Ground.objects.in_force()
        .filter(custody__account=account, custody__person__is_active=True)
        .select_related("custody__person__department")
        .order_by("custody__person__name", "pk")
    )
    waiting = {one.kind: one for one in reversed(dues.queue([account]))}
    due = waiting.get(SecretItem.Kind.PASSWORD)
    return Picture(
        credential=credential,
        current=current,
        rotation=rotation.open_rotation(credential),
        due=due,
        knowers=_knowers(current, grounds, due) if current else [],
        seats=_seats(account, grounds),
        versions=list(
            SecretVersion.objects.filter(item=item)
            .defer("token")
            .select_related("created_by")
            .prefetch_related("reports__reported_by")
            .order_by("-number")
        ),
        missing=provisioning.missing(account) if current is None else [],
        others=_others(credential, waiting),
        unfinished=rotation.unfinished([account]).order_by("-version__number").first(),
        ways=_ways(account),
        stale=list(stale.standing([account]).filter(item=item)),
        note=SealedNote.objects.filter(credential=credential)
        .defer("token")
        .select_related("changed_by")
        .first(),
    )


def _others(credential: Credential, waiting: dict[str, dues.Due]) -> list[Other]:
    """The secrets beside the password, whether deposited or not."""
    current = SecretVersion.objects.filter(item__credential=credential, state=SecretVersion.State.CURRENT)
    versions = {
        one.item.kind: one
        for one in current.defer("token")
        .select_related("item", "created_by")
        .annotate(used=Count("code_uses"))
        .prefetch_related(
            Prefetch("knowledge", Knowledge.objects.select_related("person").order_by("at", "pk"))
        )
    }
    return [
        Other(kind, versions.get(kind), waiting.get(kind))
        for kind in SecretItem.Kind
        if kind != SecretItem.Kind.PASSWORD
    ]


def _ways(account: Account) -> list[WayRow]:
    due = {one.way.pk: one for one in ways.due([account])}
    return [WayRow(way, due.get(way.pk)) for way in ways.standing([account])]


def _knowers(current: SecretVersion, grounds: Iterable[Ground], due: dues.Due | None) -> list[Knower]:
    """Those without authority first, then by when they came to know."""
    authority: dict[int, list[str]] = defaultdict(list)
    for ground in grounds:
        authority[ground.custody.person_id].append(ground.authority)
    lost = {knower.person.pk: knower for knower in due.knowers} if due else {}
    rows: dict[int, list[Knowledge]] = defaultdict(list)
    for row in Knowledge.objects.filter(version=current).select_related("person__department"):
        rows[row.person_id].append(row)
    found = [
        Knower(
            person=known[0].person,
            rows=known,
            # Neither a ground nor lost: whoever rotated it holds Information Technology's role.
            authority="; ".join(dict.fromkeys(authority.get(person, []))) or _("Information Technology"),
            without_since=lost[person].since if person in lost else None,
            without_until=lost[person].until if person in lost else None,
        )
        for person, known in rows.items()
    ]
    return sorted(found, key=lambda knower: (knower.without_since is None, knower.since))


def _seats(account: Account, grounds: Iterable[Ground]) -> list[SeatRow]:
    rows = [SeatRow(seat.title, _holders(seat.grounds)) for seat in seats.of_account(account)]
    by_request = {
        (ground.custody.person_id, ground.source_id): ground
        for ground in grounds
        if ground.kind == Ground.Kind.REQUEST
    }
    requested = _holders(by_request.values())
    return [*rows, SeatRow(_("By approved request"), requested)] if requested else rows


def _holders(grounds: Iterable[Ground]) -> list[Holder]:
    by_person: dict[Employee, list[Ground]] = defaultdict(list)
    for ground in grounds:
        by_person[ground.custody.person].append(ground)
    return [Holder(person, held) for person, held in by_person.items()]


STEPS = {
    Rotation.State.STAGED: 1,
    Rotation.State.SHOWN: 2,
    Rotation.State.UNKNOWN: 2,
    Rotation.State.CLAIMED: 3,
    Rotation.State.VERIFIED: 4,
}


def step_of(under_way: Rotation | None) -> int:
    """How many of the five steps of a rotation are done."""
    return STEPS[Rotation.State(under_way.state)] if under_way else 0
