"""What holders keep up: the profile before an account is public and every year; groups and pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts import affiliations, profiles
from accounts.models import Account, Affiliation, ProfileReview
from accounts.profiles import Answer, Given
from audit import clock
from audit.errors import Invalid, NotPermitted, Stale
from audit.verification import verify
from config import daily, today
from credentials import provisioning, vault
from employees.models import Notice
from tests.approvals.paths import approved
from tests.cast import City, client_of
from tests.credentials.accounts import checked, deposited, open_account

pytestmark = pytest.mark.django_db

YES = {item.code: "yes" for item in profiles.ITEMS}


@pytest.fixture
def fresh(city: City) -> Account:
    """An account that a request has just brought about: nothing of it is set up."""
    account = approved(city).account
    assert account is not None
    return account


def review_of(account: Account) -> ProfileReview:
    review = profiles.open_review(account)
    assert review is not None
    return review


# Before it is public


def test_what_is_missing_and_whose_turn_it_is_stands_on_both_pages(city: City, fresh: Account) -> None:
    request = fresh.requests.get()
    for page in (f"/requests/{request.number}/", f"/registry/{fresh.pk}/"):
        text = client_of(city.helen).get(page).text
        for item in profiles.ITEMS:
            assert str(item.text).replace("'", "&#x27;") in text, page
        assert "The login and password are deposited in the vault" in text
    assert "Hutchinson Zoo, or Public Information" in client_of(city.helen).get(f"/registry/{fresh.pk}/").text
    assert "Before the account is public" in client_of(city.eleanor).get(f"/requests/{request.number}/").text


def test_public_only_when_profile_and_vault_are_complete(city: City, fresh: Account) -> None:
    """In either order; the last one makes it public."""
    address = reverse("accounts:account", args=[fresh.pk])
    vault.deposit(actor=city.helen, credential=fresh.credential, login="zoo", value="canary-Up7!keep-first")
    fresh.refresh_from_db()
    assert fresh.state == Account.State.PROVISIONING
    assert Client().get(address).status_code == 404
    client = client_of(city.priya)
    form = client.get(f"/registry/{fresh.pk}/profile/")
    assert "4 things stand between it and being public" in form.text
    client.post(f"/registry/{fresh.pk}/profile/", {**YES, "website_link": "no"})
    fresh.refresh_from_db()
    assert fresh.state == Account.State.PROVISIONING
    data = {**YES, "website_link": "not_possible", "website_link_reason": "Instagram has one link only"}
    page = client.post(f"/registry/{fresh.pk}/profile/", data, follow=True)
    assert "is public" in page.text
    assert Client().get(address).status_code == 200
    assert fresh.requests.get().status == "fulfilled"
    assert verify().sound


def test_the_profile_first_and_the_vault_last(city: City, fresh: Account) -> None:
    checked(city.helen, fresh)
    assert [one.what for one in provisioning.missing(fresh)] == [
        "The login and password are deposited in the vault"
    ]
    deposited(city.helen, fresh)
    fresh.refresh_from_db()
    assert fresh.state == Account.State.ACTIVE


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"branding": "not_possible"}, "Select a valid choice"),
        ({"policy_link": "not_possible"}, "Say why it is not possible there"),
    ],
)
def test_what_shall_be_cannot_be_left_out_and_the_rest_wants_a_reason(
    city: City, fresh: Account, data: dict[str, str], said: str
) -> None:
    answer = client_of(city.helen).post(f"/registry/{fresh.pk}/profile/", data)
    assert answer.status_code == 422
    assert said in answer.text
    with pytest.raises(Invalid):
        profiles.answer(
            actor=city.helen,
            review=review_of(fresh),
            given={"branding": Given(Answer.NOT_POSSIBLE, "No picture")},
        )


def test_who_holds_nothing_says_nothing_and_nothing_said_is_changed(city: City, fresh: Account) -> None:
    review = review_of(fresh)
    for person in (city.joel, city.noah, city.rex, city.eleanor):
        with pytest.raises(NotPermitted):
            profiles.answer(actor=person, review=review, given={"branding": Given(Answer.YES)})
    profiles.answer(actor=city.tom, review=review, given={"branding": Given(Answer.YES)})
    profiles.answer(actor=city.sam, review=review, given={"branding": Given(Answer.YES)})
    assert review.findings.count() == 1
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("UPDATE accounts_profilefinding SET answer = 'no'")


def test_it_waits_for_the_department_and_not_for_the_officers(city: City, fresh: Account) -> None:
    def waits(person: Any) -> bool:
        return "Profile to check" in [task.tag for task in today.tasks(person)]

    assert waits(city.helen)
    assert waits(city.priya)
    assert not waits(city.dana)
    assert not waits(city.marcus)


# Every year


def test_a_year_later_it_is_looked_at_again_and_the_day_is_known(city: City, fresh: Account) -> None:
    checked(city.helen, fresh)
    deposited(city.helen, fresh)
    first = clock.today()
    assert profiles.last_confirmed([fresh]) == {fresh.pk: first}
    assert daily.run().reviews == 0
    with clock.moved_to(clock.now() + timedelta(days=366)):
        assert daily.run().reviews == 1
        assert daily.run().reviews == 0
        review = review_of(fresh)
        assert review.kind == ProfileReview.Kind.YEARLY
        assert review.due is not None
        assert "Profile to check" in [task.tag for task in today.tasks(city.helen)]
        checked(city.helen, fresh)
        assert profiles.last_confirmed([fresh]) == {fresh.pk: clock.today()}
        fresh.refresh_from_db()
        assert fresh.state == Account.State.ACTIVE
        with pytest.raises(Stale):
            profiles.answer(actor=city.helen, review=review, given={"branding": Given(Answer.NO)})
        assert verify().sound


def test_last_confirmed_is_one_query(city: City, django_assert_num_queries: Any) -> None:
    accounts = [open_account(city.dana, city.zoo, f"HutchZoo{number}") for number in range(4)]
    with django_assert_num_queries(1):
        assert len(profiles.last_confirmed(accounts)) == 4


# Groups and pages


@pytest.fixture
def zoo(city: City) -> Account:
    account = open_account(city.dana, city.zoo)
    deposited(city.helen, account)
    account.refresh_from_db()
    return account


def test_recorded_seen_ordered_undone_and_confirmed(city: City, zoo: Account) -> None:
    helen, dana = client_of(city.helen), client_of(city.dana)
    address = f"/registry/{zoo.pk}/affiliations/"
    data = {"kind": "group", "name": "Zoo friends", "url": "facebook.com/groups/zoo", "purpose": "Zoo events"}
    assert "Recorded: Zoo friends." in helen.post(address, data, follow=True).text
    helen.post(address, {**data, "kind": "page", "name": "Elect Smith"})
    assert [task.title for task in today.tasks(city.dana) if task.tag == "To look at"] == [
        "2 groups and pages"
    ]
    page = dana.get("/affiliations/").text
    assert "2 are new" in page
    good, bad = Affiliation.objects.get(name="Zoo friends"), Affiliation.objects.get(name="Elect Smith")
    assert good.url == "https://facebook.com/groups/zoo"
    order = f"/affiliations/{bad.pk}/order/"
    assert "orders it undone" not in dana.post(order, {"reason": "A candidate’s page"}, follow=True).text
    dana.post("/affiliations/seen/", {"affiliation": [good.pk]})
    assert not affiliations.unseen().exists()
    assert not [task for task in today.tasks(city.dana) if task.tag == "To look at"]
    assert Notice.objects.get(person=city.helen).subject.startswith(
        "To be undone by order of the PI Director: Elect Smith, @HutchZoo on X"
    )
    assert [task.text for task in today.tasks(city.helen) if task.tag == "To undo"] == [
        "By order of Dana Whitfield: A candidate’s page"
    ]
    assert "Undone: Elect Smith." in helen.post(f"/affiliations/{bad.pk}/undone/", follow=True).text
    assert not [task for task in today.tasks(city.helen) if task.tag == "To undo"]
    with pytest.raises(Stale):
        affiliations.confirm_undone(actor=city.helen, affiliation=bad)
    with pytest.raises(Stale):
        affiliations.order_undone(actor=city.dana, affiliation=bad, reason="Again")
    assert verify().sound


def test_only_holders_record_and_only_the_pi_director_orders(city: City, zoo: Account) -> None:
    values = {"kind": "page", "name": "Fair", "url": "https://x.com/fair", "purpose": "Events"}
    for person in (city.priya, city.tom, city.sam, city.rex):
        with pytest.raises(NotPermitted):
            affiliations.record_affiliation(actor=person, account=zoo, **values)
    made = affiliations.record_affiliation(actor=city.helen, account=zoo, **values)
    for person in (city.helen, city.marcus, city.mona, city.tom):
        with pytest.raises(NotPermitted):
            affiliations.order_undone(actor=person, affiliation=made, reason="No")
        with pytest.raises(NotPermitted):
            affiliations.see(actor=person, affiliations=[made])
    with pytest.raises(NotPermitted):
        affiliations.confirm_undone(actor=city.tom, affiliation=made)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "nowhere", "https://", "https://x.com/\u202efair"])
def test_an_address_that_is_none_is_refused(city: City, zoo: Account, url: str) -> None:
    data = {"kind": "page", "name": "Fair", "url": url, "purpose": "Events"}
    answer = client_of(city.helen).post(f"/registry/{zoo.pk}/affiliations/", data)
    assert answer.status_code == 422
    assert not Affiliation.objects.exists()


def test_the_weeks_list_does_not_ask_more_for_more(
    city: City, zoo: Account, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        affiliations.record_affiliation(
            actor=city.helen, account=zoo, kind="page", name=f"Page {number}", url="x.com/a", purpose="Events"
        )
    client = client_of(city.dana)
    with django_assert_max_num_queries(20):
        page = client.get("/affiliations/").text
    assert page.count("Order it undone") == 12
