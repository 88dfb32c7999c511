"""Whose turn it is. An open request always has a next person, or a seat that is named with who can mend it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from approvals.authorities import Seats, kind_title
from approvals.kinds import Kind
from approvals.models import Decision, Request, RequestQuerySet
from approvals.transitions import Act, Status
from employees import authority
from employees.models import Appointment, Employee, Office


@dataclass(frozen=True)
class Move:
    """What is expected next, and of whom.

    `people` is empty exactly where `why_blocked` says what is in the way and `mend` who can mend it.
    """

    what: str
    office_title: str = ""
    people: tuple[Employee, ...] = ()
    why_blocked: str = ""
    mend: str = ""
    aside: str = ""
    """Why it is not the usual person's turn; empty where it is."""

    @property
    def names(self) -> str:
        """“Priya Nair, Dana Whitfield or Tom Berger”."""
        *others, last = [person.name for person in self.people] or [""]
        return _("%(names)s or %(name)s") % {"names": ", ".join(others), "name": last} if others else last


def next_move(request: Request, seats: Seats | None = None) -> Move | None:
    """The next move of `request`, or None when it is closed. Give `seats` to ask for many requests at once."""
    seats = seats or Seats([request])
    match request.status:
        case Status.DRAFT:
            return _of_requester(request, seats, _("completes and submits it"))
        case Status.RETURNED:
            return _of_requester(request, seats, _("changes it and submits it again"))
        case Status.AWAITING_ENDORSEMENT:
            return _of_director(request, seats)
        case Status.AWAITING_DECISION:
            return _of_decider(request, seats)
        case Status.APPROVED:
            return _of_set_up(request, seats)
    return None


def to_decide(person: Employee) -> RequestQuerySet:
    """What waits for an act of `person` as a director, oldest first."""
    return Request.objects.filter(waiting_for(person)).order_by("status_since", "pk")


def waiting_for(person: Employee) -> Q:
    """`next_move` as a query's condition: what waits for an act of `person` as a director."""
    held = authority.capacities(person)
    mine = Q(pk__in=[])
    directs = [seat.department_id for seat in held if seat.kind == Office.Kind.DEPARTMENT_DIRECTOR]
    if directs:
        mine |= Q(status=Status.AWAITING_ENDORSEMENT, department__in=directs)
    seats = Seats([])
    pi_directors = {seat.holder_id for seat in seats.pi_directors()}
    alternates = {seat.holder_id for seat in seats.alternates()}
    free = Q(status=Status.AWAITING_DECISION) & ~_conflicted(person.pk)
    if person.pk in pi_directors:
        mine |= free
    elif person.pk in alternates:
        for holder in pi_directors:
            free &= _conflicted(holder)
        mine |= free
    return mine


def to_mend(person: Employee) -> RequestQuerySet:
    """Own drafts and requests that were returned to `person`, oldest first."""
    waiting = Request.objects.filter(created_by=person, status__in=(Status.DRAFT, Status.RETURNED))
    return waiting.order_by("status_since", "pk")


def _conflicted(person_id: int) -> Q:
    endorsed = Decision.objects.filter(request=OuterRef("pk"), act=Act.ENDORSE, person=person_id)
    own = Q(created_by=person_id) | Q(kind=Kind.ACCESS, poster=person_id)
    return own | Q(Exists(endorsed))


def _of_requester(request: Request, seats: Seats, what: str) -> Move:
    author = request.created_by
    if author.is_active:
        return Move(what, author.title, (author,))
    director = seats.directors(request)
    name = director[0].holder.name if director else _("whoever takes the seat")
    return Move(
        what,
        _("Requester"),
        why_blocked=_("%(name)s, who wrote it, no longer works for the City.") % {"name": author.name},
        mend=_("%(name)s, Director of %(department)s, can withdraw it; a colleague can ask anew.")
        % {"name": name, "department": request.department.name},
    )


def _of_director(request: Request, seats: Seats) -> Move:
    office = _("Director of %(department)s") % {"department": request.department.name}
    holders = seats.directors(request)
    if holders:
        return Move(_("endorses or declines it"), holders[0].title, _people(holders))
    return Move(
        _("endorses or declines it"),
        office,
        why_blocked=_("The seat of %(office)s is vacant.") % {"office": office},
        mend=_appoint(),
    )


def _of_decider(request: Request, seats: Seats) -> Move:
    what = _("decides it")
    office = kind_title(Office.Kind.PI_DIRECTOR)
    usual = seats.pi_directors()
    free = seats.free(usual, request)
    hindered = _hindered(office, [seat for seat in usual if seat not in free], request, seats)
    if free:
        aside = hindered if len(usual) > len(free) else ""
        return Move(what, free[0].title, _people(free), aside=f"{aside} {_taken(request)}".strip())
    alternates = seats.alternates()
    stand_in = kind_title(seats.alternate_kind)
    able = seats.free(alternates, request)
    if able:
        title = _("%(title)s, in the place of the %(office)s") % {"title": able[0].title, "office": office}
        return Move(what, title, _people(able), aside=f"{hindered} {_taken(request)}".strip())
    return Move(
        what,
        office,
        why_blocked=f"{hindered} {_hindered(stand_in, alternates, request, seats)}",
        mend=_appoint(),
    )


def _taken(request: Request) -> str:
    """Who marked that they are on it."""
    if request.reviewer is None:
        return ""
    return _("%(name)s has taken the review.") % {"name": request.reviewer.name}


def _of_set_up(request: Request, seats: Seats) -> Move:
    office = _("%(department)s and Information Technology") % {"department": request.department.name}
    named = [person for person in (request.poster, request.backup) if person is not None and person.is_active]
    people = dict.fromkeys([*named, *_people(seats.it_directors())])
    if people:
        return Move(_("sets the account up"), office, tuple(people))
    title = kind_title(Office.Kind.IT_DIRECTOR)
    return Move(
        _("sets the account up"),
        office,
        why_blocked=_("The seat of %(office)s is vacant.") % {"office": title},
        mend=_appoint(),
    )


def _people(seats: list[Appointment]) -> tuple[Employee, ...]:
    return tuple(seat.holder for seat in seats)


def _hindered(office: str, conflicted: list[Appointment], request: Request, seats: Seats) -> str:
    """Why nobody (else) of `office` may decide: one sentence a holder, or that the seat is vacant."""
    if not conflicted:
        return _("The seat of %(office)s is vacant.") % {"office": office}
    texts = {
        "requested": _("%(name)s, %(title)s, asked for it and cannot decide it."),
        "benefits": _("%(name)s, %(title)s, would get access by it and cannot decide it."),
        "endorsed": _("%(name)s, %(title)s, endorsed it and cannot decide it."),
    }
    return " ".join(
        texts[seats.conflict(seat.holder_id, request)] % {"name": seat.holder.name, "title": seat.title}
        for seat in conflicted
    )


def _appoint() -> str:
    return _("A registry clerk can record an appointment, acting or not; a second person confirms it.")
