"""A rotation is due exactly while somebody without present authority knows the current version, or it was reported."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts import services as registry
from accounts.models import Account
from audit import clock
from audit.errors import Invalid, NotPermitted
from credentials import dues, knowledge, rotation, vault
from credentials.models import Credential, SecretVersion
from employees import services as people
from employees.models import Role
from tests.cast import City, appoint, designate, give_role, seat_of
from tests.credentials.accounts import deposited, open_account, rotated

pytestmark = pytest.mark.django_db


@pytest.fixture
def credential(city: City) -> Credential:
    return deposited(city.helen, open_account(city.dana, city.zoo))


def reasons() -> list[tuple[str, set[str]]]:
    assert dues.count() == len(dues.queue())
    return [(due.reason, {knower.person.name.split()[0] for knower in due.knowers}) for due in dues.queue()]


def test_nothing_is_due_while_everybody_who_knows_is_entitled(city: City, credential: Credential) -> None:
    vault.reveal(actor=city.dana, credential=credential)
    assert reasons() == []


def test_leaving_makes_due_what_one_knows_and_only_that(city: City, credential: Credential) -> None:
    other = deposited(city.dana, open_account(city.dana, city.zoo, "HutchZooKids"))
    people.separate(actor=city.carla, employee=city.helen, last_day=clock.today(), reason="Left")

    assert reasons() == [(dues.LEFT, {"Helen"})]
    assert dues.queue()[0].account == credential.account
    assert other.account_id != credential.account_id


def test_viewing_twice_and_rotating_once_is_clean(city: City, credential: Credential) -> None:
    vault.reveal(actor=city.dana, credential=credential)
    vault.reveal(actor=city.dana, credential=credential)
    people.separate(actor=city.carla, employee=city.dana, last_day=clock.today(), reason="Left")
    assert len(reasons()) == 1

    rotated(city.sam, credential)

    assert reasons() == []


def test_only_a_verified_rotation_clears(city: City, credential: Credential) -> None:
    people.separate(actor=city.carla, employee=city.helen, last_day=clock.today(), reason="Left")
    started = rotation.start(actor=city.sam, credential=credential)
    rotation.show(actor=city.sam, rotation=started)
    rotation.claim_changed(actor=city.sam, rotation=started)
    assert [reason for reason, _who in reasons()] == [dues.LEFT]
    assert dues.queue()[0].rotation == started
    rotation.cancel(actor=city.sam, rotation=started)
    assert [reason for reason, _who in reasons()] == [dues.LEFT]


def test_a_designation_that_ran_out_makes_due_since_its_last_instant(
    city: City, credential: Credential
) -> None:
    today = clock.today()
    designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla, end=today)
    vault.reveal(actor=city.priya, credential=credential)
    assert reasons() == []
    with clock.moved_to(clock.end_of(today) + timedelta(days=3, hours=2)):
        assert reasons() == [(dues.LOST, {"Priya"})]
        (due,) = dues.queue()
        assert due.since == clock.end_of(today)
        assert due.days == 3


def test_an_it_rotator_knows_with_authority_while_holding_the_role(
    city: City, credential: Credential
) -> None:
    rotated(city.sam, credential)
    assert reasons() == []

    give_role(city.rex, Role.Name.INFORMATION_TECHNOLOGY, by=city.carla, confirmed_by=city.ruth)
    role = Role.objects.get(holder=city.sam, name=Role.Name.INFORMATION_TECHNOLOGY)
    people.end_role(actor=city.carla, role=role, last_day=clock.today(), reason="Moved to another team")
    with clock.moved_to(clock.end_of(clock.today())):
        assert reasons() == [(dues.LOST, {"Sam"})]


def test_an_it_rotator_who_leaves_makes_it_due(city: City, credential: Credential) -> None:
    rotated(city.sam, credential)
    people.separate(actor=city.carla, employee=city.sam, last_day=clock.today(), reason="Left")
    assert reasons() == [(dues.LEFT, {"Sam"})]


def test_coming_back_into_the_seat_ends_the_lack_of_authority_for_what_one_knew(
    city: City, credential: Credential
) -> None:
    """Somebody else's lack stays: regaining access clears only what present authority covers."""
    people.separate(actor=city.carla, employee=city.helen, last_day=clock.today(), reason="Left")
    designate_again = people.rehire(
        actor=city.carla,
        employee=city.helen,
        email="helen.okafor@hutch.example",
        title="Volunteer",
        department=city.zoo,
        start=clock.today(),
    )
    assert designate_again is not None
    assert reasons() == [(dues.LOST, {"Helen"})]


