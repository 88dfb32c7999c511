"""Importing a personnel file through its command: what changes, what is refused, what is left alone."""

from __future__ import annotations

import datetime as dt
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import clock
from audit.errors import Refused
from audit.models import Entry
from audit.verification import verify
from employees import people, services
from employees.models import Appointment, Department, Employee, Employment, PersonnelImport
from tests.cast import City, client_of, seat_of

HEAD = "employee_number,name,email,title,department,kind,start,end"
ANN = "E1,Ann Lee,ann@city.example,Clerk,parks,employee,2024-01-08,"
BOB = "E2,Bob Ray,bob@city.example,Ranger,zoo,employee,2024-01-08,"


class Files:
    """Writes personnel files and imports them; `out` and `err` are what the last import said."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path = folder / "people.csv"
        self._capsys = capsys
        self.out = self.err = ""

    def write(self, *rows: str, head: str = HEAD) -> None:
        self.path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")

    def run(self, *options: str) -> int:
        """The exit code, as the shell would see it."""
        self._capsys.readouterr()
        code = 0
        try:
            call_command("import_employees", str(self.path), *options)
        except SystemExit as error:
            code = int(str(error.code))
        except CommandError as error:
            print(error)
            code = error.returncode
        captured = self._capsys.readouterr()
        self.out, self.err = captured.out, captured.err
        return code

    def imports(self, *rows: str) -> None:
        self.write(*rows)
        assert self.run() == 0, self.err + self.out


@pytest.fixture
def files(db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Files:
    if not Department.objects.exists():
        services.create_departments(
            actor=None, departments=[("parks", "Parks and Facilities"), ("zoo", "City Zoo")]
        )
    return Files(tmp_path, capsys)


def number(text: str) -> Employee:
    return Employee.objects.get(employee_number=text)


def test_a_file_hires_people_and_a_second_run_changes_nothing(files: Files) -> None:
    files.imports(ANN, "E2,Bob Ray,BOB@City.Example,Ranger,CITY  zoo,Contractor,2024-02-01,2030-06-30")
    assert "2 rows: 2 hired." in files.out
    bob = number("E2")
    assert (bob.email, bob.kind, bob.department) == (
        "bob@city.example",
        "contractor",
        Department.objects.get(code="zoo"),
    )
    assert bob.employments.get().end == date(2030, 6, 30)
    assert not bob.has_usable_password()

    before = list(Employee.objects.values())
    assert files.run() == 0
    assert "2 rows: nothing changes." in files.out
    assert list(Employee.objects.values()) == before
    assert PersonnelImport.objects.count() == 2
    assert verify().findings == []


def test_names_are_whatever_people_have(files: Files) -> None:
    names = ["Nguyễn Thị Minh Khai", "O’Brien-Šćepanović", "李小龍", "می\u200cخواهم", "X Æ A-12", "Bob"]
    files.imports(*(f"N{place},{name},,,parks,,2024-01-08," for place, name in enumerate(names)))
    assert {person.name for person in Employee.objects.all()} == set(names)


@pytest.mark.parametrize(
    ("row", "field", "words"),
    [
        ("E9,,a@b.example,,parks,,2024-01-08,", "name", "not empty"),
        ("E9,Pa\u202eul,a@b.example,,parks,,2024-01-08,", "name", "U+202E"),
        ("E9,Pa\u200bul,a@b.example,,parks,,2024-01-08,", "name", "U+200B"),
        (",Paul,a@b.example,,parks,,2024-01-08,", "employee_number", "not empty"),
        ("E9,Paul,no address,,parks,,2024-01-08,", "email", "name@city.example"),
        ("E9,Paul,pau\u017f@b.example,,parks,,2024-01-08,", "email", "name@city.example"),
        ("E9,Paul,a@b.example,,harbour,,2024-01-08,", "department", "--create-departments"),
        ("E9,Paul,a@b.example,,,,2024-01-08,", "department", "parks (Parks and Facilities)"),
        ("E9,Paul,a@b.example,,parks,pirate,2024-01-08,", "kind", "volunteer"),
        ("E9,Paul,a@b.example,,parks,,01/08/2024,", "start", "2026-11-23"),
        ("E9,Paul,a@b.example,,parks,,20240108,", "start", "2026-11-23"),
        ("E9,Paul,a@b.example,,parks,,,", "start", "empty"),
        ("E9,Paul,a@b.example,,parks,,2024-01-08,2023-01-01", "end", "before the first"),
        ("E9,Paul,a@b.example,,parks,,2024-01-08,,surplus", "row", "comma"),
    ],
)
def test_a_row_with_an_error_is_named_and_nothing_changes(
    files: Files, row: str, field: str, words: str
) -> None:
    files.write(ANN, row)
    assert files.run() == 1
    assert f"line 3, {field}: " in files.err
    assert words in files.err
    assert not Employee.objects.exists()


def test_duplicates_are_errors_whatever_their_case(files: Files) -> None:
    files.write(
        ANN, "e1,Other,other@city.example,,parks,,2024-01-08,", "E3,Third,ANN@CITY.example,,zoo,,2024-01-08,"
    )
    assert files.run() == 1
    assert "line 3, employee_number: e1 stands also in line 2." in files.err
    assert "line 4, email: ann@city.example stands also in line 2." in files.err
    assert not Employee.objects.exists()


def test_skip_invalid_imports_the_others_and_keeps_the_rejected(files: Files) -> None:
    files.write(ANN, "E9,Paul,a@b.example,,harbour,,2024-01-08,")
    assert files.run("--skip-invalid") == 0
    assert [person.employee_number for person in Employee.objects.all()] == ["E1"]
    rejected = Path(f"{files.path}.rejected.csv").read_text(encoding="utf-8").splitlines()
    assert rejected[0] == f"{HEAD},line,reasons"
    assert rejected[1].startswith('E9,Paul,a@b.example,,harbour,,2024-01-08,,3,"department: “harbour”')
    assert len(rejected) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "lacks the columns"),
        (b"employee_number,name\nE1,Ann\n", "email, title"),
        (HEAD.encode() + b"\n", "lists nobody"),
        (HEAD.encode() + b"\n" + b"\x81\x8d\xff", "neither UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_exits_2(files: Files, content: bytes, words: str) -> None:
    files.path.write_bytes(content)
    assert files.run() == 2
    assert words in files.out


def test_a_missing_file_exits_2(files: Files) -> None:
    assert files.run() == 2
    assert "cannot be read" in files.out


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings_and_line_ends(files: Files, encoding: str) -> None:
    text = "\r\n".join([HEAD, "E1,Zoë Müller,zoe@city.example,,parks,,2024-01-08,", ""])
    files.path.write_bytes(text.encode(encoding))
    assert files.run() == 0
    assert number("E1").name == "Zoë Müller"
    assert ("read as Windows-1252" in files.out) is (encoding == "cp1252")


def test_a_dry_run_says_what_the_real_one_does_and_changes_nothing(files: Files) -> None:
    files.imports(ANN, BOB, "E3,Cy Fox,cy@city.example,Keeper,zoo,,2024-01-08,")
    entries = Entry.objects.count()
    yesterday = clock.today() - timedelta(days=1)
    files.write(
        "E1,Ann Lee-Moss,ann.moss@city.example,Clerk,zoo,employee,2024-01-08,",
        f"E2,Bob Ray,bob@city.example,Ranger,zoo,employee,2024-01-08,{yesterday}",
        "E4,Dee Orr,bob@city.example,Ranger,parks,intern,2024-03-01,2030-01-31",
    )
    assert files.run("--dry-run") == 0
    said = files.out
    for line in (
        f"line 3: separate Bob Ray (E2): last day {yesterday}",
        "line 2: change Ann Lee (E1): name Ann Lee → Ann Lee-Moss",
        "line 2: change Ann Lee (E1): email ann@city.example → ann.moss@city.example",
        f"line 2: transfer Ann Lee (E1): Parks and Facilities, Clerk → City Zoo, Clerk, from {clock.today()}",
        "line 4: hire Dee Orr (E4): Parks and Facilities, Ranger, from 2024-03-01 to 2030-01-31",
        "missing: Cy Fox (E3), left alone",
        "3 rows: 1 hired, 1 changed, 1 moved, 1 separated, 1 missing from the file. Dry run: nothing was changed.",
    ):
        assert line in said
    assert Entry.objects.count() == entries
    assert number("E2").is_active
    assert number("E3").missed_imports == 0

    assert files.run() == 0
    assert [line for line in said.splitlines() if line.startswith("line")] == [
        line for line in files.out.splitlines() if line.startswith("line")
    ]
    assert number("E4").email == "bob@city.example"
    assert number("E2").email is None
    assert Employment.objects.get(employee__employee_number="E2").email == "bob@city.example"
    assert number("E1").department == Department.objects.get(code="zoo")
    assert number("E1").employments.count() == 2
    assert files.run() == 0
    assert "nothing changes" in files.out
    assert verify().findings == []


def test_two_people_swap_their_addresses_in_one_file(files: Files) -> None:
    files.imports(ANN, BOB)
    files.imports(ANN.replace("ann@", "bob@"), BOB.replace("bob@", "ANN@"))
    assert (number("E1").email, number("E2").email) == ("bob@city.example", "ann@city.example")
    assert set(Employment.objects.values_list("email", flat=True)) == {"ann@city.example", "bob@city.example"}
    assert verify().findings == []


def test_an_address_that_a_missing_person_still_has_is_an_error(files: Files) -> None:
    files.imports(ANN)
    files.write("E5,New One,Ann@City.example,,zoo,,2024-01-08,")
    assert files.run() == 1
    assert "line 2, email: ann@city.example belongs to Ann Lee, employee E1." in files.err


def test_a_rejected_row_keeps_its_persons_address_from_others(files: Files) -> None:
    """Bob would have given his address to Ann; his row is rejected, so hers is as well."""
    files.imports(ANN, BOB)
    files.write(ANN.replace("ann@", "bob@"), BOB.replace("bob@", "bob.ray@").replace("zoo", "harbour"))
    assert files.run("--skip-invalid") == 0
    assert "line 2, email: bob@city.example belongs to Bob Ray" in files.err
    assert number("E1").email == "ann@city.example"
    assert number("E2").missed_imports == 0


def test_missing_from_two_real_imports_in_a_row_is_a_question(files: Files) -> None:
    files.imports(ANN, BOB)
    files.imports(ANN)
    assert "missing: Bob Ray (E2), left alone" in files.out
    files.write(ANN)
    assert files.run("--dry-run") == 0
    assert "from 2 imports in a row: ask whether they left" in files.out
    assert people.to_question() == []
    assert files.run() == 0
    assert "from 2 imports in a row: ask whether they left" in files.out
    assert people.to_question() == [number("E2")]
    assert number("E2").is_active
    files.imports(ANN, BOB)
    assert people.to_question() == []


def test_an_end_that_has_passed_separates_as_the_button_does(city: City, files: Files) -> None:
    client = client_of(city.helen)
    assert client.get("/healthz").status_code in (200, 404)
    last_day = clock.today() - timedelta(days=3)
    files.write(f"{city.helen.employee_number},Helen Okafor,helen@hutch.example,,zoo,,2024-01-08,{last_day}")
    seat = seat_of(city.helen)
    assert files.run("--dry-run") == 0
    assert "ends: Director of Hutchinson Zoo" in files.out
    assert files.run() == 0
    helen = number(city.helen.employee_number)
    assert (helen.is_active, helen.email) == (False, None)
    assert helen.employments.get().end == last_day
    assert Appointment.objects.in_force().filter(pk=seat.pk).count() == 0
    assert "_auth_user_id" not in client.session
    assert files.run() == 0
    assert verify().findings == []


def test_who_was_reported_to_have_left_is_not_taken_on_by_a_late_file(city: City, files: Files) -> None:
    services.separate(actor=city.sam, employee=city.noah, last_day=clock.today(), reason="Resigned")
    row = f"{city.noah.employee_number},Noah Fischer,noah@hutch.example,Firefighter,fire,,2024-01-08,"
    files.imports(row)
    assert "left alone" in files.out
    assert not number(city.noah.employee_number).is_active


def test_a_reported_last_day_is_not_put_off_by_a_late_file(city: City, files: Files) -> None:
    soon = clock.today() + timedelta(days=10)
    services.set_last_day(actor=city.sam, employee=city.noah, last_day=soon)
    files.imports(
        f"{city.noah.employee_number},Noah Fischer,noah@hutch.example,Firefighter,fire,,2024-01-08,"
    )
    assert f"reported as {soon}, the file says none: left alone" in files.out
    assert city.noah.employments.get().end == soon


def test_a_new_first_day_rehires_without_the_old_seats(city: City, files: Files) -> None:
    today = clock.today()
    services.separate(actor=city.sam, employee=city.helen, last_day=today, reason="Resigned")
    with clock.moved_to(clock.now() + timedelta(days=40)):
        start = today + timedelta(days=30)
        files.imports(f"{city.helen.employee_number},Helen Okafor,h2@hutch.example,Advisor,fire,,{start},")
        assert (
            f"rehire Helen Okafor ({city.helen.employee_number}): Fire Department, Advisor, from {start}"
            in files.out
        )
        helen = number(city.helen.employee_number)
        assert (helen.is_active, helen.email) == (True, "h2@hutch.example")
        assert not Appointment.objects.in_force().filter(holder=helen).exists()
        assert not helen.has_usable_password()
    assert verify().findings == []


def test_titles_and_departments_change_from_their_day_on(files: Files) -> None:
    files.imports(ANN)
    since = clock.today() - timedelta(days=5)
    files.imports(f"E1,Ann Lee,ann@city.example,Chief Clerk,parks,employee,{since},")
    assert f"change Ann Lee (E1): title Clerk → Chief Clerk, from {since}" in files.out
    first, second = number("E1").employments.order_by("start")
    assert (first.end, first.title) == (since - timedelta(days=1), "Clerk")
    assert (second.start, second.title, second.ended_at) == (since, "Chief Clerk", None)


def test_who_is_still_listed_after_the_last_day_moves_only_when_it_is_put_off(files: Files) -> None:
    """Between the end of the last day and the daily run nobody has been separated yet."""
    today = clock.today()
    files.imports(ANN + f"{today}", BOB + f"{today}")
    services.set_last_days(actor=None, days=[(number("E2"), today)], reported=True)
    with clock.moved_to(clock.end_of(today)):
        rows = ANN.replace("Clerk,parks", "Ranger,zoo"), BOB.replace("Ranger,zoo", "Clerk,parks")
        files.imports(*rows)
        assert "last day was reported" in files.out
        moved = number("E1").employments.get(ended_at=None)
        assert (moved.department.code, moved.end) == ("zoo", None)
        assert number("E2").employments.get().end == today
        with pytest.raises(Refused):
            services.transfer(
                actor=None,
                employee=number("E2"),
                department=Department.objects.get(code="parks"),
                title="Clerk",
                start=clock.today(),
            )
        assert verify().findings == []


def test_a_move_that_lies_ahead_waits(files: Files) -> None:
    files.imports(ANN)
    ahead = clock.today() + timedelta(days=9)
    files.imports(f"E1,Ann Lee,ann@city.example,Clerk,zoo,employee,{ahead},")
    assert f"Ann Lee moves on {ahead}" in files.out
    assert number("E1").employments.count() == 1
    with clock.moved_to(clock.now() + dt.timedelta(days=9)):
        files.imports(f"E1,Ann Lee,ann@city.example,Clerk,zoo,employee,{ahead},")
        assert "transfer Ann Lee" in files.out


def test_new_departments_are_created_when_asked_for(files: Files) -> None:
    files.write(
        ANN, "E2,Bob,bob@city.example,,Fire & Rescue,,2024-01-08,", "E3,Cy,,,fire & rescue,,2024-01-08,"
    )
    assert files.run("--create-departments", "--dry-run") == 0
    assert "create the department Fire & Rescue (fire-rescue)" in files.out
    assert Department.objects.count() == 2
    assert files.run("--create-departments") == 0
    made = Department.objects.get(code="fire-rescue")
    assert made.office.title == "Director of Fire & Rescue"
    assert made.people.count() == 2


def test_queries_grow_by_batches_not_by_rows(files: Files) -> None:
    counts = []
    for size in (10, 300):
        rows = [
            f"Q{size}-{one},Person {one},q{size}.{one}@city.example,T,parks,,2024-01-08,"
            for one in range(size)
        ]
        files.write(*rows)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert files.run() == 0
        counts.append(len(captured))
    assert counts[1] <= counts[0] + 6
