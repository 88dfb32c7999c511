"""What a person may do, as it follows from seats and roles in force. Being superuser gives nothing here."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from audit.errors import NotPermitted
from employees.models import Appointment, Department, Designation, Employee, Office, Role

CITY_OFFICES = (Office.Kind.PI_DIRECTOR, Office.Kind.IT_DIRECTOR, Office.Kind.CITY_MANAGER)


@dataclass(frozen=True)
class Capacity:
    """The office in which somebody acts: kept with every act, because people change seats."""

    office_id: int
    kind: str
    department_id: int | None
    title: str
    acting: bool
    appointment_id: int

    def as_data(self) -> dict[str, Any]:
        """As an entry carries it."""
        return asdict(self)


def capacity(appointment: Appointment) -> Capacity:
    """The capacity that `appointment` gives."""
    office = appointment.office
    return Capacity(
        office.pk, office.kind, office.department_id, appointment.title, appointment.acting, appointment.pk
    )


@dataclass
class _Remembered:
    """What was read of a person's seats and roles; None where it was not asked yet."""

    capacities: list[Capacity] | None = None
    roles: set[str] | None = None


def remember(person: Employee) -> None:
    """Read the present seats and roles of this object once: for a request that changes nothing, and ends at once.

    A service that acts is never called with a person so marked: what one may do is asked at the moment of the act.
    """
    person.remembered = _Remembered()


def _remembered(person: Employee, at: datetime | None) -> _Remembered | None:
    return person.remembered if at is None and isinstance(person.remembered, _Remembered) else None


def capacities(person: Employee, *, at: datetime | None = None) -> list[Capacity]:
    """Every office held: substantive ones first, and of those the city-wide ones. One query."""
    if not person.is_active and at is None:
        return []
    kept = _remembered(person, at)
    if kept is None:
        return _capacities(person, at)
    if kept.capacities is None:
        kept.capacities = _capacities(person, at)
    return list(kept.capacities)


def _capacities(person: Employee, at: datetime | None) -> list[Capacity]:
    # Every request asks this, and it is a row or two: ordering them here takes a third off the statement's making.
    held = Appointment.objects.in_force(at).filter(holder_id=person.pk)
    found = held.select_related("office__department").order_by()
    return [capacity(appointment) for appointment in sorted(found, key=_first_city_wide)]


def _first_city_wide(held: Appointment) -> tuple[bool, int, str, int]:
    """Substantive before acting, city-wide before the departments' (whose ids begin at 1)."""
    return held.acting, held.office.department_id or 0, held.office.kind, held.pk


def holds(
    person: Employee, *kinds: str, department_id: int | None = None, at: datetime | None = None
) -> Capacity | None:
    """The first capacity of one of `kinds` (and of the department, when given), or None."""
    for held in capacities(person, at=at):
        if held.kind in kinds and (department_id is None or held.department_id == department_id):
            return held
    return None


def directs(person: Employee, department: Department, *, at: datetime | None = None) -> Capacity | None:
    """The person's seat as (acting) Director of `department`, or None."""
    return holds(person, Office.Kind.DEPARTMENT_DIRECTOR, department_id=department.pk, at=at)


def holders(office: Office, *, at: datetime | None = None) -> list[Appointment]:
    """Who holds `office`: the substantive holder first, then the acting one."""
    return list(
        Appointment.objects.in_force(at)
        .filter(office=office, holder__is_active=True)
        .select_related("holder", "office__department")
        .order_by("acting", "pk")
    )


def has_role(person: Employee, *names: str, at: datetime | None = None) -> bool:
    """Whether one of the roles is in force."""
    if not person.is_active and at is None:
        return False
    if _remembered(person, at) is not None:
        return not roles(person).isdisjoint(names)
    return Role.objects.in_force(at).filter(holder_id=person.pk, name__in=names).exists()


def roles(person: Employee, *, at: datetime | None = None) -> set[str]:
    """Names of the roles in force. One query."""
    if not person.is_active and at is None:
        return set()
    kept = _remembered(person, at)
    if kept is None:
        return _roles(person, at)
    if kept.roles is None:
        kept.roles = _roles(person, at)
    return set(kept.roles)


def _roles(person: Employee, at: datetime | None) -> set[str]:
    return set(Role.objects.in_force(at).filter(holder_id=person.pk).values_list("name", flat=True))


def is_information_technology(person: Employee) -> bool:
    """May rotate, separate and run the vault: the role, or the IT Director's seat."""
    return has_role(person, Role.Name.INFORMATION_TECHNOLOGY) or bool(holds(person, Office.Kind.IT_DIRECTOR))


def is_auditor(person: Employee) -> bool:
    """May read access history and export it."""
    return has_role(person, Role.Name.AUDITOR)


def is_clerk(person: Employee) -> bool:
    """May record people, appointments, designations and roles."""
    return has_role(person, Role.Name.CLERK)


def is_officer(person: Employee) -> bool:
    """Holds a city-wide office."""
    return holds(person, *CITY_OFFICES) is not None


def sees_everything(person: Employee) -> bool:
    """Sees all accounts and requests: city-wide officers, Public Information, IT, clerks and auditors."""
    return bool(roles(person)) or is_officer(person)


def enters_admin(person: Employee) -> bool:
    """Has something to do in the admin: any seat, or a role."""
    return bool(capacities(person)) or bool(roles(person))


def departments_of(person: Employee) -> set[int]:
    """Ids of the departments for whose accounts the person may speak: employed in, directs, or is designee of."""
    if not person.is_active:
        return set()
    ids = {person.department_id} if person.department_id else set()
    ids |= {held.department_id for held in capacities(person) if held.department_id}
    ids |= set(
        Designation.objects.in_force().filter(designee_id=person.pk).values_list("department_id", flat=True)
    )
    return {pk for pk in ids if pk is not None}


def require(allowed: bool | object | None, message: str) -> None:
    """Raise NotPermitted with `message` unless `allowed`."""
    if not allowed:
        raise NotPermitted(message)
