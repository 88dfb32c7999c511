"""The pages of people, through the front door."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.formats import date_format

from audit import clock, statistics
from audit.verification import verify
from employees import authority, services
from employees.models import Appointment, Designation, Employee, Office, Role
from tests.cast import START, City, appoint, client_of, designate, seat_of


def url(name: str, *args: object) -> str:
    return reverse(f"employees:{name}", args=args)


def text_of(client: Client, address: str, code: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == code, address
    return response.content.decode()


def after(client: Client, address: str, **data: object) -> str:
    """The page to which a form that was sent leads."""
    response = client.post(address, data, follow=True)
    assert response.status_code == 200
    return response.content.decode()


# Who sees what


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("dana", (200, 200, 200)),
        ("mona", (200, 200, 200)),
        ("carla", (200, 200, 200)),
        ("sam", (200, 200, 403)),
        ("tom", (200, 200, 403)),
        ("eleanor", (200, 200, 403)),
        ("helen", (200, 200, 200)),
        ("olive", (200, 404, 200)),
        ("priya", (403, 200, 403)),
        ("noah", (403, 404, 403)),
        ("rex", (403, 404, 403)),
    ],
)
def test_who_sees_the_list_a_person_and_what_waits(
    city: City, name: str, codes: tuple[int, int, int]
) -> None:
    client = client_of(getattr(city, name))
    pages = (url("people"), url("person", city.priya.pk), url("waiting"))
    assert tuple(client.get(page).status_code for page in pages) == codes


def test_everything_wants_a_sign_in(city: City) -> None:
    for page in (url("people"), url("waiting"), url("person", 1), url("leaving", 1), url("appoint", 1)):
        response = Client().get(page)
        assert response.status_code == 302
        assert response.headers["Location"].startswith(reverse("account_login"))


def test_a_director_lists_the_own_department_only(city: City) -> None:
    page = text_of(client_of(city.helen), url("people"))
    assert "Priya Nair" in page
    assert "Joel Hansen" not in page
    assert "2 people in your department or its designees." in page


def test_the_list_is_searched_filtered_and_paged(city: City) -> None:
    client = client_of(city.carla)
    assert "Priya Nair" in text_of(client, url("people") + "?q=priy+nair")
    assert "Nobody fits these filters" in text_of(client, url("people") + "?q=zzz")
    assert "Noah Fischer" not in text_of(client, url("people") + "?department=zoo")
    services.hire_all(
        actor=None,
        newcomers=[
            services.Newcomer(f"n{n}", f"Name {n:03}", "", "", city.fire, "employee", START)
            for n in range(60)
        ],
    )
    seen: list[str] = []
    address = url("people") + "?department=fire"
    for _page in range(2):
        response = client.get(address)
        seen += [row["person"].name for row in response.context["rows"]]
        address = url("people") + response.context["next_page"]
    assert seen == [f"Name {n:03}" for n in range(60)] + ["Noah Fischer"]
    services.separate(actor=city.carla, employee=city.noah, last_day=clock.today(), reason="Left")
    assert "Noah Fischer" in text_of(client, url("people") + "?state=left")


@pytest.mark.parametrize("after", ["x", "99999999999999999999999", "-1", "²"])
def test_a_strange_page_mark_is_no_error(city: City, after: str) -> None:
    text_of(client_of(city.carla), url("people") + f"?after={after}&q=%00&state=zz")


def test_the_list_takes_the_same_queries_at_any_size(city: City) -> None:
    client = client_of(city.carla)
    counts = []
    for size in (10, 990):
        services.hire_all(
            actor=None,
            newcomers=[
                services.Newcomer(f"{size}-{n}", f"P {n}", "", "", city.fire, "employee", START)
                for n in range(size)
            ],
        )
        statistics.refresh()
        with CaptureQueriesContext(connection) as captured:
            text_of(client, url("people"))
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_what_waits_takes_the_same_queries_at_any_size(city: City) -> None:
    client = client_of(city.ruth)
    counts = []
    for size in (5, 50):
        people = services.hire_all(
            actor=None,
            newcomers=[
                services.Newcomer(f"{size}-{n}", f"P {n}", "", "", city.fire, "employee", START)
                for n in range(size)
            ],
        )
        for person in people:
            services.record_role(
                actor=city.carla, holder=person, name=Role.Name.AUDITOR, start=START, instrument="R"
            )
        with CaptureQueriesContext(connection) as captured:
            text_of(client, url("waiting"))
        counts.append(len(captured))
    assert counts[0] == counts[1]


# Recording and confirming


def test_an_appointment_from_the_form_to_its_effect(city: City) -> None:
    office = Office.objects.get(department=city.fire)
    clerk, other = client_of(city.carla), client_of(city.ruth)
    text_of(clerk, url("appoint", city.noah.pk))
    form = text_of(clerk, url("appoint", city.noah.pk))
    assert "(Helen Okafor)" in form  # once, also the second time
    assert "Director of Fire Department (vacant)" in form
    assert "Director of Hutchinson Zoo (Helen Okafor)" in form
    page = after(
        clerk,
        url("appoint", city.noah.pk),
        office=office.pk,
        start=str(clock.today()),
        instrument="Resolution 2026-41",
    )
    assert "takes effect once another registry clerk or officer confirms it" in page
    assert "Waits to be confirmed" in page
    made = Appointment.objects.get(holder=city.noah)

    mine = text_of(clerk, url("waiting"))
    assert "You recorded it; another registry clerk or officer confirms it." in mine
    assert url("confirm", "appointment", made.pk) not in mine
    assert clerk.post(url("confirm", "appointment", made.pk)).status_code == 403
    assert authority.directs(city.noah, city.fire) is None

    page = text_of(other, url("waiting"))
    assert "Noah Fischer is Director of Fire Department and holds the department’s accounts." in page
    assert "Confirmed: Noah Fischer, Director of Fire Department." in after(
        other, url("confirm", "appointment", made.pk)
    )
    assert authority.directs(city.noah, city.fire) is not None
    assert "This was confirmed before." in after(other, url("confirm", "appointment", made.pk))
    assert other.get(url("confirm", "appointment", made.pk)).status_code == 405
    assert verify().findings == []


def test_what_the_service_refuses_stands_beside_its_field(city: City) -> None:
    client = client_of(city.carla)
    office = seat_of(city.helen).office
    response = client.post(
        url("appoint", city.noah.pk),
        {"office": office.pk, "start": "2026-01-05", "end": "2026-01-01", "instrument": "R\u202e"},
    )
    assert response.status_code == 422
    assert response.context["form"].errors == {
        "instrument": ["instrument: expected without the invisible character U+202E RIGHT-TO-LEFT OVERRIDE."]
    }
    response = client.post(
        url("appoint", city.noah.pk),
        {"office": office.pk, "start": "2026-01-05", "end": "2026-01-01", "instrument": "R"},
    )
    assert list(response.context["form"].errors) == ["end"]
    assert not Appointment.objects.filter(holder=city.noah).exists()


def test_a_director_designates_from_the_page(city: City) -> None:
    client = client_of(city.helen)
    assert "Record a designation" in text_of(client, url("person", city.priya.pk))
    after(
        client,
        url("designate", city.priya.pk),
        department=city.zoo.pk,
        start=str(clock.today()),
        instrument="Memo 12",
    )
    made = Designation.objects.get(designee=city.priya)
    assert made.made_under == seat_of(city.helen)
    assert client.get(url("designate", city.helen.pk)).status_code == 403
    after(client_of(city.carla), url("confirm", "designation", made.pk))
    made.refresh_from_db()
    assert made.in_force()


def test_a_designee_who_moves_away_stays_in_sight_of_the_director(city: City) -> None:
    made = designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    services.transfer(
        actor=city.carla, employee=city.priya, department=city.parks, title="Ranger", start=clock.today()
    )
    client = client_of(city.helen)
    today = text_of(client, "/today/")
    assert "Designee of Hutchinson Zoo: Priya Nair moved to Parks and Facilities" in today
    assert made.in_force()
    assert "Priya Nair" in text_of(client, url("people"))
    assert "Priya Nair" in text_of(client, url("person", city.priya.pk))
    # Who works in Parks sees a colleague come, and the own Director nothing to mend.
    assert "moved to" not in text_of(client_of(city.olive), "/today/")
    page = after(client, url("end", "designation", made.pk), last_day=str(clock.today()), reason="Moved away")
    assert "Priya Nair" in page  # through today
    yesterday = clock.today() - timedelta(days=1)
    page = after(client, url("end", "designation", made.pk), last_day=str(yesterday), reason="Moved away")
    assert "has ended" in page
    assert "Priya Nair" not in text_of(client, url("people"))
    assert client.get(url("person", city.priya.pk)).status_code == 404


def test_a_director_offers_no_other_department(city: City) -> None:
    services.transfer(
        actor=city.carla, employee=city.joel, department=city.zoo, title="Keeper", start=clock.today()
    )
    response = client_of(city.helen).post(
        url("designate", city.joel.pk),
        {"department": city.parks.pk, "start": "2026-01-05", "instrument": "M"},
    )
    assert response.status_code == 422
    assert not Designation.objects.exists()


def test_a_paper_is_refused_with_a_reason(city: City) -> None:
    made = services.record_role(
        actor=city.carla, holder=city.noah, name=Role.Name.AUDITOR, start=START, instrument="R"
    )
    client = client_of(city.ruth)
    assert client.post(url("refuse", "role", made.pk), {"reason": ""}).status_code == 422
    assert "Refused: Noah Fischer, Auditor." in after(
        client, url("refuse", "role", made.pk), reason="Wrong person"
    )
    made.refresh_from_db()
    assert (made.refused, made.end_reason) == (True, "Wrong person")
    assert "Wrong person" in text_of(client, url("person", city.noah.pk))


def test_ending_names_the_consequence_first(city: City) -> None:
    designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    seat = seat_of(city.helen)
    client = client_of(city.carla)
    page = text_of(client, url("end", "appointment", seat.pk))
    assert "1 designation lapses, unless the successor carries it over before: Priya Nair." in page
    assert "The seat Director of Hutchinson Zoo is left vacant." in page
    seat.refresh_from_db()
    assert seat.in_force()
    yesterday = clock.today() - timedelta(days=1)
    page = after(client, url("end", "appointment", seat.pk), last_day=str(yesterday), reason="New post")
    assert "Helen Okafor, Director of Hutchinson Zoo has ended." in page
    assert authority.directs(city.helen, city.zoo) is None
    assert client_of(city.tom).get(url("end", "appointment", seat.pk)).status_code == 302


def test_the_last_it_role_shows_why_it_stays(city: City) -> None:
    role = Role.objects.get(holder=city.sam)
    client = client_of(city.carla)
    assert "last holder of the Information Technology role" in text_of(client, url("end", "role", role.pk))
    client.post(url("end", "role", role.pk), {"last_day": "2026-01-01", "reason": "x"})
    assert authority.is_information_technology(city.sam)


def test_a_successor_carries_designations_over_on_the_page(city: City) -> None:
    made = designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    friday = clock.today() + timedelta(days=4)
    services.end_appointment(
        actor=city.carla, appointment=seat_of(city.helen), last_day=friday, reason="Retires"
    )
    office = Office.objects.get(department=city.zoo)
    following = appoint(
        city.joel, office, by=city.carla, confirmed_by=city.ruth, start=friday + timedelta(days=1)
    )
    client = client_of(city.joel)
    today = text_of(client, "/today/")
    assert "Priya Nair, designee of Hutchinson Zoo" in today
    assert f"It lapses after {date_format(friday, 'DATE_FORMAT')}" in today
    assert "Yours to carry over" in text_of(client, url("waiting"))
    assert client_of(city.olive).post(url("carry", made.pk)).status_code == 404
    assert "stays designee under your appointment" in after(client, url("carry", made.pk))
    made.refresh_from_db()
    assert (made.made_under, made.effective_until) == (following, None)


# Leaving


def test_leaving_shows_everything_before_it_is_confirmed(city: City) -> None:
    designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    client = client_of(city.marcus)
    page = text_of(client, url("leaving", city.helen.pk))
    for words in (
        "Helen Okafor leaves",
        "1 office, designation or role ends",
        "1 seat is left vacant, 1 designation of somebody else lapses",
        "Designation of Priya Nair",
        "At once,",
        "Separate Helen Okafor",
    ):
        assert words in page
    assert Employee.objects.get(pk=city.helen.pk).is_active
    page = after(client, url("leaving", city.helen.pk), last_day=str(clock.today()), reason="Resigned")
    assert "Helen Okafor was separated." in page
    assert "Helen Okafor has left" in page
    assert "Designation of" not in page
    assert "and holds nothing" in text_of(client, url("person", city.helen.pk))
    assert not Employee.objects.get(pk=city.helen.pk).is_active
    assert (
        "The departure left nothing to be done"
        not in client.get(url("leaving", city.helen.pk)).content.decode()
    )


def test_a_day_to_come_is_recorded_and_can_be_cleared(city: City) -> None:
    friday = clock.today() + timedelta(days=4)
    director, clerk = client_of(city.helen), client_of(city.carla)
    page = text_of(director, url("leaving", city.priya.pk) + f"?last_day={friday}")
    assert "At the end of" in page
    after(director, url("leaving", city.priya.pk), last_day=str(friday), reason="New job")
    assert city.priya.employments.get().end == friday
    assert Employee.objects.get(pk=city.priya.pk).is_active
    assert director.post(url("stays", city.priya.pk)).status_code == 403
    assert "stays: clear the last day" in text_of(clerk, url("leaving", city.priya.pk))
    assert "the last day was cleared" in after(clerk, url("stays", city.priya.pk))
    assert city.priya.employments.get().end is None


def test_leaving_wants_a_reason_and_a_day(city: City) -> None:
    client = client_of(city.carla)
    for data in ({"last_day": str(clock.today()), "reason": ""}, {"last_day": "soon", "reason": "x"}, {}):
        assert client.post(url("leaving", city.noah.pk), data).status_code == 422
    assert text_of(client, url("leaving", city.noah.pk) + "?last_day=2026-99-99")
    assert Employee.objects.get(pk=city.noah.pk).is_active


@pytest.mark.parametrize(
    ("name", "code"),
    [("sam", 200), ("helen", 200), ("dana", 200), ("tom", 403), ("olive", 404), ("priya", 403), ("rex", 404)],
)
def test_who_opens_the_leaving_page(city: City, name: str, code: int) -> None:
    assert client_of(getattr(city, name)).get(url("leaving", city.priya.pk)).status_code == code
