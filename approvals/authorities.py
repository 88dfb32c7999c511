"""Who may do what with a request, evaluated at the moment of the act.

Nobody decides their own request, nor one that they endorsed, nor one that gives them access. Then another holder of the
PI Director's office (the acting one) decides; the alternate authority of the settings only when the office has no
holder without a conflict.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from approvals.kinds import Kind
from approvals.models import Decision, Request
from approvals.transitions import TABLE, Act, Authority, Status
from audit.errors import ConflictOfInterest, NotPermitted
from employees.models import Appointment, Employee, Office


@dataclass(frozen=True)
class Standing:
    """The capacity in which somebody acts, as it is kept with the decision."""

    title: str
    kind: str
    acting: bool = False
    appointment_id: int | None = None


class Seats:
    """Who holds the seats on which `requests` depend, and who endorsed them. Two queries, however many requests."""

    def __init__(self, requests: Iterable[Request]) -> None:
        rows = list(requests)
        self.alternate_kind: str = settings.ALTERNATE_AUTHORITY
        city = {Office.Kind.PI_DIRECTOR.value, Office.Kind.IT_DIRECTOR.value, self.alternate_kind}
        departments = {row.department_id for row in rows}
        self._city: dict[str, list[Appointment]] = defaultdict(list)
        self._directors: dict[int, list[Appointment]] = defaultdict(list)
        held = (
            Appointment.objects.in_force()
            .filter(Q(office__kind__in=city) | Q(office__department__in=departments), holder__is_active=True)
            .select_related("holder", "office__department")
            .order_by("acting", "pk")
        )
        for appointment in held:
            if appointment.office.department_id is None:
                self._city[appointment.office.kind].append(appointment)
            else:
                self._directors[appointment.office.department_id].append(appointment)
        self._endorsers: dict[int, set[int]] = defaultdict(set)
        endorsed = Decision.objects.filter(request__in=[row.pk for row in rows], act=Act.ENDORSE)
        for request_id, person_id in endorsed.values_list("request_id", "person_id"):
            self._endorsers[request_id].add(person_id)

    def directors(self, request: Request) -> list[Appointment]:
        """Substantive and acting Director of the request's department."""
        return self._directors[request.department_id]

    def pi_directors(self) -> list[Appointment]:
        return self._city[Office.Kind.PI_DIRECTOR]

    def alternates(self) -> list[Appointment]:
        return self._city[self.alternate_kind]

    def it_directors(self) -> list[Appointment]:
        return self._city[Office.Kind.IT_DIRECTOR]

    def conflict(self, person_id: int, request: Request) -> str:
        """`requested`, `benefits` or `endorsed` where the person may not decide, else empty."""
        if person_id == request.created_by_id:
            return "requested"
        if request.kind == Kind.ACCESS and person_id == request.poster_id:
            return "benefits"
        return "endorsed" if person_id in self._endorsers[request.pk] else ""

    def free(self, appointments: list[Appointment], request: Request) -> list[Appointment]:
        """Those whose holders have no conflict of interest in `request`."""
        return [held for held in appointments if not self.conflict(held.holder_id, request)]

    def deciders(self, request: Request) -> list[Appointment]:
        """Who may decide `request` now: the PI Director's seat, or the alternate authority in its place."""
        return self.free(self.pi_directors(), request) or self.free(self.alternates(), request)


def kind_title(kind: str) -> str:
    """The full title of a city-wide office, held or not."""
    return str(Office.Kind(kind).label)


def standing(person: Employee, request: Request, act: Act, seats: Seats | None = None) -> Standing:
    """In which capacity `person` may do `act` to `request` as it stands.

    Raises ConflictOfInterest where the seat is held but not in this case, NotPermitted otherwise. Being superuser
    gives nothing. Whether the table knows `act` in this status is the caller's question.
    """
    row = TABLE[Status(request.status), act]
    seats = seats or Seats([request])
    if not person.is_active:
        raise NotPermitted(_("You no longer work for the City."))
    match row.who:
        case Authority.REQUESTER:
            return _requester(person, request)
        case Authority.REQUESTER_OR_DIRECTOR:
            if person.pk == request.created_by_id:
                return _requester(person, request)
            return _director(person, request, seats)
        case Authority.DIRECTOR:
            return _director(person, request, seats)
        case Authority.DECIDER:
            return _decider(person, request, seats)
        case Authority.SYSTEM:
            raise NotPermitted(_("This happens by itself when the account becomes active."))


def _requester(person: Employee, request: Request) -> Standing:
    if person.pk != request.created_by_id:
        raise NotPermitted(
            _("Only %(name)s, who wrote this request, can do that.") % {"name": request.created_by.name}
        )
    return Standing(title=person.title_now, kind="requester")


def _director(person: Employee, request: Request, seats: Seats) -> Standing:
    for held in seats.directors(request):
        if held.holder_id == person.pk:
            return _seated(held)
    raise NotPermitted(
        _("Only the Director of %(department)s, or who acts as such, can do that.")
        % {"department": request.department.name}
    )


def _decider(person: Employee, request: Request, seats: Seats) -> Standing:
    own = [held for held in seats.pi_directors() if held.holder_id == person.pk]
    stands_in = [held for held in seats.alternates() if held.holder_id == person.pk]
    if not own and not stands_in:
        raise NotPermitted(
            _("Only the %(office)s decides requests; administering this system gives no decision.")
            % {"office": kind_title(Office.Kind.PI_DIRECTOR)}
        )
    match seats.conflict(person.pk, request):
        case "requested":
            raise ConflictOfInterest(_("This is your own request, and nobody decides their own."))
        case "benefits":
            raise ConflictOfInterest(_("This would give you access, and nobody decides on their own access."))
        case "endorsed":
            raise ConflictOfInterest(_("You endorsed this request, and nobody decides what they endorsed."))
    if own:
        return _seated(own[0])
    free = seats.free(seats.pi_directors(), request)
    if free:
        raise NotPermitted(
            _(
                "%(name)s, %(title)s, decides this. Your office does so only when that one is vacant or conflicted."
            )
            % {"name": free[0].holder.name, "title": free[0].title}
        )
    return _seated(stands_in[0], in_place_of=kind_title(Office.Kind.PI_DIRECTOR))


def _seated(held: Appointment, *, in_place_of: str = "") -> Standing:
    title = held.title
    if in_place_of:
        title = _("%(title)s, in the place of the %(office)s") % {"title": title, "office": in_place_of}
    return Standing(title=title, kind=held.office.kind, acting=held.acting, appointment_id=held.pk)
