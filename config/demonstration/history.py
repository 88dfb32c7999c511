"""The story of the demonstration city, in the order in which it happened. Numbers are days before today."""

from __future__ import annotations

import csv
import secrets
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.core.management import call_command

from accounts import services as accounts
from accounts.models import Account
from config import daily
from config.demonstration import codes, keeping, public, requests, reviews, ways
from config.demonstration.cast import ACCOUNTS, ACCOUNTS_FOUND, DEPARTMENTS, PEOPLE, email
from config.demonstration.stage import Stage
from credentials import breakglass, hands, knowledge, rotation, vault
from credentials.models import EmergencyAccess
from employees import services as people
from employees.models import Designation, Employee, Office, Role

PASSWORD = "hutch-demo-password"  # printed by the command; the database is marked as a demonstration
FOUNDED = 600

PI, IT, DIRECTOR = Office.Kind.PI_DIRECTOR, Office.Kind.IT_DIRECTOR, Office.Kind.DEPARTMENT_DIRECTOR


def tell(stage: Stage, progress: Callable[[str], None]) -> None:
    """Make the whole history."""
    chapters: tuple[tuple[str, Callable[[Stage], None]], ...] = (
        ("people and first seats", _founding),
        ("offices and roles", _seats),
        ("the accounts that were there already", _registry),
        ("the vault", _vault),
        ("what else opens the accounts", ways.early),
        ("designees", _designees),
        ("the policy", keeping.first_policy),
        ("the first year", _first_year),
        ("a Director leaves, another acts", _change_of_directors),
        ("Parks changes hands", _parks),
        ("requests decided long ago", requests.long_ago),
        ("the first access review", reviews.in_summer),
        ("the zoo", _zoo),
        ("what stands in the accounts' settings", ways.found),
        ("profiles looked at", keeping.yearly_reviews),
        ("requests of every other kind", requests.of_every_kind),
        ("requests of these weeks", requests.lately),
        ("neighbours and impostors", public.tell),
        ("a request nobody came back to", keeping.forgotten_request),
        ("the policy's second version", keeping.second_policy),
        ("groups and pages", keeping.groups_and_pages),
        ("two pages that nobody had listed", _found_lately),
        ("the last days", _last_days),
        ("a stale copy", ways.lately),
    )
    for title, chapter in chapters:
        progress(title)
        chapter(stage)
    keeping.mail_went_out()
    encoded = make_password(PASSWORD)
    Employee.objects.filter(is_active=True).update(password=encoded)
    for person in Employee.objects.filter(is_active=True):
        codes.enrol(person)


def _founding(stage: Stage) -> None:
    with stage.on(FOUNDED, "08:00"):
        made = people.create_departments(actor=None, departments=list(DEPARTMENTS))
        stage.departments = {department.code: department for department in made}
        for number, person in enumerate(PEOPLE):
            if person.hired >= FOUNDED:
                _hire(stage, number)
        people.seat_first_officers(
            pi_director=stage["ruth"], it_director=stage["marcus"], instrument="City Council resolution 14"
        )


def _hire(stage: Stage, number: int) -> None:
    person = PEOPLE[number]
    stage.people[person.key] = people.hire(
        actor=None,
        employee_number=str(10400 + number),
        name=person.name,
        email=email(person.name),
        title=person.title,
        department=stage.departments[person.department],
        kind=person.kind,
        start=stage.day(person.hired),
    )


def _seats(stage: Stage) -> None:
    with stage.on(FOUNDED - 1):
        for clerk in ("carla", "ellis"):
            stage.give_role(clerk, Role.Name.CLERK, by="ruth", confirmed_by="marcus")
        for it in ("sam", "nina"):
            stage.give_role(it, Role.Name.INFORMATION_TECHNOLOGY, by="marcus", confirmed_by="carla")
        stage.give_role("lena", Role.Name.PUBLIC_INFORMATION, by="ruth", confirmed_by="carla")
        stage.give_role("eleanor", Role.Name.AUDITOR, by="carla", confirmed_by="ellis")
        stage.appoint(
            "mona", Office.Kind.CITY_MANAGER, "City Council resolution 15", by="carla", confirmed_by="ellis"
        )
        for holder, department in (
            ("ruth", "public-information"),
            ("marcus", "information-technology"),
            ("mona", "city-manager"),
            ("ray", "fire"),
            ("grace", "police"),
            ("walter", "parks"),
            ("henry", "public-works"),
            ("helen", "zoo"),
        ):
            stage.appoint(
                holder,
                DIRECTOR,
                "City Manager's letter 2025-07",
                department=department,
                by="carla",
                confirmed_by="ellis",
            )


