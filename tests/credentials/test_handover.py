"""A rotation that is under way goes into somebody else's hands: both names are kept, and who saw it knows it."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from audit import clock, verification
from audit.actions import Verb
from audit.errors import Invalid, NotPermitted, Stale
from audit.models import Entry
from config import today
from credentials import closing, dues, hands, rotation, vault
from credentials.models import Credential, Knowledge, Rotation
from employees import services as people
from tests.cast import City, client_of, designate
from tests.credentials.accounts import SECRET, deposited, open_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def zoo(city: City) -> Credential:
    return deposited(city.helen, open_account(city.dana, city.zoo))


@pytest.fixture
def begun(city: City, zoo: Credential) -> Rotation:
    """Sam of IT has started one and has seen the new password."""
    started = rotation.start(actor=city.sam, credential=zoo)
    rotation.show(actor=city.sam, rotation=started)
    return started


def at(name: str, credential: Credential) -> str:
    return reverse(f"credentials:{name}", args=[credential.pk])


def test_to_a_custodian_who_carries_it_to_the_end(city: City, zoo: Credential, begun: Rotation) -> None:
    sam, helen = client_of(city.sam), client_of(city.helen)
    assert helen.get(at("rotate", zoo)).status_code == 403
    assert "Helen Okafor" in sam.get(at("rotate", zoo)).text
    told = sam.post(at("rotation_hand_over", zoo), {"to": city.helen.pk}, follow=True)
    assert "Helen Okafor has it in hand now" in told.text

    entry = Entry.objects.get(verb=Verb.ROTATION_HAND_OVER)
    data = json.loads(entry.canonical)["data"]
    assert entry.actor_text.startswith("Sam Whitaker")
    assert data["before"]["text"].startswith("Sam Whitaker")
    assert data["to"]["text"].startswith("Helen Okafor")
    assert [task.tag for task in today.tasks(city.helen) if task.tag == "Handed to you"]
    assert "Helen Okafor is rotating this password" in client_of(city.dana).get(at("credential", zoo)).text
    assert "Go on with the rotation" in helen.get(at("credential", zoo)).text

    assert SECRET in helen.post(at("rotation_show", zoo)).text
    for step in ("rotation_claim", "rotation_verify"):
        assert helen.post(at(step, zoo)).status_code == 302
    begun.refresh_from_db()
    assert begun.state == "verified"
    for step in closing.left(begun):
        helen.post(at("rotation_tick", zoo), {"step": step, "outcome": "done"})
    begun.refresh_from_db()
    assert begun.closed_by == city.helen
    assert dues.queue() == []
    assert not [task for task in today.tasks(city.helen) if task.tag == "Handed to you"]
    # Starting another one is still Information Technology's.
    assert helen.post(at("rotation_start", zoo)).status_code == 403
    assert verification.verify().findings == []


def test_who_saw_the_new_password_stays_a_knower_of_it(city: City, zoo: Credential, begun: Rotation) -> None:
    hands.hand_over(actor=city.sam, rotation=begun, to=city.marcus)
    assert begun.in_hand == city.marcus
    rotation.show(actor=city.marcus, rotation=begun)
    rotation.claim_changed(actor=city.marcus, rotation=begun)
    rotation.verify(actor=city.marcus, rotation=begun)
    assert Knowledge.objects.filter(version=begun.version, person=city.sam, how="rotation").exists()
    assert dues.queue() == []
    people.separate(actor=city.carla, employee=city.sam, last_day=clock.today(), reason="left")
    (due,) = dues.queue()
    assert [one.person for one in due.knowers] == [city.sam]


def test_the_hand_over_ends_with_the_ground(city: City, zoo: Credential, begun: Rotation) -> None:
    designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    hands.hand_over(actor=city.sam, rotation=begun, to=city.priya)
    rotation.show(actor=city.priya, rotation=begun)
    people.separate(actor=city.carla, employee=city.priya, last_day=clock.today(), reason="left")
    city.priya.refresh_from_db()
    for act in (rotation.claim_changed, rotation.cancel, rotation.lose):
        with pytest.raises(NotPermitted):
            act(actor=city.priya, rotation=begun)
    with pytest.raises(NotPermitted):
        rotation.show(actor=city.priya, rotation=begun)
    begun.refresh_from_db()
    assert begun.state == "shown"
    # Information Technology goes on, and what the one who left has seen is due.
    rotation.claim_changed(actor=city.sam, rotation=begun)
    rotation.verify(actor=city.sam, rotation=begun)
    (due,) = dues.queue()
    assert [one.person for one in due.knowers] == [city.priya]


@pytest.mark.parametrize("first", ["tom", "noah", "olive", "mona", "sam"])
def test_only_to_who_may_have_it(city: City, zoo: Credential, begun: Rotation, first: str) -> None:
    with pytest.raises(Invalid):
        hands.hand_over(actor=city.sam, rotation=begun, to=getattr(city, first))
    answer = client_of(city.sam).post(
        at("rotation_hand_over", zoo), {"to": getattr(city, first).pk}, follow=True
    )
    assert "Choose somebody of the list" in answer.text
    assert not Entry.objects.filter(verb=Verb.ROTATION_HAND_OVER).exists()


@pytest.mark.parametrize("first", ["helen", "dana", "tom", "noah"])
def test_only_by_who_carries_it_out(city: City, begun: Rotation, first: str) -> None:
    with pytest.raises(NotPermitted):
        hands.hand_over(actor=getattr(city, first), rotation=begun, to=city.marcus)


def test_a_second_hand_over_and_two_at_once(city: City, zoo: Credential, begun: Rotation) -> None:
    seen_before = Rotation.objects.get(pk=begun.pk)
    hands.hand_over(actor=city.sam, rotation=begun, to=city.helen)
    with pytest.raises(Stale):
        hands.hand_over(actor=city.marcus, rotation=seen_before, to=city.dana)
    begun.refresh_from_db()
    hands.hand_over(actor=city.helen, rotation=begun, to=city.marcus)
    with pytest.raises(NotPermitted):
        rotation.show(actor=city.helen, rotation=begun)
    rotation.cancel(actor=city.marcus, rotation=begun)
    with pytest.raises(Stale):
        hands.hand_over(actor=city.marcus, rotation=begun, to=city.sam)
    names = [json.loads(one.canonical)["data"] for one in Entry.objects.filter(verb=Verb.ROTATION_HAND_OVER)]
    assert [(one["before"]["text"][:3], one["to"]["text"][:3]) for one in names] == [
        ("Sam", "Hel"),
        ("Hel", "Mar"),
    ]
    assert vault.reveal(actor=city.helen, credential=zoo)


def test_it_wants_a_second_factor_of_these_minutes(city: City, zoo: Credential, begun: Rotation) -> None:
    client_of(city.sam, factor="stale").post(at("rotation_hand_over", zoo), {"to": city.helen.pk})
    begun.refresh_from_db()
    assert begun.in_hand == city.sam
