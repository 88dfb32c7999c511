"""When an act on a request is due, and what the daily run does about it: remind, escalate, warn, let expire.

Due dates are worked out from `status_since` and the working days that the settings give each step; nothing keeps them.
What was said is kept, once for each wait, so that a run that comes twice or late says nothing twice, and nothing
expires that nobody was warned of.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _

from approvals.acts import perform
from approvals.models import Request, RequestQuerySet
from approvals.moves import Move, next_move
from approvals.reminding import Reminder
from approvals.transitions import Act, Status
from audit import clock
from audit.actions import Verb
from audit.errors import Refused
from audit.ledger import record, service
from employees import authority, outbox, workdays
from employees.models import Appointment, Employee, Office

WORKING_DAYS: dict[str, str] = {
    Status.AWAITING_ENDORSEMENT: "ENDORSE_WITHIN_DAYS",
    Status.AWAITING_DECISION: "DECIDE_WITHIN_DAYS",
    Status.APPROVED: "SET_UP_WITHIN_DAYS",
}
"""The setting that says how many working days a step may take."""


def allowed(status: str) -> int | None:
    """Working days for the step that a request in `status` waits for; None where none is set."""
    name = WORKING_DAYS.get(status)
    return getattr(settings, name) if name else None


def due_on(request: Request) -> date | None:
    """The working day by which the next act is expected; for a returned request the day on which it expires."""
    since = clock.day_of(request.status_since)
    if request.status == Status.RETURNED:
        return since + timedelta(days=settings.RETURNED_EXPIRES_DAYS)
    days = allowed(request.status)
    return workdays.after(since, days) if days is not None else None


def is_overdue(request: Request) -> bool:
    """Whether the step's last working day has passed."""
    due = due_on(request)
    return due is not None and due < clock.today()


def overdue() -> RequestQuerySet:
    """Requests whose step is overdue, by status and `status_since` alone, so that an index finds them."""
    late = Q(pk__in=[])
    for status in WORKING_DAYS:
        late |= Q(status=status, status_since__lt=_first_moment_in_time(status))
    return Request.objects.filter(late)


def _in_time() -> RequestQuerySet:
    """Requests whose step has a term that has not passed."""
    found = Q(pk__in=[])
    for status in WORKING_DAYS:
        found |= Q(status=status, status_since__gte=_first_moment_in_time(status))
    return Request.objects.filter(found)


def _first_moment_in_time(status: str) -> datetime:
    """A request that came to `status` before this moment is overdue today."""
    days, day = allowed(status) or 0, clock.today()
    # The latest day whose `days` working days later lie before today.
    while workdays.after(day, days) >= clock.today():
        day -= timedelta(days=1)
    return clock.end_of(day)


def escalates_to(request: Request) -> list[Employee]:
    """Who is told when a step is overdue, because they can do something about it."""
    match request.status:
        case Status.AWAITING_ENDORSEMENT:
            return outbox.in_office(Office.Kind.PI_DIRECTOR)
        case Status.AWAITING_DECISION:
            return outbox.in_office(settings.ALTERNATE_AUTHORITY)
        case Status.APPROVED:
            return outbox.in_office(Office.Kind.PI_DIRECTOR, Office.Kind.IT_DIRECTOR)
    return []


def escalated_to(person: Employee) -> RequestQuerySet:
    """Overdue requests that were escalated to an office of `person`, the longest wait first."""
    kinds = {seat.kind for seat in authority.capacities(person)}
    statuses = []
    if Office.Kind.PI_DIRECTOR in kinds:
        statuses += [Status.AWAITING_ENDORSEMENT, Status.APPROVED]
    if Office.Kind.IT_DIRECTOR in kinds:
        statuses += [Status.APPROVED]
    if settings.ALTERNATE_AUTHORITY in kinds:
        statuses += [Status.AWAITING_DECISION]
    return overdue().filter(status__in=statuses).order_by("status_since", "pk")


# The daily run's part


@dataclass
class Nudged:
    """What one run did."""

    reminded: int = 0
    escalated: int = 0
    warned: int = 0
    expired: int = 0


def run() -> Nudged:
    """Remind of what is due by the next working day, escalate what is overdue, warn of expiry, let expire."""
    done, today = Nudged(), clock.today()
    soon = workdays.after(today, 1)
    for request in _unsaid(Reminder.Kind.OVERDUE, overdue()):
        done.escalated += _escalate(request=request)
    for request in _unsaid(Reminder.Kind.DUE, _in_time()):
        due = due_on(request)
        if due is not None and today <= due <= soon:
            done.reminded += _remind(request=request, due=due)
    warn_from = clock.now() - timedelta(days=settings.RETURNED_WARNED_DAYS)
    returned = Request.objects.filter(status=Status.RETURNED)
    for request in _unsaid(Reminder.Kind.EXPIRING, returned.filter(status_since__lte=warn_from)):
        done.warned += _warn(request=request)
    for request in _to_expire(returned):
        done.expired += _expire(request=request)
    return done


