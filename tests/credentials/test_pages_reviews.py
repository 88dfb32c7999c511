"""Access reviews through their pages: by person, for whoever's turn it is, to the certificate."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from audit import clock
from credentials import grants, reviews, vault
from credentials.models import Campaign, Credential, ReviewItem
from employees import services as people
from employees.models import Designation
from tests.cast import City, client_of, designate
from tests.credentials.accounts import deposited, open_account, rotated

pytestmark = pytest.mark.django_db


@pytest.fixture
def zoo(city: City) -> Credential:
    account = open_account(city.dana, city.zoo)
    credential = deposited(city.helen, account)
    designate(city.joel, city.zoo, by=city.helen, confirmed_by=city.carla)
    grants.give(
        actor=city.dana, account=account, people=[city.priya], request_id="7", request_text="Request 2026-0007",
        start=clock.today(),
    )  # fmt: skip
    vault.reveal(actor=city.joel, credential=credential)
    return credential


@pytest.fixture
def campaign(city: City, zoo: Credential) -> Campaign:
    today = clock.today()
    return reviews.plan(actor=city.dana, title="Autumn", starts=today, due=today + timedelta(days=14))


def of(campaign: Campaign, person: Any) -> ReviewItem:
    found = campaign.items.get(person=person)
    assert isinstance(found, ReviewItem)
    return found


def test_it_waits_on_the_first_page_and_is_decided_person_by_person(city: City, campaign: Campaign) -> None:
    client, url = client_of(city.helen), campaign.get_absolute_url()
    assert "4 decisions about who keeps access" in client.get("/today/").text
    page = client.get(url)
    assert "4 decisions wait for you" in page.text
    assert [group.person.name for group in page.context["groups"]] == [
        "Dana Whitfield", "Joel Hansen", "Marcus Lindqvist", "Priya Nair",
    ]  # fmt: skip
    dana, priya = of(campaign, city.dana), of(campaign, city.priya)
    # A seat that the policy mandates is chosen already; nothing else is.
    assert page.text.count(" checked") == 2
    assert f'id="keep-{dana.pk}" name="act-{dana.pk}" value="keep" checked' in page.text
    page = client.post(url, {f"act-{dana.pk}": "keep", f"note-{dana.pk}": ""}, follow=True)
    assert "Dana Whitfield: 1 kept, 0 to be removed, 0 sent up." in page.text
    page = client.post(url, {f"act-{priya.pk}": "remove", f"note-{priya.pk}": ""})
    assert page.status_code == 422
    assert "Say why it is removed." in page.text
    assert 'value="remove" checked' in page.text
    assert client.post(url, {f"note-{priya.pk}": "x"}).status_code == 422
    client.post(url, {f"act-{priya.pk}": "remove", f"note-{priya.pk}": "Over"})
    assert of(campaign, city.priya).decision == "removed"
    assert "2 decisions" in client.get("/today/").text


def test_others_items_are_not_there_for_a_director(city: City, campaign: Campaign) -> None:
    deposited(city.olive, open_account(city.dana, city.parks, "HutchParks"))
    page = client_of(city.olive).get(campaign.get_absolute_url() + "?show=all")
    assert page.status_code == 200
    assert "Joel Hansen" not in page.text
    refused = client_of(city.olive).post(
        campaign.get_absolute_url(), {f"act-{of(campaign, city.joel).pk}": "keep"}
    )
    assert refused.status_code == 403
    assert "It is not your turn" in refused.text
    assert not of(campaign, city.joel).decision


def test_a_removal_is_a_task_for_who_can_end_the_paper(
    city: City, campaign: Campaign, zoo: Credential
) -> None:
    joel = of(campaign, city.joel)
    client_of(city.helen).post(
        campaign.get_absolute_url(), {f"act-{joel.pk}": "remove", f"note-{joel.pk}": "Back in Parks"}
    )
    for person in (city.helen, city.carla, city.dana):
        assert "End the designation" in client_of(person).get("/today/").text, person
    for person in (city.sam, city.joel, city.olive, city.eleanor):
        assert "End the designation" not in client_of(person).get("/today/").text, person
    paper = Designation.objects.in_force().get(designee=city.joel)
    yesterday = clock.today() - timedelta(days=1)
    people.end_designation(actor=city.helen, designation=paper, last_day=yesterday, reason="Review")
    assert "End the designation" not in client_of(city.helen).get("/today/").text
    assert "Rotate this password" in client_of(city.sam).get("/today/").text
    page = client_of(city.eleanor).get(campaign.get_absolute_url() + "?show=removals")
    assert "Rotate the password that Joel Hansen knows" in page.text


def finish(city: City, campaign: Campaign) -> None:
    reviewers = reviews.Reviewers()
    for item in campaign.items.whole().undecided():
        step = reviewers.of(item)
        assert step is not None
        choice = reviews.Choice(item.pk, "keep", "Needed")
        reviews.decide(actor=step.people[0], campaign=campaign, choices=[choice])


def test_to_the_certificate_and_the_file(city: City, campaign: Campaign, zoo: Credential) -> None:
    joel = of(campaign, city.joel)
    choice = reviews.Choice(joel.pk, "remove", "Back in Parks")
    reviews.decide(actor=city.helen, campaign=campaign, choices=[choice])
    url = campaign.get_absolute_url()
    client = client_of(city.dana)
    assert "5 decisions" not in client.get(url).text
    assert "It cannot close yet" in client.get(url).text
    finish(city, campaign)
    assert "1 removal has not come to its end" in client.post(f"{url}close/", follow=True).text
    assert client.get(f"{url}certificate/").status_code == 404
    page = client.get(f"{url}?show=removals")
    assert "Sign the waiver" in page.text
    client.post(f"/reviews/items/{joel.pk}/waive/", {f"reason-{joel.pk}": "Until the season ends"})
    page = client.post(f"{url}close/", follow=True)
    assert "Certificate: Autumn" in page.text
    assert "all 5 holdings of 5 people on 1 accounts were reviewed" in page.text
    assert "4 kept, 1 waived" in page.text
    assert "Until the season ends" in page.text
    assert "Dana Whitfield, Director of Public Information and Community Engagement" in page.text
    answer = client_of(city.eleanor).post(f"{url}export/", {"form": "csv"})
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))  # type: ignore[attr-defined]
    assert {row["person"]: row["state"] for row in rows}["Joel Hansen"] == "waived"
    assert client_of(city.helen).get(f"{url}certificate/").status_code == 403


def test_acts_that_bind_want_the_second_factor(city: City, campaign: Campaign) -> None:
    joel = of(campaign, city.joel)
    stale = client_of(city.dana, factor="stale")
    for address in (f"{campaign.get_absolute_url()}close/", f"/reviews/items/{joel.pk}/waive/"):
        answer = stale.post(address)
        assert answer.status_code == 302
        assert "/login/" in answer["Location"]


def test_a_review_is_planned_on_its_page(city: City, zoo: Credential) -> None:
    soon = clock.today() + timedelta(days=3)
    data = {"title": "Winter", "starts": soon.isoformat(), "due": (soon + timedelta(days=9)).isoformat()}
    assert client_of(city.helen).post("/reviews/", data).status_code == 403
    client_of(city.mona).post("/reviews/", data)
    assert Campaign.objects.get().state == "planned"
    wrong = client_of(city.mona).post("/reviews/", {**data, "due": soon.isoformat()})
    assert "Leave the reviewers at least a day." in wrong.text
    assert "Winter" in client_of(city.eleanor).get("/reviews/").text


def test_rotating_ends_what_a_removed_person_knew(city: City, campaign: Campaign, zoo: Credential) -> None:
    vault.reveal(actor=city.priya, credential=zoo)
    priya = of(campaign, city.priya)
    choice = reviews.Choice(priya.pk, "remove", "Over")
    reviews.decide(actor=city.helen, campaign=campaign, choices=[choice])
    rotated(city.sam, zoo)
    finish(city, campaign)
    assert client_of(city.mona).post(f"{campaign.get_absolute_url()}close/", follow=True).status_code == 200
    campaign.refresh_from_db()
    assert campaign.state == "closed"
