"""Custody follows the papers, in the same transaction, and guardian's permissions follow custody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import services as accounts
from audit import clock
from audit.models import Entry
from audit.replay import Replayed
from credentials import custody, grants, seats
from credentials.models import Custody, Ground
from employees import services as people
from employees.models import Designation, Office
from tests.cast import City, appoint, designate
from tests.credentials.accounts import (
    custodians,
    deposited,
    open_account,
    permissions_mirror_custody,
    reconciling_changes_nothing,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _everything_agrees_afterwards(city: City) -> Iterator[None]:
    """After whatever a test did: permissions mirror custody, custody is what the papers want, replay agrees."""
    yield
    assert permissions_mirror_custody()
    assert reconciling_changes_nothing()
    replayed = Replayed()
    for text in Entry.objects.order_by("index").values_list("canonical", flat=True):
        replayed.add(json.loads(text))
    assert list(replayed.differences()) == []


def test_a_new_account_is_held_by_the_three_seats(city: City) -> None:
    account = open_account(city.dana, city.zoo)

    assert custodians(account) == {"dana", "marcus", "helen"}
    assert [seat.custodies[0].person for seat in seats.of_account(account)] == [
        city.dana,
        city.marcus,
        city.helen,
    ]


def test_a_superuser_holds_nothing(city: City) -> None:
    account = open_account(city.dana, city.zoo)
    assert "rex" not in custodians(account)


def test_a_designee_holds_the_departments_accounts_and_no_others(city: City) -> None:
    zoo, parks = open_account(city.dana, city.zoo), open_account(city.dana, city.parks, "HutchParks")
    designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)

    assert custodians(zoo) == {"dana", "marcus", "helen", "priya"}
    assert custodians(parks) == {"dana", "marcus", "olive"}


def test_a_designation_for_named_accounts_reaches_only_those(city: City) -> None:
    one, two = open_account(city.dana, city.zoo), open_account(city.dana, city.zoo, "HutchZooKids")
    paper = people.record_designation(
        actor=city.helen,
        department=city.zoo,
        designee=city.priya,
        start=clock.today(),
        instrument="Zoo memo 1",
        whole_department=False,
    )
    accounts.name_accounts(actor=city.helen, designation=paper, accounts=[two])
    people.confirm_designation(actor=city.carla, designation=paper)

    assert "priya" not in custodians(one)
    assert "priya" in custodians(two)


def test_nothing_opens_before_a_second_person_confirmed(city: City) -> None:
    account = open_account(city.dana, city.zoo)
    people.record_designation(
        actor=city.helen, department=city.zoo, designee=city.priya, start=clock.today(), instrument="Memo"
    )
    assert "priya" not in custodians(account)


def test_access_begins_and_ends_by_itself_on_the_papers_days(city: City) -> None:
    account = open_account(city.dana, city.zoo)
    today = clock.today()
    paper = people.record_designation(
        actor=city.helen,
        department=city.zoo,
        designee=city.priya,
        start=today + timedelta(days=3),
        end=today + timedelta(days=5),
        instrument="Memo",
    )
    people.confirm_designation(actor=city.carla, designation=paper)

    held = {}
    for days in (0, 2, 3, 5, 6):
        with clock.moved_to(clock.start_of(today + timedelta(days=days)) + timedelta(hours=12)):
            held[days] = "priya" in custodians(account)

    assert held == {0: False, 2: False, 3: True, 5: True, 6: False}


def test_the_last_day_is_included_to_its_last_instant(city: City) -> None:
    account = open_account(city.dana, city.zoo)
    today = clock.today()
    designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla, end=today)

    with clock.moved_to(clock.end_of(today) - timedelta(microseconds=1)):
        assert "priya" in custodians(account)
    with clock.moved_to(clock.end_of(today)):
        assert "priya" not in custodians(account)


def test_becoming_substantive_changes_the_ground_and_not_the_custody(city: City) -> None:
    account = open_account(city.dana, city.fire, "HutchFire")
    office = Office.objects.get(department=city.fire)
    acting = appoint(city.noah, office, by=city.carla, confirmed_by=city.ruth, acting=True)
    before = Custody.objects.get(account=account, person=city.noah)

    appoint(city.noah, office, by=city.carla, confirmed_by=city.ruth)
    people.end_appointment(actor=city.carla, appointment=acting, last_day=clock.today(), reason="Appointed")

    after = Custody.objects.get(account=account, person=city.noah)
    assert after.pk == before.pk
    assert after.closed_at is None
    kinds = set(Ground.objects.filter(custody=after, closed_at=None).values_list("kind", flat=True))
    assert Ground.Kind.APPOINTMENT in kinds


def test_a_new_pi_director_holds_every_account_and_the_old_one_none(city: City) -> None:
    every = [open_account(city.dana, city.zoo), open_account(city.dana, city.parks, "HutchParks")]
    office = Office.objects.get(kind=Office.Kind.PI_DIRECTOR)
    today, tomorrow = clock.today(), clock.today() + timedelta(days=1)
    people.end_appointment(
        actor=city.carla, appointment=office.appointments.get(), last_day=today, reason="Resigned the office"
    )
    appoint(city.tom, office, by=city.carla, confirmed_by=city.ruth, start=tomorrow)

    with clock.moved_to(clock.end_of(today) - timedelta(seconds=1)):
        assert all("dana" in custodians(account) and "tom" not in custodians(account) for account in every)
    with clock.moved_to(clock.start_of(tomorrow)):
        assert all("tom" in custodians(account) and "dana" not in custodians(account) for account in every)


def test_separation_closes_custody_at_once_and_designations_lapse_with_their_maker(city: City) -> None:
    account = open_account(city.dana, city.zoo)
    designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)

    people.separate(actor=city.carla, employee=city.helen, last_day=clock.today(), reason="Retirement")

    assert custodians(account) == {"dana", "marcus"}
    assert Designation.objects.in_force().count() == 0
    assert seats.gaps(seats.of_account(account)) != []


def test_a_known_last_day_bounds_every_ground(city: City) -> None:
    account = open_account(city.dana, city.zoo)
    last = clock.today() + timedelta(days=10)
    people.set_last_day(actor=city.carla, employee=city.helen, last_day=last)

    with clock.moved_to(clock.end_of(last) - timedelta(seconds=1)):
        assert "helen" in custodians(account)
    with clock.moved_to(clock.end_of(last)):
        assert "helen" not in custodians(account)


def test_a_grant_gives_one_person_one_account_until_its_day(city: City) -> None:
    account, other = open_account(city.dana, city.zoo), open_account(city.dana, city.zoo, "HutchZooKids")
    end = clock.today() + timedelta(days=7)
    grants.give(
        actor=city.dana,
        account=account,
        people=[city.tom],
        request_id="1",
        request_text="Request 2026-0131",
        start=clock.today(),
        end=end,
    )

    assert "tom" in custodians(account)
    assert "tom" not in custodians(other)
    ground = Ground.objects.get(custody__person=city.tom)
    assert (ground.kind, ground.authority) == (Ground.Kind.REQUEST, "Request 2026-0131")
    with clock.moved_to(clock.end_of(end)):
        assert "tom" not in custodians(account)


def test_a_grant_ends_with_the_employment_and_does_not_come_back(city: City) -> None:
    account = open_account(city.dana, city.zoo)
    grants.give(
        actor=city.dana,
        account=account,
        people=[city.tom],
        request_id="1",
        request_text="Request 2026-0131",
        start=clock.today(),
    )
    people.separate(actor=city.carla, employee=city.tom, last_day=clock.today(), reason="Left")
    assert "tom" not in custodians(account)
    people.rehire(
        actor=city.carla,
        employee=city.tom,
        email="tom.r@hutch.example",
        title="Volunteer",
        department=city.public_information,
        start=clock.today(),
    )
    assert "tom" not in custodians(account)


def test_platforms_with_roles_only_have_no_vault_entry(city: City) -> None:
    account = open_account(city.dana, city.zoo, "HutchinsonZoo", platform="facebook")

    assert not hasattr(account, "credential")
    rows = Custody.objects.filter(account=account)
    assert set(rows.values_list("channel", flat=True)) == {Custody.Channel.PLATFORM_ROLE}
    assert all(row.platform_role for row in rows)


def test_an_account_with_a_login_becomes_active_when_it_is_deposited(city: City) -> None:
    account = open_account(city.dana, city.zoo)
    assert account.state == account.State.PROVISIONING
    deposited(city.helen, account)
    account.refresh_from_db()
    assert account.state == account.State.ACTIVE


def test_the_number_of_queries_does_not_grow_with_accounts(city: City) -> None:
    def cost(count: int) -> int:
        made = [open_account(city.dana, city.zoo, f"Z{count}n{number}") for number in range(count)]
        people.end_designation(
            actor=city.carla,
            designation=designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla),
            last_day=clock.today(),
            reason="test",
        )
        with CaptureQueriesContext(connection) as queries:
            custody.reconcile(actor=None, accounts=made, reason="test")
        return len(queries)

    assert cost(3) == cost(30)