def _registry(stage: Stage) -> None:
    """The list that the City kept in a spreadsheet comes in, and the PI Director attests it."""
    with stage.on(FOUNDED - 4):
        _import(ACCOUNTS)
    with stage.on(FOUNDED - 5):
        accounts.attest(actor=stage["ruth"], accounts=list(Account.objects.all()))


def _found_lately(stage: Stage) -> None:
    """Two pages that nobody had listed come in; they wait for the PI Director to attest them."""
    with stage.on(4, "15:10"):
        _import(ACCOUNTS_FOUND)


def _import(rows: Iterable[tuple[str, str, str, str, str]]) -> None:
    columns = (
        "account_platform account_url account_name short_description long_description "
        "language agencies contacts notes"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "accounts.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(columns.split())
            names = dict(DEPARTMENTS)
            for platform, url, name, about, department in rows:
                writer.writerow([platform, url, name, about, "", "English", names[department], "", ""])
        with (Path(folder) / "printed").open("w") as printed:
            call_command("import_accounts", str(path), stdout=printed)


def _made_up() -> str:
    """A password for one of the demonstration's accounts; it opens nothing anywhere."""
    return f"Demo-{secrets.token_urlsafe(12)}"


def _vault(stage: Stage) -> None:
    with stage.on(FOUNDED - 6):
        for by, reference, login in (
            ("ruth", "x:HutchGov", "social@hutch.example"),
            ("sam", "youtube:@CityOfHutchTV", "video@hutch.example"),
            ("ray", "x:HutchFireDept", "fire-social@hutch.example"),
            ("henry", "x:HutchWorks", "works-social@hutch.example"),
            ("walter", "instagram:hutchrecreation", "parks-social@hutch.example"),
            ("helen", "x:HutchZoo", "zoo-social@hutch.example"),
            ("helen", "instagram:hutchinsonzoo", "zoo-social@hutch.example"),
        ):
            stage.deposit(by, reference, login, _made_up())
        for account in Account.objects.filter(credential=None):
            stage.confirm_roles("nina", str(account.pk))


def _designees(stage: Stage) -> None:
    with stage.on(FOUNDED - 8):
        stage.designate("joel", "public-information", "Memo 2025-3", by="ruth", confirmed_by="carla")
        stage.designate("curtis", "zoo", "Zoo memo 12", by="helen", confirmed_by="carla")
        stage.designate("alma", "parks", "Parks memo 4", by="walter", confirmed_by="carla")
        stage.designate("omar", "public-works", "Works order 88", by="henry", confirmed_by="ellis")
        stage.designate("luis", "police", "General order 2025-11", by="grace", confirmed_by="ellis")
        stage.designate("noah", "fire", "Chief's memo 31", by="ray", confirmed_by="ellis", end=stage.day(75))


def _first_year(stage: Stage) -> None:
    for before, who, reference in (
        (585, "joel", "x:HutchGov"),
        (580, "joel", "youtube:@CityOfHutchTV"),
        (571, "curtis", "x:HutchZoo"),
        (560, "alma", "instagram:hutchrecreation"),
        (552, "noah", "x:HutchFireDept"),
        (540, "omar", "x:HutchWorks"),
        (512, "ruth", "x:HutchGov"),
        (498, "curtis", "instagram:hutchinsonzoo"),
        (455, "helen", "x:HutchZoo"),
        (431, "joel", "x:HutchGov"),
        (402, "luis", "facebook:HutchPoliceDept"),
        (377, "marcus", "x:HutchGov"),
        (360, "noah", "x:HutchFireDept"),
    ):
        if reference.startswith("facebook:"):
            continue
        with stage.on(before, "09:20"):
            stage.reveal(who, reference)
    with stage.on(500, "11:00"):
        stage.note("ruth", "marcus", "ray", "henry", "walter", "alma", "omar", "luis")
    with stage.on(420, "22:10"):
        emergency = stage.break_glass(
            "nina",
            "x:HutchWorks",
            "Ice on every bridge at night; neither Henry Walsh nor Omar Haddad answered.",
        )
    with stage.on(419, "09:15"):
        breakglass.review(
            actor=stage["marcus"],
            emergency=emergency,
            finding=EmergencyAccess.Finding.JUSTIFIED,
            note="Both were on the plows.",
        )
    with stage.on(418, "10:00"):
        stage.rotate("sam", "x:HutchWorks", "Opened in an emergency")
    with stage.on(417, "08:20"):
        stage.note("ruth", "marcus", "henry", "omar")
    with stage.on(400, "08:30"):
        _hire(stage, [person.key for person in PEOPLE].index("rosa"))
    with stage.on(333, "14:05"):
        stage.rotate("sam", "x:HutchGov", "The platform reported a sign-in from abroad")
    with stage.on(330, "08:10"):
        stage.reveal("ruth", "x:HutchGov")
    with stage.on(329, "16:40"):
        stage.reveal("joel", "x:HutchGov")
    with stage.on(316, "14:05"):
        stage.rotate("sam", "x:HutchZoo", "The handle was misspelt in a newsletter")
    with stage.on(312, "09:45"):
        stage.reveal("curtis", "x:HutchZoo")
    with stage.on(301, "10:45"):
        stage.reveal("helen", "x:HutchZoo")


def _change_of_directors(stage: Stage) -> None:
    """Ruth Ellery retires knowing a password; it is rotated only weeks later. Dana Whitfield acts, then follows her."""
    with stage.on(270, "16:00") as day:
        people.separate(actor=stage["carla"], employee=stage["ruth"], last_day=day, reason="Retirement")
    with stage.on(268, "08:30"):
        for kind, department in ((PI, None), (DIRECTOR, "public-information")):
            stage.appoint(
                "dana",
                kind,
                "City Manager's letter 2026-12",
                department=department,
                acting=True,
                by="carla",
                confirmed_by="ellis",
            )
    with stage.on(262, "11:10"):
        # Joel Hammond's designation had lapsed with Ruth Ellery's appointment.
        stage.designate("joel", "public-information", "Memo 2026-4", by="dana", confirmed_by="carla")
        stage.reveal("dana", "x:HutchGov")
    with stage.on(260, "09:00"):
        for page in ("facebook:CityOfHutchinson", "linkedin:city-of-hutchinson"):
            stage.confirm_roles("nina", page)
            stage.confirm_removal("nina", page, "ruth")
    with stage.on(218, "13:30"):
        stage.rotate("nina", "x:HutchGov", "Ruth Ellery had left")
        stage.rotate("nina", "x:HutchZoo", "Routine after a change of directors")
    with stage.on(217, "08:55"):
        stage.reveal("dana", "x:HutchGov")
    with stage.on(205, "08:55"):
        stage.reveal("joel", "x:HutchGov")
    with stage.on(175, "08:00"):
        for kind, department in ((PI, None), (DIRECTOR, "public-information")):
            office = stage.office(kind, department)
            acting = office.appointments.get(acting=True)
            stage.appoint(
                "dana",
                kind,
                "City Council resolution 2026-41",
                department=department,
                by="carla",
                confirmed_by="ellis",
            )
            for designation in Designation.objects.in_force().filter(made_under=acting):
                people.carry_designation(
                    actor=stage["dana"],
                    designation=designation,
                    appointment=office.appointments.get(acting=False, holder=stage["dana"]),
                )
            people.end_appointment(
                actor=stage["carla"], appointment=acting, last_day=stage.day(175), reason="Appointed"
            )
    with stage.on(160, "15:15"):
        stage.reveal("joel", "youtube:@CityOfHutchTV")
    with stage.on(159, "15:15"):
        stage.reveal("joel", "x:HutchGov")


def _parks(stage: Stage) -> None:
    """Walter Boone leaves; the designation that he made lapses with his appointment, and nobody carried it over."""
    with stage.on(200, "12:00") as day:
        people.separate(actor=stage["ellis"], employee=stage["walter"], last_day=day, reason="Retirement")
    with stage.on(198, "09:00"):
        stage.appoint(
            "olive",
            DIRECTOR,
            "City Manager's letter 2026-15",
            department="parks",
            acting=True,
            by="carla",
            confirmed_by="ellis",
        )
    with stage.on(190, "10:30"):
        stage.rotate("sam", "instagram:hutchrecreation", "Walter Boone had left and a designation lapsed")
    with stage.on(150, "09:00"):
        acting = stage.office(DIRECTOR, "parks").appointments.get(acting=True)
        stage.appoint(
            "olive",
            DIRECTOR,
            "City Manager's letter 2026-22",
            department="parks",
            by="carla",
            confirmed_by="ellis",
        )
        people.end_appointment(
            actor=stage["carla"], appointment=acting, last_day=stage.day(150), reason="Appointed"
        )
    with stage.on(141, "10:30"):
        stage.reveal("olive", "instagram:hutchrecreation")


def _zoo(stage: Stage) -> None:
    """Curtis Vale leaves; for 39 days he knows a password without authority."""
    with stage.on(146, "16:18"):
        stage.reveal("curtis", "x:HutchZoo")
    with stage.on(108, "17:00") as day:
        people.separate(actor=stage["helen"], employee=stage["curtis"], last_day=day, reason="Resigned")
    with stage.on(98, "10:05"):
        stage.designate("priya", "zoo", "Zoo memo 19", by="helen", confirmed_by="carla")
    with stage.on(90, "08:30"):
        _hire(stage, [person.key for person in PEOPLE].index("ivy"))
    with stage.on(82, "09:12"):
        # She says today what happened before Curtis left: as-of pages list it as recorded later.
        known = vault.current_version(vault.item_of(stage.credential("x:HutchZoo")))
        assert known is not None
        knowledge.declare_told(actor=stage["helen"], version=known, person=stage["helen"])
    with stage.on(74, "02:00"):
        daily.run()
    with stage.on(69, "13:30"):
        stage.rotate("nina", "x:HutchZoo", "Curtis Vale had left")
        stage.rotate("nina", "instagram:hutchinsonzoo", "Curtis Vale had left")
    with stage.on(97, "11:00"):
        stage.give_role_there("helen", "x:HutchZoo", "priya", "Contributor", confirmed_by="nina")
    with stage.on(68, "10:15"):
        stage.reveal("priya", "x:HutchZoo")
    with stage.on(67, "10:15"):
        stage.reveal("helen", "x:HutchZoo")
    with stage.on(60, "08:05"):
        stage.note("dana", "helen", "olive")  # Marcus and Priya have not yet
    with stage.on(31, "08:40"):
        stage.reveal("priya", "x:HutchZoo")


def _last_days(stage: Stage) -> None:
    with stage.on(10, "17:00") as day:
        people.separate(actor=stage["dana"], employee=stage["joel"], last_day=day, reason="Resigned")
    with stage.on(9, "09:30"):
        # His departure is followed half way: one role is gone, one is still there, two passwords are due.
        stage.confirm_removal("nina", "linkedin:city-of-hutchinson", "joel")
    with stage.on(7, "02:00"):
        daily.run()
    reviews.these_days(stage)
    with stage.on(4, "11:20"):
        known = vault.current_version(vault.item_of(stage.credential("instagram:hutchrecreation")))
        assert known is not None
        knowledge.report(
            actor=stage["olive"], version=known, reason="The password stood in a shared document."
        )
    with stage.on(2, "15:10"):
        people.set_last_day(actor=stage["carla"], employee=stage["sam"], last_day=stage.day(-25))
        people.set_last_day(actor=stage["carla"], employee=stage["ivy"], last_day=stage.day(-60))
    with stage.on(1, "09:30"):
        started = rotation.start(
            actor=stage["nina"],
            credential=stage.credential("x:HutchFireDept"),
            reason="Noah Price's designation ran out",
        )
        rotation.show(actor=stage["nina"], rotation=started)
    with stage.on(1, "10:05"):
        # X sends its code to the Fire Department's telephone: the Chief changes it there.
        hands.hand_over(actor=stage["nina"], rotation=started, to=stage["ray"])
    with stage.on(1, "10:40"):
        people.record_designation(
            actor=stage["helen"],
            department=stage.departments["zoo"],
            designee=stage["rosa"],
            start=stage.today,
            instrument="Zoo memo 23",
        )
    reviews.papers(stage)
    with stage.on(1, "21:40"):
        stage.break_glass(
            "sam",
            "x:HutchWorks",
            "A water main burst on Severance Street; Public Works could not be reached.",
        )
    with stage.on(0, "02:00"):
        daily.run()