def test_a_report_makes_due_until_that_version_is_replaced(city: City, credential: Credential) -> None:
    version = SecretVersion.objects.get()
    knowledge.report(actor=city.helen, version=version, reason="It stood in a shared document")
    assert reasons() == [(dues.REPORTED, set())]
    rotated(city.sam, credential)
    assert reasons() == []


def test_who_was_told_and_holds_nothing_makes_it_due(city: City, credential: Credential) -> None:
    version = SecretVersion.objects.get()
    knowledge.declare_told(actor=city.helen, version=version, person=city.noah)
    assert reasons() == [(dues.LOST, {"Noah"})]


def test_bad_reports_and_tellings_change_nothing(city: City, credential: Credential) -> None:
    version = SecretVersion.objects.get()
    with pytest.raises(NotPermitted):
        knowledge.report(actor=city.noah, version=version, reason="I saw it")
    with pytest.raises(NotPermitted):
        knowledge.declare_told(actor=city.noah, version=version, person=city.helen)
    for reason in ("", "   ", "x" * 301):
        with pytest.raises(Invalid):
            knowledge.report(actor=city.helen, version=version, reason=reason)
    for at in (clock.now() + timedelta(hours=1), clock.now() - timedelta(days=400)):
        with pytest.raises(Invalid):
            knowledge.declare_told(actor=city.helen, version=version, person=city.noah, at=at)
    assert reasons() == []


def test_left_stands_before_reported_before_lost(city: City, credential: Credential) -> None:
    def another(handle: str) -> Account:
        return open_account(city.dana, city.parks, handle)

    reported, lost = (
        deposited(city.olive, another("HutchParks")),
        deposited(city.olive, another("HutchPools")),
    )
    version = SecretVersion.objects.get(item__credential=lost)
    knowledge.declare_told(actor=city.olive, version=version, person=city.noah)
    version = SecretVersion.objects.get(item__credential=reported)
    knowledge.report(actor=city.olive, version=version, reason="Seen on a desk")
    people.separate(actor=city.carla, employee=city.helen, last_day=clock.today(), reason="Left")

    assert [reason for reason, _who in reasons()] == [dues.LEFT, dues.REPORTED, dues.LOST]


def test_regaining_access_clears_nothing(city: City, credential: Credential) -> None:
    """Helen loses her seat for two days and has it again: what she could write down meanwhile she still has."""
    office = seat_of(city.helen).office
    yesterday = clock.today() - timedelta(days=1)
    people.end_appointment(
        actor=city.carla, appointment=seat_of(city.helen), last_day=yesterday, reason="Left the office"
    )
    began = clock.now()
    assert reasons() == [(dues.LOST, {"Helen"})]
    with clock.moved_to(clock.now() + timedelta(days=2)):
        appoint(city.helen, office, by=city.carla, confirmed_by=city.ruth, start=clock.today())
        assert reasons() == [(dues.LOST, {"Helen"})]
        (due,) = dues.queue()
        assert due.knowers[0].since <= began
        assert due.knowers[0].until == clock.now()
        vault.reveal(actor=city.helen, credential=credential)
        assert reasons() == [(dues.LOST, {"Helen"})]
        rotated(city.sam, credential)
        assert reasons() == []
        vault.reveal(actor=city.helen, credential=credential)
        assert reasons() == []


def test_from_acting_to_substantive_without_a_day_between_is_no_gap(
    city: City, credential: Credential
) -> None:
    office = seat_of(city.helen).office
    today = clock.today()
    acting = appoint(city.priya, office, by=city.carla, confirmed_by=city.ruth, acting=True, end=today)
    assert acting.acting
    people.end_appointment(
        actor=city.carla, appointment=seat_of(city.helen), last_day=today, reason="Retires"
    )
    appoint(city.priya, office, by=city.carla, confirmed_by=city.ruth, start=today + timedelta(days=1))
    vault.reveal(actor=city.priya, credential=credential)
    rotated(city.sam, credential)
    vault.reveal(actor=city.priya, credential=credential)
    with clock.moved_to(clock.end_of(today) + timedelta(hours=3)):
        assert reasons() == []


def test_notes_and_names_are_not_rotating(city: City, credential: Credential) -> None:
    """Whatever else of an account is edited, what is due stays due."""
    people.separate(actor=city.carla, employee=city.helen, last_day=clock.today(), reason="Left")
    account = credential.account
    registry.describe(actor=city.dana, account=account, short_description="New words")
    credential.login = "another@hutch.example"
    credential.save(update_fields=["login"])
    assert reasons() == [(dues.LEFT, {"Helen"})]
