"""Gaps, surplus, and platform roles to confirm, through the page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Account
from audit import clock
from credentials import platform_roles
from credentials.models import Custody, Ground
from employees import services as people
from tests.cast import City, client_of
from tests.credentials.accounts import deposited, open_account

pytestmark = pytest.mark.django_db
CUSTODY = "/custody/"


@pytest.fixture
def page_on_facebook(city: City) -> Account:
    return open_account(city.dana, city.zoo, "HutchinsonZoo", "facebook")


def row_of(account: Account, name: str) -> Custody:
    return Custody.objects.select_related("account", "person").get(account=account, person__name=name)


def test_a_gap_names_the_seat_the_account_and_who_mends_it(city: City) -> None:
    open_account(city.dana, city.fire, "HutchFire")
    open_account(city.dana, city.fire, "HutchFireJobs")
    page = client_of(city.eleanor).get(CUSTODY).text
    assert "One seat that the policy wants filled is empty." in page
    assert "Director of Fire Department, or a designee" in page
    assert "@HutchFire on X" in page
    assert "@HutchFireJobs on X" in page
    assert "A registry clerk records a Director" in page


def test_all_in_order_says_so(city: City) -> None:
    open_account(city.dana, city.zoo)
    assert "Everything is in order" in client_of(city.eleanor).get(CUSTODY).text


def test_a_ground_that_ran_out_is_surplus_and_one_to_come_is_not(city: City) -> None:
    account = open_account(city.dana, city.zoo)
    grounds = Ground.objects.filter(custody__account=account, custody__person=city.helen)
    grounds.update(effective_from=clock.now() + timedelta(days=3))
    assert client_of(city.eleanor).get(CUSTODY).context["counts"]["surplus"] == 0
    grounds.update(effective_from=clock.now() - timedelta(days=3), effective_until=clock.now())
    page = client_of(city.eleanor).get(CUSTODY + "?show=surplus")
    assert [row.person for row in page.context["surplus"]] == [city.helen]


def test_confirming_the_seats_roles_activates_the_account(city: City, page_on_facebook: Account) -> None:
    client = client_of(city.sam)
    assert client.get(CUSTODY).context["counts"]["unconfirmed"] == 3
    answer = None
    for name in ("Dana Whitfield", "Marcus Lindqvist", "Helen Okafor"):
        address = reverse("credentials:confirm_role", args=[row_of(page_on_facebook, name).pk])
        answer = client.post(address, follow=True)
        assert f"It is written down that {name} is " in answer.text
    assert answer is not None
    assert "The account is active now." in answer.text
    assert Account.objects.get(pk=page_on_facebook.pk).state == Account.State.ACTIVE
    again = client.post(
        reverse("credentials:confirm_role", args=[row_of(page_on_facebook, name).pk]), follow=True
    )
    assert "This role is confirmed already" in again.text


def test_nobody_confirms_their_own_role(city: City, page_on_facebook: Account) -> None:
    own = row_of(page_on_facebook, "Helen Okafor")
    page = client_of(city.helen).get(CUSTODY)
    assert own.pk not in page.context["may"]
    assert row_of(page_on_facebook, "Dana Whitfield").pk in page.context["may"]
    assert "somebody else confirms yours" in page.text
    assert client_of(city.helen).post(reverse("credentials:confirm_role", args=[own.pk])).status_code == 403
    own.refresh_from_db()
    assert own.present_confirmed_at is None


def test_a_removal_is_confirmed(city: City, page_on_facebook: Account) -> None:
    row = row_of(page_on_facebook, "Helen Okafor")
    platform_roles.confirm_role(actor=city.sam, custody=row)
    people.separate(actor=city.carla, employee=city.helen, last_day=clock.today(), reason="moved away")
    client = client_of(city.sam)
    page = client.get(CUSTODY)
    assert [one.pk for one in page.context["present"]] == [row.pk]
    assert "Still present on a platform" in page.text
    answer = client.post(
        reverse("credentials:confirm_removal", args=[row.pk]), {"show": "present"}, follow=True
    )
    assert "It is written down that Helen Okafor is gone" in answer.text
    assert answer.context["counts"]["present"] == 0


def test_directors_and_holders_see_theirs_and_nobody_else_anything(
    city: City, page_on_facebook: Account
) -> None:
    fire = open_account(city.dana, city.fire, "HutchFire")
    page = client_of(city.helen).get(CUSTODY)
    counts = page.context["counts"]
    assert {name: counts[name] for name in ("gaps", "surplus", "unconfirmed", "present")} == {
        "gaps": 0,
        "surplus": 0,
        "unconfirmed": 3,
        "present": 0,
    }
    assert "@HutchFire" not in page.text
    for person in (city.noah, city.rex, city.joel):
        assert client_of(person).get(CUSTODY).status_code == 403
    row = Custody.objects.filter(account=fire).first()
    assert row is not None
    assert client_of(city.helen).post(reverse("credentials:confirm_role", args=[row.pk])).status_code == 404


def test_the_account_page_carries_the_part_about_custody(city: City) -> None:
    credential = deposited(city.helen, open_account(city.dana, city.zoo))
    page = client_of(city.helen).get(reverse("accounts:registry_account", args=[credential.account_id])).text
    assert reverse("credentials:credential", args=[credential.pk]) in page
