"""Why a rotation is due, in sentences. A fixed number of queries for any number of rotations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit import clock
from credentials import dues
from credentials.dues import Due, Knower
from credentials.models import EmergencyAccess, Ground
from employees.models import Employee, Employment


@dataclass
class Reason:
    """One reason: its tag, how grave, and the sentence."""

    label: str
    tone: str
    text: str


def shown_day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def hour(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "TIME_FORMAT")


def last_days(people: dict[Employee, int]) -> list[dict[str, object]]:
    """Each person with the count given and the last day in the City's employment. One query."""
    ended = _last_days(people)
    return [{"person": one, "count": count, "day": ended.get(one.pk)} for one, count in people.items()]


def _last_days(people: Iterable[Employee]) -> dict[int, date]:
    found: dict[int, date] = {}
    for period in Employment.objects.filter(employee__in=list(people)).order_by("start", "pk"):
        if period.end is not None:
            found[period.employee_id] = period.end
        elif period.ended_at is not None:
            found[period.employee_id] = clock.day_of(period.ended_at)
    return found


class Why:
    """Tells why each of `page` is due. Two queries."""

    def __init__(self, page: Sequence[Due]) -> None:
        knowers = {knower.person for due in page for knower in due.knowers}
        self.last_days = _last_days([person for person in knowers if not person.is_active])
        self.grounds: dict[tuple[int, int], Ground] = {}
        now = clock.now()
        ended = Ground.objects.filter(
            Q(closed_at__lte=now) | Q(effective_until__lte=now),
            custody__person__in=knowers,
            custody__account__in=[due.account for due in page],
        )
        for ground in ended.select_related("custody").order_by("opened_at", "pk"):
            self.grounds[ground.custody.person_id, ground.custody.account_id] = ground

    def of(self, due: Due) -> list[Reason]:
        """All reasons of `due`, the gravest first."""
        reasons = [
            Reason(str(dues.LABELS[dues.REPORTED]), "danger", f"{report.reported_by.name}: {report.reason}")
            for report in due.reports
        ]
        reasons += [self._emergency(one) for one in due.emergencies]
        broke = {one.person_id for one in due.emergencies}
        for knower in due.knowers:
            if knower.emergency and knower.person.is_active and knower.person.pk in broke:
                continue
            reasons.append(self._left(knower) if not knower.person.is_active else self._lost(due, knower))
        order = {str(dues.LABELS[one]): place for place, one in enumerate(dues.ORDER)}
        return sorted(reasons, key=lambda reason: order[reason.label])

    def _emergency(self, emergency: EmergencyAccess) -> Reason:
        text = _("Emergency access by %(person)s at %(hour)s on %(day)s.") % {
            "person": emergency.person.name,
            "day": shown_day(clock.day_of(emergency.opened_at)),
            "hour": hour(emergency.opened_at),
        }
        return Reason(str(dues.LABELS[dues.EMERGENCY]), "warn", text)

    def _left(self, knower: Knower) -> Reason:
        day = self.last_days.get(knower.person.pk, clock.day_of(knower.since))
        names = {"person": knower.person.name, "day": shown_day(day)}
        text = _("%(person)s left the City on %(day)s.") % names
        if clock.day_of(knower.since) < day:
            names["first"] = shown_day(clock.day_of(knower.since))
            text = (
                _("%(person)s left the City on %(day)s, and was without access on %(first)s already.") % names
            )
        return Reason(str(dues.LABELS[dues.LEFT]), "danger", text)

    def _lost(self, due: Due, knower: Knower) -> Reason:
        ground = self.grounds.get((knower.person.pk, due.account.pk))
        names = {"person": knower.person.name, "day": shown_day(clock.day_of(knower.since))}
        if knower.until is not None:
            names["back"] = shown_day(clock.day_of(knower.until))
            text = _(
                "%(person)s had no access from %(day)s to %(back)s. Having it again does not clear that."
            )
            if names["back"] == names["day"]:
                text = _("%(person)s had no access on %(day)s. Having it again does not clear that.")
            text = text % names
        elif ground is None:
            text = _("%(person)s knows it since %(day)s and holds no access.") % names
        else:
            names["ground"] = str(ground.get_kind_display()).lower()
            text = _("%(person)s’s %(ground)s ended on %(day)s.") % names
        return Reason(str(dues.LABELS[dues.LOST]), "warn", text)
