"""The history of one account, or of one person, as spans of time: who held on which ground, who knew without authority.

Six queries for an account, however many entries its history has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account
from audit import clock
from credentials import dues
from credentials.models import EmergencyAccess, Ground, Knowledge, SecretItem, SecretVersion
from employees.models import Employee, Role

WITHOUT = "without"
OPENED = {
    SecretItem.Kind.PASSWORD: gettext_lazy("password"),
    SecretItem.Kind.TOTP_SEED: gettext_lazy("one-time code"),
    SecretItem.Kind.RECOVERY_CODES: gettext_lazy("recovery code"),
    SecretItem.Kind.SECURITY_ANSWERS: gettext_lazy("security answers"),
}
"""What of each kind break-glass shows."""


@dataclass(frozen=True)
class Span:
    """From a moment to a moment, which is no longer part of it."""

    start: datetime
    end: datetime

    @property
    def last_day(self) -> date:
        return clock.day_of(self.end - timedelta(microseconds=1))

    @property
    def days(self) -> set[date]:
        """The days of the city's calendar that it touches."""
        first = clock.day_of(self.start)
        return {first + timedelta(days=number) for number in range((self.last_day - first).days + 1)}


@dataclass(frozen=True)
class Held:
    """One ground as a span; `goes_on` when it has not ended."""

    span: Span
    kind: str
    label: str
    authority: str
    goes_on: bool


@dataclass(frozen=True)
class Without:
    """A span in which somebody knew the version current then and had no authority."""

    span: Span
    number: int
    goes_on: bool


@dataclass(frozen=True)
class Opened:
    """Something was opened in an emergency: `what` says which kind of secret, in words."""

    at: datetime
    what: str


@dataclass
class Line:
    """One row of the picture: a person on an account's page, an account on a person's."""

    key: int
    title: str
    text: str
    held: list[Held] = field(default_factory=list)
    reveals: list[datetime] = field(default_factory=list)
    emergencies: list[Opened] = field(default_factory=list)
    handled: list[datetime] = field(default_factory=list)
    """Set it, or saw it while rotating."""
    without: list[Without] = field(default_factory=list)
    knew: dict[int, str] = field(default_factory=dict)
    versions: list[tuple[datetime, int]] = field(default_factory=list)

    @property
    def begins(self) -> datetime | None:
        moments = [one.span.start for one in self.held] + [one.span.start for one in self.without]
        moments += [one.at for one in self.emergencies]
        return min([*moments, *self.reveals, *self.handled], default=None)

    @property
    def words(self) -> str:
        """The row for somebody who cannot see it."""
        parts = [
            _("{kind} from {start} to {end}").format(
                kind=one.label,
                start=clock.day_of(one.span.start),
                end=_("today") if one.goes_on else one.span.last_day,
            )
            for one in self.held
        ]
        parts += [
            _("knew version {number} without authority from {start} to {end}").format(
                number=one.number,
                start=clock.day_of(one.span.start),
                end=_("today") if one.goes_on else one.span.last_day,
            )
            for one in self.without
        ]
        parts += [
            _("opened in an emergency on {day}: {what}").format(day=clock.day_of(one.at), what=one.what)
            for one in self.emergencies
        ]
        return f"{self.title}: {'; '.join(parts) or _('knew, and held nothing')}."


@dataclass
class History:
    """All rows, the versions of the password (on an account's page), and the window that is looked at."""

    start: datetime
    end: datetime
    now: datetime
    lines: list[Line]
    versions: list[tuple[datetime, int]] = field(default_factory=list)

    @property
    def without(self) -> list[Span]:
        """When anybody knew without authority: joined where spans touch."""
        return joined(one.span for line in self.lines for one in line.without)

    @property
    def days(self) -> int:
        """Days looked at."""
        return len(Span(self.start, self.end).days) if self.end > self.start else 0

    @property
    def days_without(self) -> int:
        days: set[date] = set()
        for span in self.without:
            days |= span.days
        return len(days)

    @property
    def today(self) -> list[tuple[Line, Without]]:
        """Who knows without authority now, if now is in sight."""
        return [
            (line, one) for line in self.lines for one in line.without if one.goes_on and self.end >= self.now
        ]


