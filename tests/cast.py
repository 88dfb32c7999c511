"""The cast: a small city, made through services, whom every room's tests know by first name."""

from __future__ import annotations

import time
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Literal

from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.conf import settings
from django.test import Client

from employees import services
from employees.models import Appointment, Department, Designation, Employee, Office, Role

PASSWORD = "correct horse battery staple"
START = date(2024, 1, 8)
PAPER = "Resolution 2024-1"


@dataclass
class City:
    """Five departments and the people in them. Everybody signs in with PASSWORD; see `client_of`."""

    parks: Department
    zoo: Department
    fire: Department
    public_information: Department
    it: Department
    dana: Employee  # Director of Public Information and Community Engagement
    marcus: Employee  # Director of Information Technology
    mona: Employee  # City Manager
    helen: Employee  # Director of the Zoo
    olive: Employee  # Director of Parks
    priya: Employee  # zoo staff, writes requests
    joel: Employee  # parks staff
    tom: Employee  # Public Information role
    sam: Employee  # Information Technology role
    eleanor: Employee  # Auditor
    carla: Employee  # Registry clerk
    ruth: Employee  # Registry clerk
    noah: Employee  # fire staff, holds nothing
    rex: Employee  # superuser without a seat

    @property
    def people(self) -> list[Employee]:
        return [
            getattr(self, one.name) for one in fields(self) if isinstance(getattr(self, one.name), Employee)
        ]


DEPARTMENTS = {
    "parks": "Parks and Facilities",
    "zoo": "Hutchinson Zoo",
    "fire": "Fire Department",
    "public-information": "Public Information",
    "it": "Information Technology",
}

PEOPLE = {
    "dana": ("Dana Whitfield", "public-information", "Director"),
    "marcus": ("Marcus Lindqvist", "it", "Director"),
    "mona": ("Mona Castillo", "public-information", "City Manager"),
    "helen": ("Helen Okafor", "zoo", "Zoo Director"),
    "olive": ("Olive Brandt", "parks", "Parks Director"),
    "priya": ("Priya Nair", "zoo", "Education Coordinator"),
    "joel": ("Joel Hansen", "parks", "Recreation Supervisor"),
    "tom": ("Tom Reyes", "public-information", "Communications Specialist"),
    "sam": ("Sam Whitaker", "it", "Systems Administrator"),
    "eleanor": ("Eleanor Marsh", "public-information", "Internal Auditor"),
    "carla": ("Carla Jimenez", "public-information", "City Clerk"),
    "ruth": ("Ruth Abelson", "public-information", "Deputy City Clerk"),
    "noah": ("Noah Fischer", "fire", "Firefighter"),
    "rex": ("Rex Holloway", "it", "Database Administrator"),
}

ROLES = {
    "tom": Role.Name.PUBLIC_INFORMATION,
    "sam": Role.Name.INFORMATION_TECHNOLOGY,
    "eleanor": Role.Name.AUDITOR,
}


def make_city() -> City:
    """The city, as an installation would come to it: import, first officers, clerks, then everybody else."""
    made = services.create_departments(actor=None, departments=list(DEPARTMENTS.items()))
    departments = {department.code: department for department in made}
    people = {first: _hire(first, departments) for first in PEOPLE}
    services.seat_first_officers(pi_director=people["dana"], it_director=people["marcus"], instrument=PAPER)
    for first in ("carla", "ruth"):
        give_role(people[first], Role.Name.CLERK, by=people["dana"], confirmed_by=people["marcus"])
    by, also = people["carla"], people["ruth"]
    for first, name in ROLES.items():
        give_role(people[first], name, by=by, confirmed_by=also)
    appoint(people["mona"], Office.objects.get(kind=Office.Kind.CITY_MANAGER), by=by, confirmed_by=also)
    for first, code in {"helen": "zoo", "olive": "parks"}.items():
        appoint(people[first], Office.objects.get(department=departments[code]), by=by, confirmed_by=also)
    Employee.objects.filter(pk=people["rex"].pk).update(is_superuser=True)
    people["rex"].refresh_from_db()
    everything: dict[str, Any] = {code.replace("-", "_"): row for code, row in departments.items()}
    return City(**everything | people)


def _hire(first: str, departments: dict[str, Department]) -> Employee:
    name, code, title = PEOPLE[first]
    person = services.hire(
        actor=None,
        employee_number=str(10400 + list(PEOPLE).index(first)),
        name=name,
        email=f"{first}@hutch.example",
        title=title,
        department=departments[code],
        start=START,
    )
    person.set_password(PASSWORD)
    person.save(update_fields=["password"])
    return person


def appoint(
    holder: Employee,
    office: Office,
    *,
    by: Employee,
    confirmed_by: Employee,
    acting: bool = False,
    start: date = START,
    end: date | None = None,
) -> Appointment:
    """A confirmed appointment."""
    made = services.record_appointment(
        actor=by, office=office, holder=holder, start=start, end=end, acting=acting, instrument=PAPER
    )
    return services.confirm_appointment(actor=confirmed_by, appointment=made)


def give_role(
    holder: Employee, name: str, *, by: Employee, confirmed_by: Employee, end: date | None = None
) -> Role:
    """A confirmed role."""
    made = services.record_role(actor=by, holder=holder, name=name, start=START, end=end, instrument=PAPER)
    return services.confirm_role(actor=confirmed_by, role=made)


def designate(
    designee: Employee,
    department: Department,
    *,
    by: Employee,
    confirmed_by: Employee,
    whole_department: bool = True,
    end: date | None = None,
) -> Designation:
    """A confirmed designation, made by the department's Director or a clerk."""
    made = services.record_designation(
        actor=by,
        department=department,
        designee=designee,
        start=START,
        end=end,
        instrument="Memo 2024-7",
        whole_department=whole_department,
    )
    return services.confirm_designation(actor=confirmed_by, designation=made)


def client_of(
    person: Employee, *, factor: Literal["fresh", "stale", "none"] = "fresh", strict: bool = False
) -> Client:
    """A client in which `person` is signed in: with a second factor a moment or some hours ago, or with none.

    `strict`: forms need their CSRF token.
    """
    client = Client(enforce_csrf_checks=strict)
    client.force_login(person, backend="employees.backends.EmployedBackend")
    session, now = client.session, time.time()
    past = 2 * 60 * 60 if factor == "stale" else 1
    records: list[dict[str, Any]] = [{"method": "password", "at": now - past, "email": person.email}]
    if factor != "none":
        records.append({"method": "mfa", "at": now - past, "type": "totp", "id": 0})
    session["account_authentication_methods"] = records
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()
    return client


def cookie_of(person: Employee, url: str) -> Any:
    """What `client_of` carries, for a browser's `context.add_cookies([…])`."""
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client_of(person).cookies[name].value, "url": url}


def enrol(person: Employee) -> str:
    """Give `person` an authenticator app; gives its seed. See `code_of`."""
    seed: str = generate_totp_secret()
    TOTP.activate(person, seed)
    return seed


def code_of(seed: str, *, step: int = 0) -> str:
    """The code that an app shows now, or so many steps of 30 seconds later."""
    code: str = format_hotp_value(hotp_value(seed, int(time.time()) // 30 + step))
    return code


def seat_of(person: Employee) -> Appointment:
    """The one appointment of `person` in force."""
    found = Appointment.objects.in_force().get(holder=person)
    assert isinstance(found, Appointment)
    return found