def _unsaid(kind: str, requests: RequestQuerySet) -> list[Request]:
    said = Reminder.objects.filter(request=OuterRef("pk"), kind=kind, since=OuterRef("status_since"))
    return list(requests.exclude(Exists(said)).whole().order_by("status_since", "pk"))


def _to_expire(returned: RequestQuerySet) -> list[Request]:
    """Long enough returned, and warned long enough ago: a run that comes late still leaves the requester time."""
    now = clock.now()
    notice = timedelta(days=settings.RETURNED_EXPIRES_DAYS - settings.RETURNED_WARNED_DAYS)
    warned = Reminder.objects.filter(
        request=OuterRef("pk"),
        kind=Reminder.Kind.EXPIRING,
        since=OuterRef("status_since"),
        at__lte=now - notice,
    )
    old = returned.filter(status_since__lte=now - timedelta(days=settings.RETURNED_EXPIRES_DAYS))
    return list(old.filter(Exists(warned)).whole().order_by("status_since", "pk"))


def _said(request: Request, kind: str, verb: Verb, people: Iterable[Employee]) -> bool:
    """Keep that it is said; False where another run was first, or the request has moved on."""
    people = list({person.pk: person for person in people if person.is_active}.values())
    now = Request.objects.filter(pk=request.pk, status=request.status, status_since=request.status_since)
    if not now.exists():
        return False
    reminder, made = Reminder.objects.get_or_create(
        request=request,
        kind=kind,
        since=request.status_since,
        defaults={"at": clock.now(), "told": ", ".join(person.name for person in people)[:400]},
    )
    if made:
        record(
            verb,
            actor=None,
            obj=request,
            facts=[reminder],
            status=request.status,
            told=[p.pk for p in people],
        )
    return made


@service
def _remind(*, request: Request, due: date) -> bool:
    move = next_move(request)
    if move is None or not move.people:
        return False
    if not _said(request, Reminder.Kind.DUE, Verb.REQUEST_REMIND, move.people):
        return False
    outbox.post(
        to=move.people,
        subject=_("Due %(day)s: %(request)s") % {"day": _day(due), "request": _called(request)},
        text=_("It is your turn: %(office)s %(what)s.\n\n%(link)s")
        % {"office": move.office_title, "what": move.what, "link": _link(request)},
    )
    return True


@service
def _escalate(*, request: Request) -> bool:
    move, due = next_move(request), due_on(request)
    if move is None or due is None:
        return False
    above = escalates_to(request)
    people = [*above, *move.people, request.created_by]
    if not _said(request, Reminder.Kind.OVERDUE, Verb.REQUEST_ESCALATE, people):
        return False
    outbox.post(
        to=people,
        subject=_("Overdue since %(day)s: %(request)s") % {"day": _day(due), "request": _called(request)},
        text=_("%(waits)s It is now before %(above)s, too.\n\n%(link)s")
        % {
            "waits": _waits(move),
            "above": ", ".join(person.name for person in above) or _("nobody: that seat is vacant"),
            "link": _link(request),
        },
    )
    return True


@service
def _warn(*, request: Request) -> bool:
    people = [request.created_by, *_directors(request)]
    if not _said(request, Reminder.Kind.EXPIRING, Verb.REQUEST_WARN, people):
        return False
    expires = max(
        due_on(request) or clock.today(),
        clock.today() + timedelta(days=settings.RETURNED_EXPIRES_DAYS - settings.RETURNED_WARNED_DAYS),
    )
    outbox.post(
        to=people,
        subject=_("Expires on %(day)s: %(request)s") % {"day": _day(expires), "request": _called(request)},
        text=_(
            "It was returned for changes on %(since)s, and has not been submitted again. Change and submit it before "
            "%(day)s, or it expires; the account can be asked for again.\n\n%(link)s"
        )
        % {
            "since": _day(clock.day_of(request.status_since)),
            "day": _day(expires),
            "link": _link(request),
        },
    )
    return True


@service
def _expire(*, request: Request) -> bool:
    called = _called(request)
    try:
        perform(None, request, Act.EXPIRE)
    except Refused:
        return False  # its requester was faster
    outbox.post(
        to=[request.created_by, *_directors(request)],
        subject=_("Expired: %(request)s") % {"request": called},
        text=_("Nobody submitted it again for %(days)d days. The account can be asked for again.\n\n%(link)s")
        % {"days": settings.RETURNED_EXPIRES_DAYS, "link": _link(request)},
    )
    return True


def _waits(move: Move) -> str:
    if move.people:
        return _("%(names)s, %(office)s, has not acted: %(what)s.") % {
            "names": move.names,
            "office": move.office_title,
            "what": move.what,
        }
    return f"{move.why_blocked} {move.mend}"


def _directors(request: Request) -> list[Employee]:
    seats = Appointment.objects.in_force().filter(
        office__department=request.department_id, holder__is_active=True
    )
    return [seat.holder for seat in seats.select_related("holder")]


def _called(request: Request) -> str:
    return f"{request}, {request.display}, {request.department.name}"


def _link(request: Request) -> str:
    return outbox.link(reverse("approvals:request", args=[request.number]))


def _day(day: date) -> str:
    return str(formats.date_format(day, "DATE_FORMAT"))
