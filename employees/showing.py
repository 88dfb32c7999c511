"""How pages tell of appointments, designations and roles: a state in a word, and what the viewer may do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import clock
from employees import authority, effect, kinds, papers, rules
from employees.managers import InstrumentQuerySet
from employees.models import Appointment, Department, Designation, Employee, Instrument, Office, Role

KINDS: dict[str, type[Instrument]] = {"appointment": Appointment, "designation": Designation, "role": Role}
"""Kinds of papers as addresses name them."""


@dataclass(frozen=True)
class Line:
    """One paper on a page. `why_not` says why the viewer cannot confirm it; empty where they can."""

    paper: Instrument
    kind: str
    state: str
    tone: str
    ends: bool = False
    confirms: bool = False
    refuses: bool = False
    why_not: str = ""
    consequence: str = ""
    through: date | None = None


def kind_of(paper: Instrument) -> str:
    """The paper's kind as addresses name it."""
    return type(paper).__name__.lower()


def state_of(paper: Instrument) -> tuple[str, str]:
    """The paper's state in a word, and the tone of its tag."""
    if paper.waits:
        return _("Waits to be confirmed"), "warn"
    if paper.refused:
        return _("Refused"), "plain"
    if paper.is_over():
        lapsed = isinstance(paper, Designation) and (
            paper.ended_at is None and paper.made_under.effective_until == paper.effective_until
        )
        return (_("Lapsed") if lapsed else _("Ended")), "plain"
    if not paper.in_force():
        return _("To come"), "info"
    return _("In force"), "ok"


def lines(viewer: Employee, some: Iterable[Instrument]) -> list[Line]:
    """`some` papers with what `viewer` may do about each."""
    registrar = rules.is_registrar(viewer)
    directed = rules.directed_by(viewer)
    return [_line(viewer, paper, registrar, directed) for paper in some]


def _line(viewer: Employee, paper: Instrument, registrar: bool, directed: set[int]) -> Line:
    state, tone = state_of(paper)
    kind = kind_of(paper)
    own = paper.person.pk == viewer.pk
    if paper.waits:
        why_not = _why_not(viewer, paper, registrar)
        return Line(
            paper,
            kind,
            state,
            tone,
            confirms=not why_not,
            refuses=registrar or paper.recorded_by_id == viewer.pk,
            why_not=why_not,
            consequence=consequence(paper),
        )
    in_time = paper.effective_from is not None and not paper.is_over()
    allowed = registrar or (isinstance(paper, Designation) and paper.department_id in directed)
    return Line(paper, kind, state, tone, ends=in_time and allowed and not own, through=through(paper))


def through(paper: Instrument) -> date | None:
    """The last day on which a confirmed paper had or has effect; None where none is settled, or it never had."""
    until = paper.effective_until
    if until is None or until == paper.effective_from:
        return None
    return clock.day_of(until - timedelta(microseconds=1))


def _why_not(viewer: Employee, paper: Instrument, registrar: bool) -> str:
    """As `rules.confirms`, without asking again for every line whether the viewer is a registrar."""
    if not registrar:
        return _("Only registry clerks and city-wide officers confirm it.")
    if paper.recorded_by_id == viewer.pk:
        return _("You recorded it; another registry clerk or officer confirms it.")
    if paper.person.pk == viewer.pk:
        return _("It concerns yourself; somebody else confirms it.")
    return ""


def consequence(paper: Instrument) -> str:
    """What confirming a waiting paper brings about."""
    day = max(paper.start, clock.today())
    values = {"name": paper.person.name, "title": paper.title, "day": papers.day(day)}
    if paper.end is not None and paper.end < clock.today():
        return _("Its last day has passed: refuse it, and record a new one where it is still wanted.")
    if isinstance(paper, Role):
        return _("From {day} {name} has the role {title}.").format(**values)
    if isinstance(paper, Designation):
        return _("From {day} {name} holds the department’s accounts as designee.").format(**values)
    if isinstance(paper, Appointment) and paper.office.kind == Office.Kind.CITY_MANAGER:
        return _("From {day} {name} is {title}.").format(**values)
    if isinstance(paper, Appointment) and paper.office.department_id is None:
        return _("From {day} {name} is {title} and holds every account of the City.").format(**values)
    return _("From {day} {name} is {title} and holds the department’s accounts.").format(**values)


