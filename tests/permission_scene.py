"""Two departments with one of everything, the Zoo and Fire, and the people of the permission matrix."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from tempfile import TemporaryFile
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts import affiliations, impostors, neighbours
from accounts.models import Account, Affiliation, Platform
from approvals import services as approvals
from audit import clock, security
from audit.actions import Verb
from audit.models import Entry, SecurityEvent
from credentials import breakglass, exports, holds, knowledge, platform_roles, records, reviews, ways
from credentials.models import Campaign, Credential, Custody, EmergencyAccess, SecretVersion
from credentials.reviews import Choice
from employees import factors, services
from employees.models import Department, Designation, Employee, Office, Role
from tests.approvals.paths import draft, submitted
from tests.cast import PAPER, PASSWORD, START, City, appoint, client_of, designate, give_role, seat_of
from tests.credentials.accounts import deposited, open_account


@dataclass
class Scene:
    """`things` by department and name: ids and numbers as they stand in addresses, and what forms carry."""

    city: City
    people: dict[str, Employee]
    things: dict[str, dict[str, str]] = field(default_factory=dict)

    def client(self, who: str) -> Client:
        """Signed in as `who`; nobody for `anonymous`; with the session from before for `left`."""
        if who == "anonymous":
            return Client()
        return self.before if who == "left" else client_of(self.people[who])

    before: Client = field(default_factory=Client)


def make_scene(city: City) -> Scene:
    people = {one: getattr(city, one) for one in ("priya", "noah", "helen", "joel", "dana", "marcus", "mona")}
    people |= {one: getattr(city, one) for one in ("tom", "sam", "eleanor", "carla", "rex")}
    scene = Scene(city, people)
    people["adele"] = _hire("Adele Ostrom", city.zoo)
    people["frank"] = _hire("Frank Diaz", city.fire)
    people["left"] = _hire("Lee Forrest", city.zoo)
    by, also = city.carla, city.ruth
    zoo, fire = Office.objects.get(department=city.zoo), Office.objects.get(department=city.fire)
    appoint(people["adele"], zoo, by=by, confirmed_by=also, acting=True)
    appoint(people["frank"], fire, by=by, confirmed_by=also)
    designate(city.joel, city.zoo, by=city.helen, confirmed_by=by)
    scene.before = client_of(people["left"])
    services.separate(actor=by, employee=people["left"], last_day=clock.today(), reason="Left")
    security.count(actor=None, kind=SecurityEvent.Kind.FORBIDDEN, address="192.0.2.7")
    for name, department, director, asker in (
        ("zoo", city.zoo, city.helen, city.priya),
        ("fire", city.fire, people["frank"], city.noah),
    ):
        scene.things[name] = _things(city, name, department, director, asker)
    _history(city, scene)
    return scene


def _history(city: City, scene: Scene) -> None:
    """Two access reviews, one closed; in the open one each Director wants a designee's access removed."""
    today = clock.today()
    closed = Campaign.objects.create(
        title="Closed", state=Campaign.State.CLOSED, starts=today, due=today + timedelta(days=1),
        planned_at=clock.now(), opened_at=clock.now(), closed_at=clock.now(), closed_by=city.dana,
    )  # fmt: skip
    campaign = reviews.plan(actor=city.dana, title="Open", starts=today, due=today + timedelta(days=9))
    with TemporaryFile() as file:
        exports.write(actor=city.eleanor, filters=exports.Filters(), form="csv", file=file)
    exported = Entry.objects.get(verb=Verb.EXPORT_COMPLETE).index
    for name, director in (("zoo", city.helen), ("fire", scene.people["frank"])):
        things = scene.things[name]
        account = Account.objects.get(pk=things["account"])
        item = campaign.items.filter(account=account, mandated=False)[0]
        reviews.decide(actor=director, campaign=campaign, choices=[Choice(item.pk, "remove", "No more")])
        hold = holds.place(actor=city.mona, accounts=[account], matter="Case 1")[0]
        request = records.receive(
            actor=city.eleanor, number=f"ORR-{name}", received_on=today, subject="All", account=account
        )
        things |= {
            "campaign": str(campaign.pk),
            "closed_campaign": str(closed.pk),
            "review_item": str(item.pk),
            "hold": str(hold.pk),
            "records_request": str(request.pk),
            "exported": str(exported),
        }


def _hire(name: str, department: Department) -> Employee:
    first = name.split()[0].lower()
    person = services.hire(
        actor=None,
        employee_number=f"2-{first}",
        name=name,
        email=f"{first}@hutch.example",
        title="Staff",
        department=department,
        start=START,
    )
    person.set_password(PASSWORD)
    person.save(update_fields=["password"])
    return person