def joined(spans: Iterable[Span]) -> list[Span]:
    """The union of `spans`, in order."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda one: one.start):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def less(span: Span, covers: Iterable[Span]) -> list[Span]:
    """What of `span` no cover touches."""
    left, start = [], span.start
    for cover in joined(covers):
        if cover.end <= start or cover.start >= span.end:
            continue
        if cover.start > start:
            left.append(Span(start, cover.start))
        start = max(start, cover.end)
    if start < span.end:
        left.append(Span(start, span.end))
    return left


def of_account(account: Account, *, since: date | None = None, until: date | None = None) -> History:
    """Who held `account`, and when. A line a person, the earliest first."""
    found = _read([account], None)
    lines = {
        key[0]: _line(person, person.name, person.title, found, key) for key, person in found.people.items()
    }
    return _windowed(list(lines.values()), found.versions[account.pk], since, until)


def of_person(
    person: Employee, accounts: Sequence[Account], *, since: date | None = None, until: date | None = None
) -> History:
    """What `person` held and knew, account by account."""
    found = _read(accounts, person)
    lines = []
    for account in accounts:
        line = _line(account, account.display, account.department.name, found, (person.pk, account.pk))
        line.versions = found.versions[account.pk]
        if line.held or line.knew or line.emergencies:
            lines.append(line)
    return _windowed(lines, [], since, until)


@dataclass
class _Found:
    now: datetime
    people: dict[tuple[int, int], Employee] = field(default_factory=dict)
    grounds: dict[tuple[int, int], list[Ground]] = field(default_factory=lambda: defaultdict(list))
    knowledge: dict[tuple[int, int], list[Knowledge]] = field(default_factory=lambda: defaultdict(list))
    emergencies: dict[tuple[int, int], list[Opened]] = field(default_factory=lambda: defaultdict(list))
    versions: dict[int, list[tuple[datetime, int]]] = field(default_factory=lambda: defaultdict(list))
    it: dict[int, list[Span]] = field(default_factory=lambda: defaultdict(list))


def _read(accounts: Sequence[Account], person: Employee | None) -> _Found:
    """Five queries."""
    found = _Found(clock.now())
    grounds = Ground.objects.filter(custody__account__in=accounts, opened_at__lte=found.now)
    known = Knowledge.objects.filter(version__item__credential__account__in=accounts)
    opened = EmergencyAccess.objects.filter(version__item__credential__account__in=accounts)
    if person is not None:
        grounds, known = grounds.filter(custody__person=person), known.filter(person=person)
        opened = opened.filter(person=person)
    for ground in grounds.select_related("custody__person").order_by("effective_from", "pk"):
        key = ground.custody.person_id, ground.custody.account_id
        found.people[key] = ground.custody.person
        found.grounds[key].append(ground)
    for row in (
        known.select_related("person", "version__item__credential")
        .defer("version__token")
        .order_by("at", "pk")
    ):
        key = row.person_id, row.version.item.credential.account_id
        found.people.setdefault(key, row.person)
        found.knowledge[key].append(row)
    # Not from knowledge: a one-time code tells nobody its seed, and what is shown again is the same emergency.
    for emergency in opened.select_related("person", "version__item__credential").defer("version__token"):
        item = emergency.version.item
        key = emergency.person_id, item.credential.account_id
        found.people.setdefault(key, emergency.person)
        what = str(OPENED[SecretItem.Kind(item.kind)])
        found.emergencies[key].append(Opened(emergency.opened_at, what))
    versions = SecretVersion.objects.filter(
        item__credential__account__in=accounts,
        item__kind=SecretItem.Kind.PASSWORD,
        current_from__isnull=False,
    )
    for account, since, number in versions.order_by("current_from", "number").values_list(
        "item__credential__account_id", "current_from", "number"
    ):
        if since is not None:
            found.versions[account].append((since, number))
    roles = Role.objects.filter(
        holder__in={key[0] for key in found.people},
        name=Role.Name.INFORMATION_TECHNOLOGY,
        effective_from__lte=found.now,
    )
    for holder, since, until in roles.values_list("holder_id", "effective_from", "effective_until"):
        if since is not None:
            found.it[holder].append(Span(since, min(until or found.now, found.now)))
    return found


def _line(of: Employee | Account, title: str, text: str, found: _Found, key: tuple[int, int]) -> Line:
    line = Line(of.pk, title, text, emergencies=found.emergencies[key])
    papers: dict[tuple[str, str], int] = {}
    for ground in found.grounds[key]:
        held = _held(ground, found.now)
        if held is None:
            continue
        place = papers.get((held.kind, held.authority), -1)
        last = line.held[place] if place >= 0 else None
        if last and last.span.end >= held.span.start:
            # The same paper with other dates: grounds never change theirs, so one closed and another opened.
            span = Span(last.span.start, max(last.span.end, held.span.end))
            line.held[place] = Held(span, held.kind, held.label, held.authority, last.goes_on or held.goes_on)
        else:
            papers[held.kind, held.authority] = len(line.held)
            line.held.append(held)
    by_version: dict[object, list[Knowledge]] = defaultdict(list)
    for row in found.knowledge[key]:
        if row.how in Knowledge.CARRIED_OVER:
            pass  # the earlier version's own row is drawn
        elif row.how == Knowledge.How.REVEAL:
            line.reveals.append(row.at)
        elif row.how in dues.WHILE_ROTATING:
            line.handled.append(row.at)
        if row.version.item.kind == SecretItem.Kind.PASSWORD:
            by_version[row.version_id].append(row)
    authority = [one.span for one in line.held]
    for rows in by_version.values():
        version = rows[0].version
        told = all(row.how == Knowledge.How.TOLD for row in rows)
        line.knew[version.number] = _("v{number} (told)" if told else "v{number}").format(
            number=version.number
        )
        line.without += _without(rows, authority, found.it[key[0]], found.now)
    line.without.sort(key=lambda one: (one.span.start, one.number))
    return line


def _held(ground: Ground, now: datetime) -> Held | None:
    start = max(ground.effective_from, ground.opened_at)
    ends = [moment for moment in (ground.effective_until, ground.closed_at) if moment is not None]
    end = min([*ends, now])
    if end <= start:
        return None
    goes_on = not ends or min(ends) > now
    return Held(Span(start, end), ground.kind, str(ground.get_kind_display()), ground.authority, goes_on)


def _without(
    rows: Sequence[Knowledge], authority: Sequence[Span], it: Sequence[Span], now: datetime
) -> list[Without]:
    """When the person knew this version while it was current, and had neither a ground nor the role that covers it."""
    version = rows[0].version
    if version.current_from is None:
        return []
    start = max(version.current_from, rows[0].at)
    end = min(version.current_until or now, now)
    if end <= start:
        return []
    rotating = any(row.how in dues.WHILE_ROTATING for row in rows)
    covers = [*authority, *it] if rotating else authority
    still = version.current_until is None or version.current_until > now
    return [
        Without(span, version.number, still and span.end == now) for span in less(Span(start, end), covers)
    ]


def _windowed(
    lines: list[Line], versions: list[tuple[datetime, int]], since: date | None, until: date | None
) -> History:
    """Cut to the days asked for; by default from the first event to now."""
    now = clock.now()
    first = min([moment for line in lines if (moment := line.begins)], default=now - timedelta(days=30))
    start = clock.start_of(since) if since else clock.start_of(clock.day_of(first))
    end = min(clock.end_of(until), now) if until else now
    end = max(end, start + timedelta(days=1))
    for line in lines:
        line.held = [
            Held(span, one.kind, one.label, one.authority, one.goes_on and span.end == one.span.end)
            for one in line.held
            if (span := _cut(one.span, start, end))
        ]
        line.without = [
            Without(span, one.number, one.goes_on and span.end == one.span.end)
            for one in line.without
            if (span := _cut(one.span, start, end))
        ]
        line.reveals = [at for at in line.reveals if start <= at <= end]
        line.handled = [at for at in line.handled if start <= at <= end]
        line.emergencies = [one for one in line.emergencies if start <= one.at <= end]
        line.versions = [(at, number) for at, number in line.versions if start <= at <= end]
    lines = [line for line in lines if line.begins]
    lines.sort(key=lambda line: (line.begins or now, line.title))
    return History(start, end, now, lines, [(at, number) for at, number in versions if start <= at <= end])


def _cut(span: Span, start: datetime, end: datetime) -> Span | None:
    begin, stop = max(span.start, start), min(span.end, end)
    return Span(begin, stop) if stop > begin else None
