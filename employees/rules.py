"""Who may record, confirm, end and separate. Services ask and let the refusal through; pages ask to know why not.

Policy, Administrative Policy, first bullet: directors and their designees administer accounts, so who becomes one is
never one person's doing (house rule: recorded by one, in effect once another confirms; nobody for themselves).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from audit.errors import ConflictOfInterest, NotPermitted, Refused
from employees import authority
from employees.models import Appointment, Department, Designation, Employee, Instrument, Office, Role


def refusal(rule: Callable[..., object], *args: Any) -> str:
    """Why `rule` says no, in a sentence; empty where it says yes."""
    try:
        rule(*args)
    except Refused as error:
        return str(error)
    return ""


def capacity(actor: Employee | None, department: Department | None = None) -> Any:
    """In which seat or role `actor` acts, as an entry carries it; None for a system job."""
    if actor is None:
        return None
    seat = authority.directs(actor, department) if department else None
    seat = seat or authority.holds(actor, *authority.CITY_OFFICES)
    return seat.as_data() if seat else sorted(authority.roles(actor))


def is_registrar(person: Employee) -> bool:
    """Whether the person records what changes seats: registry clerks and the city-wide officers."""
    return authority.is_clerk(person) or authority.is_officer(person)


def keeps_people(actor: Employee | None) -> None:
    """Hiring, transfers, departments: a registry clerk or officer, or the personnel import."""
    if actor is not None and not is_registrar(actor):
        raise NotPermitted(_("Only registry clerks and city-wide officers record people and departments."))


def records(actor: Employee, person: Employee) -> None:
    """Recording an appointment or a role: a registry clerk or a city-wide officer, for somebody else."""
    if not is_registrar(actor):
        raise NotPermitted(_("Only registry clerks and city-wide officers record appointments and roles."))
    not_oneself(actor, person)


def names_substitute(actor: Employee, person: Employee, office: Office) -> None:
    """Recording who acts in an office: as `records`, or its substantive holder for their own."""
    holds = any(seat.holder_id == actor.pk and not seat.acting for seat in authority.holders(office))
    if not holds and not is_registrar(actor):
        raise NotPermitted(
            _("Only the holder of the office, registry clerks and city-wide officers name who acts in it.")
        )
    not_oneself(actor, person)


def makes_designation(actor: Employee, department: Department, designee: Employee) -> Appointment:
    """The Director's appointment under which `actor` may record a designation for `department`.

    The Director's own, substantive or acting; for a clerk the substantive Director's, else the acting one's.
    Raises NotPermitted, ConflictOfInterest, or Refused where the department has no Director.
    """
    seats = authority.holders(department.office)
    own = [seat for seat in seats if seat.holder_id == actor.pk]
    if not own and not authority.is_clerk(actor):
        raise NotPermitted(
            _("Only the Director of {name} or a registry clerk records its designations.").format(
                name=department.name
            )
        )
    if not seats:
        raise Refused(
            _("{name} has no Director, so nobody can name a designee. Record a Director first.").format(
                name=department.name
            )
        )
    made_under = (own or seats)[0]
    if designee.pk in {seat.holder_id for seat in seats}:
        raise ConflictOfInterest(_("A Director does not become a designee of the own department."))
    not_oneself(actor, designee)
    return made_under


def confirms(actor: Employee, paper: Instrument) -> None:
    """Confirming: another clerk or officer; never who recorded it, never whom it concerns."""
    if not is_registrar(actor):
        raise NotPermitted(_("Only registry clerks and city-wide officers confirm what was recorded."))
    if paper.recorded_by_id == actor.pk:
        raise ConflictOfInterest(
            _("You recorded this yourself; another registry clerk or officer confirms it.")
        )
    not_oneself(actor, paper.person)


def refuses(actor: Employee, paper: Instrument) -> None:
    """Refusing what waits: a clerk, an officer, or who recorded it and thinks better of it."""
    if not is_registrar(actor) and paper.recorded_by_id != actor.pk:
        raise NotPermitted(_("Only registry clerks, city-wide officers and who recorded it refuse this."))


def ends(actor: Employee, paper: Instrument) -> None:
    """Ending: a clerk or an officer; for a designation also the department's (acting) Director."""
    allowed = is_registrar(actor)
    if isinstance(paper, Designation):
        allowed = allowed or authority.directs(actor, paper.department) is not None
    if not allowed:
        raise NotPermitted(_("Only registry clerks and city-wide officers end this."))
    not_oneself(actor, paper.person)
    if isinstance(paper, Role):
        not_the_last_of_it(paper)


def not_the_last_of_it(role: Role) -> None:
    """The last Information Technology role is not taken away: nobody could rotate. (Separation may.)"""
    if role.name != Role.Name.INFORMATION_TECHNOLOGY or not role.in_force():
        return
    others = Role.objects.in_force().filter(name=role.name, holder__is_active=True)
    if not others.exclude(holder_id=role.holder_id).exists():
        raise Refused(
            _(
                "{name} is the last holder of the Information Technology role. Give it to somebody else first; "
                "if {name} has left, separate them instead."
            ).format(name=role.holder.name)
        )


def carries(actor: Employee, designation: Designation, appointment: Appointment) -> None:
    """Carrying a designation over: the successor or acting Director themselves, who is not its designee."""
    if appointment.holder_id != actor.pk:
        raise NotPermitted(
            _("Only {name} can carry this designation over.").format(name=appointment.holder.name)
        )
    not_oneself(actor, designation.designee)


def separates(actor: Employee | None, employee: Employee) -> None:
    """Reporting that somebody leaves: IT, clerks, officers, and the person's own Department Director."""
    if actor is None:
        return
    allowed = authority.is_information_technology(actor) or is_registrar(actor)
    if not allowed and employee.department is not None:
        allowed = authority.directs(actor, employee.department) is not None
    if not allowed:
        raise NotPermitted(
            _(
                "Only IT, registry clerks, city-wide officers and the person's Department Director record a departure."
            )
        )
    if actor.pk == employee.pk:
        raise ConflictOfInterest(_("Nobody separates themselves. Ask IT or a registry clerk."))


def sees(viewer: Employee, employee: Employee) -> bool:
    """Whether the person's page is open to `viewer`."""
    if viewer.pk == employee.pk or authority.sees_everything(viewer):
        return True
    directed = directed_by(viewer)
    return employee.department_id in directed or (
        bool(directed) and of_departments(directed).filter(pk=employee.pk).exists()
    )


def of_departments(departments: Iterable[int]) -> QuerySet[Employee]:
    """Whom the Directors of these departments see: who works there, and their designees from elsewhere."""
    named = Designation.objects.in_force_or_to_come().filter(department__in=departments)
    return Employee.objects.filter(Q(department__in=departments) | Q(pk__in=named.values("designee")))


def lists_people(viewer: Employee) -> bool:
    """Whether the list of people is open to `viewer`: officers, Department Directors, staff roles."""
    return authority.sees_everything(viewer) or bool(directed_by(viewer))


def directed_by(viewer: Employee) -> set[int]:
    """Ids of the departments that `viewer` directs, acting or not."""
    held = authority.capacities(viewer)
    return {
        seat.department_id
        for seat in held
        if seat.kind == Office.Kind.DEPARTMENT_DIRECTOR and seat.department_id is not None
    }


def not_oneself(actor: Employee, person: Employee) -> None:
    """Nobody records, confirms or ends anything for themselves."""
    if actor.pk == person.pk:
        raise ConflictOfInterest(_("This concerns yourself; somebody else has to do it."))
