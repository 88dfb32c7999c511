"""What waits about requests: decisions, what is overdue elsewhere, one's own drafts and returns."""

from __future__ import annotations

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from approvals import deadlines, moves
from approvals.authorities import Seats
from approvals.models import Request
from approvals.transitions import Status
from config.tasks.task import MOST, Task
from employees.models import Employee


def decisions_to_make(person: Employee) -> list[Task]:
    found = []
    for request in moves.to_decide(person).whole().order_by("status_since", "pk")[:MOST]:
        endorsing = request.status == Status.AWAITING_ENDORSEMENT
        due = deadlines.due_on(request)
        late = deadlines.is_overdue(request)
        term = _("It was due %(day)s.") if late else _("Due %(day)s.")
        found.append(
            Task(
                _("Overdue") if late else _("To endorse") if endorsing else _("To decide"),
                "danger" if late else "info",
                request.display,
                _("%(person)s asks for it for %(department)s. Request %(number)s. %(term)s")
                % {
                    "person": request.created_by.name,
                    "department": request.department.name,
                    "number": request.number,
                    "term": term % {"day": date_format(due, "DATE_FORMAT")} if due else "",
                },
                request.status_since,
                reverse("admin:approvals_request_change", args=[request.pk]),
                _("Read and endorse") if endorsing else _("Read and decide"),
            )
        )
    return found


def overdue_elsewhere(person: Employee) -> list[Task]:
    """Steps of others that are late and that an office of the person can do something about."""
    mine = set(moves.to_decide(person).values_list("pk", flat=True))
    late = [one for one in deadlines.escalated_to(person).whole()[: MOST * 2] if one.pk not in mine][:MOST]
    seats = Seats(late)
    found = []
    for request in late:
        move, due = moves.next_move(request, seats), deadlines.due_on(request)
        if move is None or due is None:
            continue
        waits = _("It waits for %(names)s, %(office)s.") % {"names": move.names, "office": move.office_title}
        found.append(
            Task(
                _("Overdue elsewhere"),
                "warn",
                request.display,
                _("Request %(number)s of %(department)s was due %(day)s. %(waits)s")
                % {
                    "number": request.number,
                    "department": request.department.name,
                    "day": date_format(due, "DATE_FORMAT"),
                    "waits": waits if move.people else f"{move.why_blocked} {move.mend}",
                },
                request.status_since,
                reverse("approvals:request", args=[request.number]),
                _("See the request"),
            )
        )
    return found


def own_requests(person: Employee) -> list[Task]:
    mine = Request.objects.filter(created_by=person, status__in=(Status.DRAFT, Status.RETURNED)).whole()
    found = []
    for request in mine.order_by("status_since", "pk")[:MOST]:
        returned = request.status == Status.RETURNED
        found.append(
            Task(
                _("Returned") if returned else _("Draft"),
                "warn" if returned else "plain",
                request.display,
                _("It came back for changes. Change it and submit it again.")
                if returned
                else _("It is not submitted yet."),
                request.status_since,
                reverse("approvals:request", args=[request.number]),
                _("Change it") if returned else _("Go on with it"),
            )
        )
    return found
