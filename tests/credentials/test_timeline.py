"""The picture: who held, who knew without authority, drawn so that it reads without colours, scripts or styles."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from audit import clock, statistics
from credentials import drawing, grants, timeline, vault
from credentials.models import Credential, Custody, Ground, Knowledge, SecretVersion
from credentials.timeline import Span, joined, less
from employees import services as people
from employees.models import Employee
from tests.cast import City, client_of, designate, make_city
from tests.credentials.accounts import deposited, open_account, rotated

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(db: None) -> City:
    """The cast, as it was hired and seated 60 days ago."""
    with clock.moved_to(clock.now() - timedelta(days=60)):
        return make_city()


@pytest.fixture
def zoo(city: City) -> Credential:
    """Priya is designee from 40 days ago, reveals 30 days ago, leaves 20 days ago; rotated 10 days ago by Sam."""
    now = clock.now()
    with clock.moved_to(now - timedelta(days=40)):
        credential = deposited(city.helen, open_account(city.dana, city.zoo))
        designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    with clock.moved_to(now - timedelta(days=30)):
        vault.reveal(actor=city.priya, credential=credential)
    with clock.moved_to(now - timedelta(days=20)):
        people.separate(actor=city.carla, employee=city.priya, last_day=clock.today(), reason="Left")
    with clock.moved_to(now - timedelta(days=10)):
        rotated(city.sam, credential)
    return credential


def line_of(found: timeline.History, person: Employee) -> timeline.Line:
    return next(line for line in found.lines if line.key == person.pk)


def days(begin: int, end: int) -> int:
    """Calendar days from so many days ago to so many, both included: one more or less where clocks were put back."""
    now = clock.now()
    return (clock.day_of(now - timedelta(days=end)) - clock.day_of(now - timedelta(days=begin))).days + 1


def test_knowing_without_authority_is_worked_out_to_the_day(city: City, zoo: Credential) -> None:
    found = timeline.of_account(zoo.account)
    priya = line_of(found, city.priya)
    assert [(one.number, len(one.span.days), one.goes_on) for one in priya.without] == [
        (1, days(20, 10), False)
    ]
    assert [held.kind for held in priya.held] == [Ground.Kind.DESIGNATION]
    assert (len(priya.reveals), priya.knew) == (1, {1: "v1"})
    assert found.days_without == days(20, 10)
    assert [number for _at, number in found.versions] == [1, 2]
    # Sam rotated on the strength of the role, and holds nothing: no span, and a mark.
    assert (line_of(found, city.sam).without, line_of(found, city.sam).held) == ([], [])
    assert line_of(found, city.sam).handled


def test_the_page_says_it_draws_it_and_has_it_in_a_table(city: City, zoo: Credential) -> None:
    page = client_of(city.eleanor).get(f"/access/{zoo.account_id}/timeline/").text
    assert (
        f"On {days(20, 10)} of {days(40, 0)} days somebody knew the current password without authority."
        in page
    )
    assert "It is not so today." in page
    assert page.count('<svg class="oa-timeline__svg') == 2
    assert "knew version 1 without authority from" in page
    assert "The same in a table" in page
    assert not re.findall(r"\sstyle=", page)
    with clock.moved_to(clock.now() - timedelta(days=15)):
        assert "It is so today: Priya Nair" in timeline_text(city, zoo)


def timeline_text(city: City, zoo: Credential) -> str:
    from credentials.views.timeline import sentence

    return " ".join(sentence(timeline.of_account(zoo.account)))


def test_a_person_across_accounts(city: City, zoo: Credential) -> None:
    page = client_of(city.eleanor).get(f"/access/people/{city.priya.pk}/timeline/").text
    assert "What Priya Nair held, and when" in page
    assert "@HutchZoo on X" in page
    assert "knew v1" in page
    assert client_of(city.olive).get(f"/access/people/{city.priya.pk}/timeline/").text.count("<tr>") == 0


def test_the_window_cuts_and_one_person_can_be_picked(city: City, zoo: Credential) -> None:
    since = clock.today() - timedelta(days=5)
    found = timeline.of_account(zoo.account, since=since)
    assert found.days_without == 0
    assert all(held.span.start >= clock.start_of(since) for line in found.lines for held in line.held)
    page = client_of(city.eleanor).get(f"/access/{zoo.account_id}/timeline/?person={city.priya.pk}")
    assert {row.line.title for row in page.context["rows"]} == {"Priya Nair"}
    odd = client_of(city.eleanor).get(
        f"/access/{zoo.account_id}/timeline/?since=x&until=2001-01-01&person=-1"
    )
    assert odd.status_code == 200


def test_names_cannot_break_out_of_the_picture(city: City, zoo: Credential) -> None:
    Employee.objects.filter(pk=city.priya.pk).update(name='</svg><script>alert("x")</script>')
    page = client_of(city.eleanor).get(f"/access/{zoo.account_id}/timeline/").text
    assert "<script>alert" not in page


def test_grounds_differ_by_more_than_hue() -> None:
    """Each is a plain fill or a pattern of its own, and no two fills share a lightness and a pattern."""
    shapes = [fill if not fill.startswith("#") else "plain" for fill in drawing.FILLS.values()]
    assert len(set(shapes)) == len(shapes)


def test_a_page_of_two_thousand_entries_takes_few_queries(city: City, zoo: Credential) -> None:
    url = f"/access/{zoo.account_id}/timeline/"
    client = client_of(city.eleanor)
    client.get(url)
    with CaptureQueriesContext(connection) as before:
        client.get(url)
    version = SecretVersion.objects.get(item__credential=zoo, number=1)
    start = clock.now() - timedelta(days=39)
    holders = [city.helen, city.dana, city.marcus, *_hired(city, 50)]
    Knowledge.objects.bulk_create(
        Knowledge(version=version, person=holders[number % len(holders)], how="reveal", at=at, recorded_at=at)
        for number in range(2000)
        for at in [start + timedelta(minutes=number * 5)]
    )
    statistics.refresh()
    with CaptureQueriesContext(connection) as page:
        answer = client.get(url)
    assert len(answer.context["rows"]) > 50
    # What every page asks is no part of the history: session, person, roles, seats.
    own = [query["sql"] for query in page.captured_queries if HISTORY.match(query["sql"])]
    assert len(own) == 7, own
    assert len(page) == len(before) == len(own) + 4, [query["sql"][:200] for query in page.captured_queries]


HISTORY = re.compile(
    r'SELECT (?!1 AS)(?!"employees_role"."name").* FROM "(credentials_|accounts_account"|audit_entry"|employees_role")'
)


def _hired(city: City, count: int) -> list[Employee]:
    return Employee.objects.bulk_create(
        Employee(employee_number=f"t{number}", name=f"Person {number}", email=f"t{number}@hutch.example")
        for number in range(count)
    )


MOMENT = st.integers(0, 60)
SPANS = st.lists(st.tuples(MOMENT, st.integers(1, 20)).map(lambda one: (one[0], one[0] + one[1])), max_size=6)
ZERO = datetime(2026, 1, 1, tzinfo=UTC)


def span(start: int, end: int) -> Span:
    return Span(ZERO + timedelta(hours=start), ZERO + timedelta(hours=end))


@given(whole=st.tuples(MOMENT, st.integers(1, 40)), covers=SPANS)
def test_what_no_cover_touches_hour_by_hour(whole: tuple[int, int], covers: list[tuple[int, int]]) -> None:
    first, last = whole[0], whole[0] + whole[1]
    left = less(span(first, last), [span(*one) for one in covers])
    for hour in range(first, last):
        at = ZERO + timedelta(hours=hour, minutes=30)
        covered = any(start <= hour < end for start, end in covers)
        assert any(one.start <= at < one.end for one in left) is not covered
    assert joined(left) == left


def test_access_by_a_request_is_drawn_too(city: City, zoo: Credential) -> None:
    grants.give(
        actor=city.dana, account=zoo.account, people=[city.noah], request_id="7", request_text="Request 7",
        start=clock.today(),
    )  # fmt: skip
    assert Custody.objects.filter(person=city.noah).exists()
    with clock.moved_to(clock.now() + timedelta(hours=1)):
        assert [held.kind for held in line_of(timeline.of_account(zoo.account), city.noah).held] == [
            "request"
        ]
