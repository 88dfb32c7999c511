"""The queue, one rotation from start to verified, and what people tell, through the pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from audit import clock
from audit.actions import Verb
from audit.models import Entry
from credentials import dues, rotation, sealing
from credentials.models import Credential, Knowledge, Rotation, SecretVersion
from employees import services as people
from tests.cast import City, client_of
from tests.credentials.accounts import SECRET, deposited, open_account

pytestmark = pytest.mark.django_db
QUEUE = "/credentials/queue/"


@pytest.fixture
def zoo(city: City) -> Credential:
    return deposited(city.helen, open_account(city.dana, city.zoo))


def at(name: str, credential: Credential) -> str:
    return reverse(f"credentials:{name}", args=[credential.pk])


def helen_leaves(city: City) -> None:
    people.separate(actor=city.carla, employee=city.helen, last_day=clock.today(), reason="moved away")


def test_a_rotation_end_to_end(city: City, zoo: Credential) -> None:
    helen_leaves(city)
    client = client_of(city.sam)
    queue = client.get(QUEUE).text
    assert "One password is due" in queue
    assert "Helen Okafor left the City on" in queue

    page = client.post(at("rotation_start", zoo), follow=True).text
    assert "Nobody has seen it yet." in page
    assert "Step 2: see both passwords" in page
    staged = SecretVersion.objects.get(state=SecretVersion.State.STAGED)
    value = sealing.unseal(staged)
    assert value not in page

    shown = client.post(at("rotation_show", zoo))
    assert SECRET in shown.text
    assert value in shown.text.replace("&#x27;", "'").replace("&amp;", "&")
    assert "no-store" in shown["Cache-Control"]
    assert shown["Referrer-Policy"] == "no-referrer"
    assert Knowledge.objects.filter(person=city.sam, how=Knowledge.How.ROTATION).count() == 2

    page = client.post(at("rotation_claim", zoo), follow=True).text
    assert "Step 4: sign in with the new password" in page
    both = client_of(city.dana).post(at("reveal", zoo)).text
    assert "New password, version 2" in both
    assert SECRET in both

    page = client.post(at("rotation_verify", zoo), follow=True).text
    assert "Version 2 of the password of @HutchZoo on X is current" in page
    assert dues.count() == 0
    assert "Nothing is due." in client.get(QUEUE).text
    only = client_of(city.dana).post(at("reveal", zoo)).text
    assert SECRET not in only


def test_showing_wants_a_second_factor_of_these_minutes(city: City, zoo: Credential) -> None:
    rotation.start(actor=city.sam, credential=zoo)
    answer = client_of(city.sam, factor="stale").post(at("rotation_show", zoo))
    assert answer.status_code == 302
    assert Rotation.objects.get().state == Rotation.State.STAGED
    assert client_of(city.sam).get(at("rotation_show", zoo)).status_code == 302


def test_cancelling_names_the_consequence_and_keeps_the_version(city: City, zoo: Credential) -> None:
    started = rotation.start(actor=city.sam, credential=zoo)
    rotation.show(actor=city.sam, rotation=started)
    rotation.claim_changed(actor=city.sam, rotation=started)
    client = client_of(city.sam)
    page = client.get(at("rotation_cancel", zoo)).text
    assert "Version 1 stays current. Version 2 is kept as abandoned" in page
    assert "Sam Whitaker said that X has the new password already." in page
    page = client.post(at("rotation_cancel", zoo), follow=True).text
    assert "The rotation is cancelled. Version 1 is current, as before." in page
    assert set(SecretVersion.objects.values_list("number", "state")) == {(1, "current"), (2, "abandoned")}


def test_steps_out_of_order_become_messages(city: City, zoo: Credential) -> None:
    client = client_of(city.sam)
    for name in ("rotation_claim", "rotation_verify", "rotation_cancel"):
        page = client.post(at(name, zoo), follow=True)
        assert "No rotation of this password is open any more." in page.text
    client.post(at("rotation_start", zoo))
    page = client.post(at("rotation_start", zoo), follow=True)
    assert "has a rotation of this password in hand already" in page.text
    page = client.post(at("rotation_verify", zoo), follow=True)
    assert page.status_code == 200
    assert Rotation.objects.get().state == Rotation.State.STAGED


def test_without_a_deposit_there_is_nothing_to_rotate(city: City) -> None:
    credential = open_account(city.dana, city.zoo).credential
    client = client_of(city.sam)
    assert "nothing to replace" in client.get(at("rotate", credential)).text
    answer = client.post(at("rotation_start", credential))
    assert answer.status_code == 409
    assert "Deposit it first." in answer.text


@pytest.mark.parametrize("name", ["rotation_start", "rotation_show", "rotation_claim", "rotation_verify"])
def test_only_information_technology_rotates(city: City, zoo: Credential, name: str) -> None:
    rotation.show(actor=city.sam, rotation=rotation.start(actor=city.sam, credential=zoo))
    for person in (city.helen, city.dana, city.eleanor):
        answer = client_of(person).post(at(name, zoo))
        refused = answer.status_code == 403 or (name == "rotation_start" and answer.status_code == 302)
        assert refused, person.name
        assert SECRET not in answer.text
    assert Rotation.objects.get().state == Rotation.State.SHOWN


@pytest.mark.parametrize("first", ["helen", "dana", "eleanor", "noah", "rex"])
def test_the_queue_is_for_information_technology(city: City, zoo: Credential, first: str) -> None:
    assert client_of(getattr(city, first)).get(QUEUE).status_code == 403


def test_the_queue_filters_by_address_and_groups_by_who_left(city: City, zoo: Credential) -> None:
    deposited(city.helen, open_account(city.dana, city.zoo, "HutchZooKids", "instagram"))
    parks = deposited(city.olive, open_account(city.dana, city.parks, "HutchParks"))
    client_of(city.olive).post(at("report", parks), {"version": 1, "reason": "It stood in a shared file."})
    helen_leaves(city)
    client = client_of(city.sam)
    page = client.get(QUEUE).text
    assert "3 passwords are due" in page
    assert "2 of the 3 are due because of it." in page
    assert page.index("@HutchZoo") < page.index("@HutchParks")
    assert page.count('usa-button"') == 1, "one filled button"
    assert _shown(client, "reason=reported") == {"@HutchParks"}
    assert _shown(client, "platform=instagram") == {"@HutchZooKids"}
    assert _shown(client, "department=zoo") == {"@HutchZoo", "@HutchZooKids"}
    assert _shown(client, f"left={city.helen.pk}") == {"@HutchZoo", "@HutchZooKids"}
    assert "No due rotation is like that." in client.get(f"{QUEUE}?platform=facebook").text


def _shown(client: Any, query: str) -> set[str]:
    rows = client.get(f"{QUEUE}?{query}").context["rows"]
    return {row["due"].account.shown_handle for row in rows}


def test_a_report_makes_a_rotation_due(city: City, zoo: Credential) -> None:
    client = client_of(city.dana)
    page = client.post(at("report", zoo), {"version": 1, "reason": "On a sticky note."}, follow=True)
    assert "Version 1 is reported." in page.text
    assert "On a sticky note." in page.text
    assert [due.reason for due in dues.queue()] == [dues.REPORTED]
    entry = Entry.objects.get(verb=Verb.ROTATION_REPORT)
    assert "sticky" not in entry.canonical


def test_a_report_of_a_version_that_was_replaced_meanwhile_is_not_taken(city: City, zoo: Credential) -> None:
    answer = client_of(city.dana).post(at("report", zoo), {"version": 7, "reason": "On a sticky note."})
    assert "was replaced while you typed" in answer.text
    assert dues.count() == 0


def test_telling_is_knowledge_and_may_make_a_rotation_due(city: City, zoo: Credential) -> None:
    client = client_of(city.helen)
    data = {"version": 1, "person": city.noah.employee_number, "day": "", "hour": ""}
    page = client.post(at("told", zoo), data, follow=True)
    assert "It is written down that Noah Fischer knows version 1." in page.text
    assert "was told" in page.text
    assert dues.count() == 1


def test_telling_wants_a_person_and_a_possible_time(city: City, zoo: Credential) -> None:
    client = client_of(city.helen)
    page = client.post(at("told", zoo), {"version": 1, "person": "nobody@hutch.example"})
    assert "Nobody has or had this work e-mail or employee number." in page.text
    page = client.post(at("told", zoo), {"version": 1, "person": city.noah.email, "day": "2020-01-01"})
    assert "between the making of this version and now" in page.text
    today = clock.today().isoformat()
    client.post(at("told", zoo), {"version": 1, "person": city.noah.email, "day": today})
    assert Knowledge.objects.filter(person=city.noah, how=Knowledge.How.TOLD).count() == 1


def test_an_auditor_declares_only_of_themselves(city: City, zoo: Credential) -> None:
    client = client_of(city.eleanor)
    assert client.post(at("told", zoo), {"version": 1, "person": city.noah.email}).status_code == 403
    assert client.post(at("told", zoo), {"version": 1, "person": city.eleanor.email}).status_code == 302
    assert client.get(at("report", zoo)).status_code == 403
