"""How many requests, how long each step takes, by month and by department: worked out from the decisions' rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from statistics import median

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals import deadlines
from approvals.models import Decision, RequestQuerySet
from approvals.transitions import Status
from audit import clock
from employees import workdays

MONTHS = 12

STEPS = {
    Status.AWAITING_ENDORSEMENT: gettext_lazy("Endorsement"),
    Status.AWAITING_DECISION: gettext_lazy("Decision"),
    Status.RETURNED: gettext_lazy("Changes"),
    Status.APPROVED: gettext_lazy("Set-up"),
}
OUTCOMES = (
    *(Status.APPROVED, Status.FULFILLED, Status.DENIED, Status.DECLINED, Status.WITHDRAWN, Status.EXPIRED),
)


@dataclass(frozen=True)
class Bar:
    """One bar of a chart, in the chart's own units (at most 420 wide)."""

    label: str
    value: float
    text: str
    width: float
    place: int

    @property
    def y(self) -> int:
        """Where it begins on a wide page: label and bar on one line."""
        return self.place * ROW

    @property
    def narrow_width(self) -> float:
        return round(self.width * 0.6, 1)

    @property
    def narrow_y(self) -> int:
        """Where it begins on a telephone: the label above its bar."""
        return self.place * NARROW_ROW


@dataclass(frozen=True)
class Step:
    label: str
    times: int
    median: float | None
    longest: int | None
    allowed: int | None
    waiting: int
    overdue: int


@dataclass
class InDepartment:
    name: str
    submitted: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    days: list[int] = field(default_factory=list)

    @property
    def approved(self) -> int:
        return self.outcomes[Status.APPROVED] + self.outcomes[Status.FULFILLED]

    @property
    def refused(self) -> int:
        return self.outcomes[Status.DENIED] + self.outcomes[Status.DECLINED]

    @property
    def dropped(self) -> int:
        return self.outcomes[Status.WITHDRAWN] + self.outcomes[Status.EXPIRED]

    @property
    def open(self) -> int:
        return self.submitted - self.approved - self.refused - self.dropped

    @property
    def median(self) -> float | None:
        return median(self.days) if self.days else None


@dataclass(frozen=True)
class Month:
    label: str
    submitted: int
    decided: int


@dataclass(frozen=True)
class Figures:
    since: date
    submitted: int
    decided: int
    median: float | None
    overdue: int
    months: list[Month]
    steps: list[Step]
    departments: list[InDepartment]


def of(requests: RequestQuerySet) -> Figures:
    """Figures of those of `requests` that were submitted in the last twelve months, or moved in them. Four queries."""
    since = _months_back(clock.today(), MONTHS - 1)
    first = clock.start_of(since)
    rows = [
        (pk, status, name, at)
        for pk, status, name, at in requests.filter(submitted_at__gte=first)
        .order_by("pk")
        .values_list("pk", "status", "department__name", "submitted_at")
        if at is not None
    ]
    moves = _moves(requests.filter(Q(status_since__gte=first) | Q(submitted_at__gte=first)), first)
    decided = {pk: at for pk, _before, after, _began, at in moves if after in _DECIDED}
    departments: dict[str, InDepartment] = {}
    for pk, status, name, at in rows:
        one = departments.setdefault(name, InDepartment(name))
        one.submitted += 1
        if status in OUTCOMES:
            one.outcomes[status] += 1
        if pk in decided:
            one.days.append(_working_days(at, decided[pk]))
    days = [count for one in departments.values() for count in one.days]
    steps = _steps(requests, moves)
    return Figures(
        since=since,
        submitted=len(rows),
        decided=len(decided),
        median=median(days) if days else None,
        overdue=sum(step.overdue for step in steps),
        months=_by_month(since, [at for _pk, _status, _name, at in rows], decided.values()),
        steps=steps,
        departments=sorted(departments.values(), key=lambda one: (-one.submitted, one.name)),
    )


_DECIDED = (Status.APPROVED, Status.DENIED, Status.DECLINED)

_Move = tuple[int, str, str, datetime | None, datetime]
"""Request, status before and after, when the status before began (None for the first), when it ended."""


def _moves(requests: RequestQuerySet, first: datetime) -> list[_Move]:
    """Changes of status that ended in the period."""
    rows = (
        Decision.objects.filter(request__in=requests.values("pk"))
        .order_by("request", "at", "pk")
        .values_list("request", "before", "after", "at")
    )
    found: list[_Move] = []
    for pk, mine in groupby(rows.iterator(chunk_size=2000), key=itemgetter(0)):
        began: datetime | None = None
        for _pk, before, after, at in mine:
            if before == after:
                continue
            if at >= first:
                found.append((pk, before, after, began, at))
            began = at
    return found


def _steps(requests: RequestQuerySet, moves: Iterable[_Move]) -> list[Step]:
    took: dict[str, list[int]] = defaultdict(list)
    for _pk, before, _after, began, at in moves:
        if began is not None and before in STEPS:
            took[before].append(_working_days(began, at))
    waiting = Counter(requests.filter(status__in=STEPS).values_list("status", flat=True))
    late = Counter(deadlines.overdue().filter(pk__in=requests.values("pk")).values_list("status", flat=True))
    return [
        Step(
            label=str(label),
            times=len(took[status]),
            median=median(took[status]) if took[status] else None,
            longest=max(took[status], default=None),
            allowed=deadlines.allowed(status),
            waiting=waiting[status],
            overdue=late[status],
        )
        for status, label in STEPS.items()
    ]


def _working_days(first: datetime, last: datetime) -> int:
    return workdays.between(clock.day_of(first), clock.day_of(last))


def _by_month(since: date, submitted: Iterable[datetime], decided: Iterable[datetime]) -> list[Month]:
    came = Counter(clock.day_of(at).replace(day=1) for at in submitted)
    went = Counter(clock.day_of(at).replace(day=1) for at in decided)
    months = [_months_back(since, -number) for number in range(MONTHS)]
    return [Month(date_format(day, "M Y"), came[day], went[day]) for day in months]


def _months_back(day: date, count: int) -> date:
    """The first of the month `count` months before that of `day`."""
    place = day.year * 12 + day.month - 1 - count
    return date(place // 12, place % 12 + 1, 1)


ROW, NARROW_ROW = 34, 52
"""Height of a bar with its label, in the charts' units."""


def bars(pairs: Iterable[tuple[str, float | None, str]]) -> list[Bar]:
    """Bars for label, value and the text at the bar's end, the longest as wide as the chart allows."""
    kept = [(label, value or 0.0, text) for label, value, text in pairs]
    most = max((value for _label, value, _text in kept), default=0) or 1
    return [
        Bar(label, value, text, round(value / most * 420, 1), place)
        for place, (label, value, text) in enumerate(kept)
    ]


def days_text(value: float | None) -> str:
    """“3 days”, “2.5 days”, “–”: working days as a chart and its table write them."""
    if value is None:
        return _("none yet")
    text = f"{value:.1f}".rstrip("0").rstrip(".")
    return _("%(count)s day") % {"count": text} if value == 1 else _("%(count)s days") % {"count": text}
