"""Roles on platforms are custody too: who, which, since when, confirmed by whom, and still present until seen gone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Account, Capability, Platform
from audit import clock, verification
from audit.errors import ConflictOfInterest, Invalid, NotPermitted, Refused, Stale
from credentials import custody, platform_roles, sharing, warnings
from credentials.models import Credential, Custody
from employees import services as people
from tests.cast import City, client_of, designate
from tests.credentials.accounts import (
    custodians,
    deposited,
    open_account,
    permissions_mirror_custody,
    reconciling_changes_nothing,
    rotated,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def credential(city: City) -> Credential:
    return deposited(city.helen, open_account(city.dana, city.zoo))


def delegate(city: City, account: Account) -> Custody:
    designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    return platform_roles.give(actor=city.helen, account=account, person=city.priya, role="Contributor")


def test_a_delegate_holds_beside_the_login_and_loses_both_with_the_ground(
    city: City, credential: Credential
) -> None:
    role = delegate(city, credential.account)
    assert reconciling_changes_nothing()
    platform_roles.confirm_role(actor=city.dana, custody=role)
    people.separate(actor=city.carla, employee=city.priya, last_day=clock.today(), reason="Left")
    role.refresh_from_db()
    assert role.still_present
    assert custodians(credential.account) == {"dana", "marcus", "helen"}
    assert Custody.objects.standing().filter(person=city.priya).count() == 0
    assert permissions_mirror_custody()
    platform_roles.confirm_removal(actor=city.dana, custody=role)
    assert not role.still_present
    assert verification.verify().findings == []


def test_taking_a_role_away_leaves_the_login(city: City, credential: Credential) -> None:
    role = delegate(city, credential.account)
    platform_roles.confirm_role(actor=city.dana, custody=role)
    platform_roles.take(actor=city.helen, custody=role)
    assert role.still_present
    assert "priya" in custodians(credential.account)
    with pytest.raises(Stale):
        platform_roles.take(actor=city.helen, custody=role)
    assert reconciling_changes_nothing()
    assert verification.verify().findings == []


def test_who_may_not(city: City, credential: Credential) -> None:
    account = credential.account
    designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    give = platform_roles.give
    with pytest.raises(NotPermitted):
        give(actor=city.tom, account=account, person=city.priya, role="Contributor")
    with pytest.raises(ConflictOfInterest):
        give(actor=city.helen, account=account, person=city.helen, role="Admin")
    with pytest.raises(Invalid):
        give(actor=city.helen, account=account, person=city.priya, role="Emperor")
    with pytest.raises(Refused):
        give(actor=city.helen, account=account, person=city.noah, role="Contributor")
    made = give(actor=city.helen, account=account, person=city.priya, role="Contributor")
    with pytest.raises(Stale):
        give(actor=city.sam, account=account, person=city.priya, role="Admin")
    with pytest.raises(NotPermitted):
        platform_roles.confirm_role(actor=city.priya, custody=made)


def test_a_role_that_the_rule_wants_is_not_taken_away(city: City) -> None:
    page = open_account(city.dana, city.zoo, "HutchinsonZoo", "facebook")
    role = Custody.objects.get(account=page, person=city.helen)
    with pytest.raises(Refused):
        platform_roles.take(actor=city.sam, custody=role)


def test_one_with_full_control_is_a_warning_two_are_none(city: City) -> None:
    page = open_account(city.dana, city.zoo, "HutchinsonZoo", "facebook")
    for person in (city.helen, city.dana, city.marcus):
        role = Custody.objects.get(account=page, person=person)
        platform_roles.confirm_role(actor=city.sam, custody=role)
    page.refresh_from_db()
    assert warnings.of_account(page) == []
    for person in (city.dana, city.marcus):
        Custody.objects.filter(account=page, person=person).update(present_confirmed_at=None)
    (found,) = warnings.of_account(page)
    assert found.text == "Helen Okafor alone has full control on Facebook; two people at least should."
    assert found.text in client_of(city.sam).get("/custody/?show=thin").content.decode()


def test_one_knower_none_and_a_vacant_seat(city: City, credential: Credential) -> None:
    account = credential.account
    (one,) = warnings.of_account(account)
    assert one.text == "Only Helen Okafor knows the current password."
    people.separate(actor=city.carla, employee=city.helen, last_day=clock.today(), reason="Left")
    kinds = {one.kind for one in warnings.of_account(account)}
    assert kinds == {warnings.NO_KNOWER, warnings.VACANT}
    page = client_of(city.dana).get(f"/credentials/{credential.pk}/").content.decode()
    assert "Nobody with authority knows the current password" in page
    assert "has left the City" in page  # who left stands among those who know


def gives_roles(owner_login: bool) -> None:
    """From tomorrow on."""
    Capability.objects.create(
        platform=Platform.objects.get(slug="tiktok"),
        since=clock.today() + timedelta(days=1),
        owner_login=owner_login,
        roles=[{"name": "Manager", "full_control": True, "may_grant": True}],
    )


@pytest.fixture
def tiktok(city: City) -> Credential:
    return deposited(city.helen, open_account(city.dana, city.zoo, "hutchzoo", "tiktok"))


def test_a_login_that_no_longer_needs_sharing_stays_shared_until_it_is_rotated(
    city: City, tiktok: Credential
) -> None:
    account = tiktok.account
    gives_roles(owner_login=False)
    assert sharing.outgrown([account]) == []
    shared = Custody.objects.standing().filter(account=account, channel=Custody.Channel.SHARED_LOGIN)
    with clock.moved_to(clock.now() + timedelta(days=2)):
        (found,) = sharing.outgrown([account])
        assert "has no login to share" in found.sentence
        custody.reconcile_all(actor=None, reason="test")
        assert custodians(account) == {"dana", "marcus", "helen"}
        assert shared.count() == 3
        page = client_of(city.sam).get("/custody/").content.decode()
        assert "No longer needs sharing" in page

        rotated(city.sam, tiktok)
        custody.reconcile_all(actor=None, reason="test")

        assert shared.count() == 0
        assert custodians(account) == {"dana", "marcus", "helen"}
        assert sharing.outgrown([account]) == []
        assert permissions_mirror_custody()
        assert reconciling_changes_nothing()
        # The capability was put there by the test, without an entry.
        assert [one for one in verification.verify().findings if "accounts.capability" not in one] == []


def test_roles_beside_the_login_are_said_until_it_is_rotated(city: City, tiktok: Credential) -> None:
    gives_roles(owner_login=True)
    with clock.moved_to(clock.now() + timedelta(days=2)):
        assert len(sharing.outgrown([tiktok.account])) == 1
        rotated(city.sam, tiktok)
        assert sharing.outgrown([tiktok.account]) == []


def test_the_page_gives_confirms_and_takes(city: City, credential: Credential) -> None:
    designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    address = f"/custody/accounts/{credential.account_id}/roles/"
    helen, dana = client_of(city.helen), client_of(city.dana)
    said = helen.post(address, {"person": city.priya.pk, "role": "Contributor"}, follow=True)
    assert "Priya Nair is to be Contributor on X." in said.content.decode()
    role = Custody.objects.get(channel=Custody.Channel.PLATFORM_ROLE)
    said = dana.post(f"/custody/{role.pk}/confirm/", {"roles": "1"}, follow=True)
    assert said.redirect_chain[-1][0] == address
    assert "seen there by Dana Whitfield" in said.content.decode()
    said = helen.post(f"/custody/{role.pk}/take/", follow=True)
    assert "Still present" in said.content.decode()


def test_each_gap_and_surplus_has_the_click_that_mends_it(city: City) -> None:
    """The empty seat of Fire leads to its form; what ran out is closed without waiting for the daily run."""
    today = clock.today()
    open_account(city.dana, city.fire, "HutchFire")
    page = client_of(city.carla).get("/custody/").content.decode()
    assert f"/people/offices/{city.fire.office.pk}/fill/" in page
    zoo = open_account(city.dana, city.zoo)
    designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla, end=today)
    row = Custody.objects.get(account=zoo, person=city.priya)
    with clock.moved_to(clock.end_of(today) + timedelta(hours=1)):
        sam = client_of(city.sam)
        assert f"/custody/{row.pk}/close/" in sam.get("/custody/?show=surplus").content.decode()
        said = sam.post(f"/custody/{row.pk}/close/", follow=True).content.decode()
        assert "One custody is closed." in said
        row.refresh_from_db()
        assert row.closed_at is not None
        assert permissions_mirror_custody()
        assert client_of(city.dana).post(f"/custody/{row.pk}/close/", follow=True).status_code == 200
