"""The first two officers of an empty installation."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from audit.errors import Invalid, Refused
from audit.models import Entry
from audit.verification import verify
from employees import authority, services
from employees.models import Appointment, Employee, Office
from tests.cast import City


@pytest.fixture
def two(db: None) -> tuple[Employee, Employee]:
    department = services.create_department(actor=None, code="it", name="Information Technology")
    first, second = services.hire_all(
        actor=None,
        newcomers=[
            services.Newcomer(
                f"E{n}", f"Officer {n}", f"o{n}@city.example", "", department, "employee", date(2024, 1, 8)
            )
            for n in (1, 2)
        ],
    )
    return first, second


def seat(**changes: str) -> None:
    options = {"pi_director": "O1@City.example", "it_director": "e2", "instrument": "Resolution 1"} | changes
    call_command("seat_first_officers", **options)


def test_the_city_wide_offices_are_there_from_the_start(db: None) -> None:
    assert set(Office.objects.filter(department=None).values_list("kind", flat=True)) == {
        "pi_director",
        "it_director",
        "city_manager",
    }
    assert services.create_city_offices(actor=None) == []
    assert Entry.objects.filter(verb="employees.office.create").count() == 3


def test_two_are_seated_and_each_sets_a_password_once(
    two: tuple[Employee, Employee], capsys: pytest.CaptureFixture[str]
) -> None:
    seat(base_url="https://accounts.example/")
    said = capsys.readouterr().out
    assert "Officer 1 is Director of Public Information and Community Engagement." in said
    assert authority.holds(two[0], Office.Kind.PI_DIRECTOR)
    assert authority.holds(two[1], Office.Kind.IT_DIRECTOR)
    assert Entry.objects.filter(verb="employees.seats.first").count() == 1
    assert verify().findings == []

    links = re.findall(r"https://accounts\.example(/\S+)", said)
    assert len(links) == 2
    client = Client()
    form = client.get(links[0], follow=True)
    passwords = {"new_password1": "a long enough secret 9", "new_password2": "a long enough secret 9"}
    client.post(form.request["PATH_INFO"], passwords)
    assert Client().login(username="o1@city.example", password="a long enough secret 9")
    used = Client().get(links[0], follow=True)
    assert "new_password1" not in used.content.decode()


def test_it_is_refused_as_soon_as_seats_exist(two: tuple[Employee, Employee]) -> None:
    seat()
    with pytest.raises(CommandError, match="Seats exist already") as caught:
        seat()
    assert caught.value.returncode == 1
    assert Appointment.objects.count() == 2


def test_in_a_city_it_is_refused(city: City) -> None:
    with pytest.raises(Refused, match="Seats exist already"):
        services.seat_first_officers(pi_director=city.noah, it_director=city.joel, instrument="R")


@pytest.mark.parametrize(
    ("changes", "words", "code"),
    [
        ({"it_director": "o1@city.example"}, "One person cannot be both", 1),
        ({"pi_director": "nobody@city.example"}, "Nobody has the work e-mail", 2),
        ({"instrument": " "}, "instrument", 1),
    ],
)
def test_what_it_does_not_take(
    two: tuple[Employee, Employee], changes: dict[str, str], words: str, code: int
) -> None:
    with pytest.raises(CommandError, match=words) as caught:
        seat(**changes)
    assert caught.value.returncode == code
    assert not Appointment.objects.exists()


def test_who_cannot_sign_in_is_not_seated(two: tuple[Employee, Employee]) -> None:
    services.change(actor=None, employee=two[1], email="")
    with pytest.raises(Invalid, match="has no work e-mail"):
        services.seat_first_officers(pi_director=two[0], it_director=two[1], instrument="R")