def _things(
    city: City, name: str, department: Department, director: Employee, asker: Employee
) -> dict[str, str]:
    colleague = _hire(f"Colleague-{name} Reed", department)
    account = open_account(city.dana, department, f"Hutch{name.title()}")
    credential = deposited(city.sam, account)
    page = open_account(city.dana, department, f"Hutchinson{name.title()}", "facebook")
    gone = _gone(city, colleague, department, director, page)
    designation = Designation.objects.filter(department=department, effective_until=None).first()
    designation = designation or designate(
        _hire(f"Designee-{name} Cole", department), department, by=director, confirmed_by=city.carla
    )
    report = impostors.report(actor=None, address=f"https://x.com/Hutch{name.title()}s")
    neighbour = neighbours.add(
        actor=city.tom, platform=Platform.objects.get(slug="x"), address=f"not_{name}", owner="Reno County"
    )
    role = give_role(colleague, Role.Name.PUBLIC_INFORMATION, by=city.carla, confirmed_by=city.ruth)
    asked: dict[str, Any] = {"department": department, "poster": asker, "backup": director, "by": asker}
    handle = f"@hutch{name}"
    request = submitted(city, handle=f"{handle}one", **asked)
    endorsed = submitted(city, handle=f"{handle}two", **asked)
    approvals.endorse(actor=director, request=endorsed)
    paper = SimpleUploadedFile("release.pdf", b"%PDF-1.4 a form")
    return {
        "file": str(approvals.attach(actor=asker, request=request, file=paper).pk),
        "department": str(department.pk),
        "person": str(asker.pk),
        "account": str(account.pk),
        "opening": str(page.pk),
        "way": str(ways.add(actor=city.sam, account=account, kind="carrier", detail="The City").pk),
        "platform": str(Platform.objects.get(slug="x").pk),
        "credential": str(credential.pk),
        "role_custody": str(Custody.objects.get(account=page, person=director).pk),
        "gone_custody": str(gone.pk),
        "held_appointment": str(seat_of(director).pk),
        "held_designation": str(designation.pk),
        "held_role": str(role.pk),
        "report": str(report.pk),
        "report_number": report.number,
        "neighbour": str(neighbour.pk),
        "emergency": str(_emergency(city, credential).pk),
        "gone_person": str(_left_with_a_secret(city, department, director, credential).pk),
        "gone_day": clock.today().isoformat(),
        "office": str(Office.objects.get(department=department).pk),
        "entry": "1",
        "event": str(SecurityEvent.objects.all()[0].pk),
        "request": request.number,
        "draft": draft(city, handle=f"{handle}three", **asked).number,
        "request_id": str(request.pk),
        "request_seen": request.content_hash(),
        "endorsed_id": str(endorsed.pk),
        "endorsed_seen": endorsed.content_hash(),
        "colleague": str(colleague.email),
        "without_factor": str(_lost_factor(city, colleague).pk),
        "session": str(_session(asker).pk),
        "affiliation": str(_affiliation(director, account).pk),
        **_waiting(city, department, asker),
    }


def _emergency(city: City, credential: Credential) -> EmergencyAccess:
    """A glass that Sam has broken, whose review waits."""
    opened, _shown = breakglass.open_glass(
        actor=city.sam, credential=credential, reason="The river rises and nobody can be reached."
    )
    return opened


def _left_with_a_secret(
    city: City, department: Department, director: Employee, credential: Credential
) -> Employee:
    """Somebody who has left knowing the password."""
    gone = _hire(f"Gone-{department.code} Price", department)
    version = SecretVersion.objects.get(item__credential=credential)
    knowledge.declare_told(actor=director, version=version, person=gone)
    services.separate(actor=city.carla, employee=gone, last_day=clock.today(), reason="Left")
    return gone


def _lost_factor(city: City, person: Employee) -> Employee:
    """Somebody whose reset Sam has asked for."""
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": "x"})
    factors.ask_reset(actor=city.sam, person=person, reason="A lost telephone")
    return person


def _affiliation(by: Employee, account: Account) -> Affiliation:
    return affiliations.record_affiliation(
        actor=by, account=account, kind="page", name="State Fair", url="https://x.com/fair", purpose="Events"
    )


def _session(person: Employee) -> UserSession:
    made = UserSession(
        user=person, ip="192.0.2.1", session_key=f"elsewhere-{person.pk}", user_agent="Browser"
    )
    made.save()
    return made


def _gone(city: City, person: Employee, department: Department, director: Employee, page: Any) -> Custody:
    """Custody of a role on the platform that has ended here and not yet there."""
    paper = designate(person, department, by=director, confirmed_by=city.carla)
    custody = Custody.objects.get(account=page, person=person)
    platform_roles.confirm_role(actor=city.sam, custody=custody)
    yesterday = clock.today() - timedelta(days=1)
    services.end_designation(actor=city.carla, designation=paper, last_day=yesterday, reason="Over")
    custody.refresh_from_db()
    return custody


def _waiting(city: City, department: Department, person: Employee) -> dict[str, str]:
    """An appointment, a designation and a role that wait for a second person; recorded by Ruth."""
    by, office = city.ruth, Office.objects.get(department=department)
    appointment = services.record_appointment(
        actor=by, office=office, holder=person, start=START, end=None, acting=True, instrument=PAPER
    )
    designation = services.record_designation(
        actor=by,
        department=department,
        designee=person,
        start=START,
        end=None,
        instrument=PAPER,
        whole_department=True,
    )
    role = services.record_role(
        actor=by, holder=person, name=Role.Name.AUDITOR, start=START, end=None, instrument=PAPER
    )
    return {
        "waiting_appointment": str(appointment.pk),
        "waiting_designation": str(designation.pk),
        "waiting_role": str(role.pk),
    }