def ending(paper: Instrument) -> list[str]:
    """What ending a paper brings about, a sentence each."""
    if isinstance(paper, Role):
        return [_("{name} no longer has the role {title}.").format(name=paper.holder.name, title=paper.title)]
    found = [_("Access that rests on this alone ends with it, and passwords become due for rotation.")]
    if isinstance(paper, Appointment):
        lapsing = effect.made_under([paper])
        if lapsing:
            names = ", ".join(designation.designee.name for designation in lapsing)
            text = ngettext(
                "%(count)d designation lapses, unless the successor carries it over before: %(names)s.",
                "%(count)d designations lapse, unless the successor carries them over before: %(names)s.",
                len(lapsing),
            )
            found.append(text % {"count": len(lapsing), "names": names})
        if is_left_vacant(paper):
            found.append(_("The seat {title} is left vacant.").format(title=paper.office.title))
    return found


def is_left_vacant(paper: Appointment) -> bool:
    """Whether nobody else holds or will hold the office, acting or not."""
    others = Appointment.objects.in_force_or_to_come().filter(office=paper.office, holder__is_active=True)
    return not others.exclude(holder_id=paper.holder_id).exists()


def to_carry(viewer: Employee) -> list[tuple[Designation, Appointment]]:
    """Designations that rest on somebody else's appointment and that `viewer` can carry over, with the own one."""
    seats = {seat.office.department_id: seat for seat in _own_departments(viewer)}
    if not seats:
        return []
    rows = Designation.objects.in_force_or_to_come().filter(department__in=list(seats))
    rows = rows.exclude(made_under__holder=viewer).exclude(designee=viewer)
    return [
        (row, seats[row.department_id])
        for row in rows.select_related(*kinds.RELATED[Designation])
        if _unbroken(row, seats[row.department_id])
    ]


def will_direct(viewer: Employee) -> bool:
    """Whether `viewer` directs a department today or from a day that is settled."""
    return _own_departments(viewer).exists()


def _own_departments(viewer: Employee) -> InstrumentQuerySet:
    own = Appointment.objects.in_force_or_to_come().filter(
        holder=viewer, office__kind=Office.Kind.DEPARTMENT_DIRECTOR
    )
    return own.select_related("office__department")


def _unbroken(designation: Designation, seat: Appointment) -> bool:
    until = designation.made_under.effective_until
    return until is None or (seat.effective_from is not None and seat.effective_from <= until)


def seats_of(people: Sequence[Employee]) -> dict[int, list[str]]:
    """Titles of what each of `people` holds today: offices, designations, roles. Three queries."""
    ids = [person.pk for person in people]
    found: dict[int, list[str]] = {pk: [] for pk in ids}
    for model in KINDS.values():
        field = kinds.PERSON[model]
        rows = model._default_manager.filter(**{f"{field}__in": ids}).select_related(*kinds.RELATED[model])
        for paper in rows:
            if paper.in_force():
                found[paper.person.pk].append(paper.title)
    return found


def departments_for(viewer: Employee) -> list[Department]:
    """Departments for which `viewer` may record a designation, those with a Director."""
    if authority.is_clerk(viewer):
        seats = Appointment.objects.in_force().filter(office__kind=Office.Kind.DEPARTMENT_DIRECTOR)
        ids = set(seats.filter(holder__is_active=True).values_list("office__department", flat=True))
    else:
        ids = rules.directed_by(viewer)
    return list(Department.objects.filter(pk__in=ids))


def offices_of(person: Employee) -> QuerySet[Office]:
    """The offices whose substantive holder `person` is."""
    held = Appointment.objects.in_force().filter(holder=person, acting=False)
    return (
        Office.objects.filter(pk__in=held.values("office"))
        .select_related("department")
        .order_by("kind", "pk")
    )


def substitutes_of(person: Employee) -> list[Appointment]:
    """Who acts in the offices of `person` now or later, and who waits to be confirmed for it."""
    acting = Appointment.objects.filter(office__in=offices_of(person), acting=True)
    rows = acting.filter(pk__in=Appointment.objects.in_force_or_to_come().values("pk")) | acting.waiting()
    return list(rows.select_related("holder", "office__department").order_by("start", "pk"))
