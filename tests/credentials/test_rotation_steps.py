"""What the pages of a rotation ask next: of whom, and what stands in the way."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from pytest_django.fixtures import Settings

from audit import clock
from audit.errors import Refused
from audit.verification import verify
from config import today
from config.tasks.task import Task
from credentials import closing, dues, rotation, sealing, stale, vault, ways
from credentials.models import Credential, Knowledge, Rotation, SecretVersion, WayIn
from employees import services as people
from employees.models import Employee
from tests.cast import City, client_of
from tests.credentials.accounts import LOGIN, SECRET, deposited, open_account, rotated

pytestmark = pytest.mark.django_db
QUEUE = "/credentials/queue/"
FILLED = re.compile(r'class="usa-button(?: oa-callout__act)?"[^>]*>([^<]+)')


@pytest.fixture
def zoo(city: City) -> Credential:
    return deposited(city.helen, open_account(city.dana, city.zoo))


def at(name: str, credential: Credential) -> str:
    return reverse(f"credentials:{name}", args=[credential.pk])


def text(person: Employee, address: str) -> str:
    return " ".join(client_of(person).get(address, follow=True).text.split())


def filled(page: str) -> list[str]:
    """What stands on the filled buttons of the page's content."""
    return [one.strip() for one in FILLED.findall(page.partition("<main")[2])]


def claimed(actor: Employee, credential: Credential) -> Rotation:
    started = rotation.start(actor=actor, credential=credential)
    rotation.show(actor=actor, rotation=started)
    rotation.claim_changed(actor=actor, rotation=started)
    return started


def tasks(person: Employee, tag: str) -> list[Task]:
    return [task for task in today.tasks(person) if task.tag == tag]


def leaves(city: City, who: Employee) -> None:
    people.separate(actor=city.carla, employee=who, last_day=clock.today(), reason="Left")
    who.refresh_from_db()


# Who verifies


def test_who_never_saw_the_new_password_is_offered_to_see_it_and_cannot_verify(
    city: City, zoo: Credential
) -> None:
    started = claimed(city.sam, zoo)
    marcus = client_of(city.marcus)
    page = text(city.marcus, at("rotate", zoo))
    assert filled(page) == ["Show both passwords"]
    assert "You have not been shown version 2 yet." in page
    refused = marcus.post(at("rotation_verify", zoo), follow=True).text
    assert "Show it to yourself first, and sign in with it" in refused
    started.refresh_from_db()
    assert started.state == Rotation.State.CLAIMED
    assert not Knowledge.objects.filter(person=city.marcus).exists(), "not written down as signed in with it"

    marcus.post(at("rotation_show", zoo))
    assert filled(text(city.marcus, at("rotate", zoo))) == ["The new password opens it"]
    marcus.post(at("rotation_verify", zoo))
    started.refresh_from_db()
    assert started.verified_by == city.marcus
    assert verify().findings == []


def test_nobody_says_for_another_that_it_is_changed(city: City, zoo: Credential, settings: Settings) -> None:
    """Else the one who changed it could verify, which the City wants of somebody else."""
    settings.ROTATION_SECOND_PERSON = True
    started = rotation.start(actor=city.sam, credential=zoo)
    rotation.show(actor=city.sam, rotation=started)
    page = text(city.marcus, at("rotate", zoo))
    assert filled(page) == ["Show both passwords"]
    refused = client_of(city.marcus).post(at("rotation_claim", zoo), follow=True).text
    assert "Show it to yourself first" in refused
    rotation.claim_changed(actor=city.sam, rotation=started)
    rotation.lose(actor=city.marcus, rotation=started)
    with pytest.raises(Refused):
        rotation.reconcile(actor=city.marcus, rotation=started, found=rotation.NEW)
    started.refresh_from_db()
    assert (started.state, started.claimed_by) == (Rotation.State.UNKNOWN, city.sam)


def test_the_second_person_is_named_before_anybody_is_refused(
    city: City, zoo: Credential, settings: Settings
) -> None:
    assert tasks(city.marcus, "To verify") == []
    settings.ROTATION_SECOND_PERSON = True
    claimed(city.sam, zoo)
    page = text(city.sam, at("rotate", zoo))
    assert "You changed it on X, so somebody else verifies it." in page
    assert "They see it in Yours today: Marcus Lindqvist." in page
    assert filled(page) == []
    assert "Step 4: somebody else signs in with the new password" in page
    assert "The new password opens it" not in page
    assert filled(text(city.marcus, at("rotate", zoo))) == ["Show both passwords"]
    (task,) = tasks(city.marcus, "To verify")
    assert (task.verb, task.url) == ("Verify it", at("rotate", zoo))
    assert "Sam Whitaker changed it on the platform" in task.text
    assert tasks(city.sam, "To verify") == []


def test_what_is_due_and_waits_for_a_second_person_is_one_task(
    city: City, zoo: Credential, settings: Settings
) -> None:
    settings.ROTATION_SECOND_PERSON = True
    leaves(city, city.helen)
    claimed(city.sam, zoo)
    assert tasks(city.marcus, "To verify") == []
    (task,) = tasks(city.marcus, "Rotation due")
    assert task.verb == "Verify it"
    (own,) = tasks(city.sam, "Rotation due")
    assert "Somebody else of Information Technology verifies it" in own.text


# The closing list


def test_what_is_to_be_removed_is_the_button_and_done_waits_for_it(city: City, zoo: Credential) -> None:
    way = ways.add(
        actor=city.helen, account=zoo.account, kind=WayIn.Kind.PASSKEY, detail="Her laptop", holder=city.helen
    )
    leaves(city, city.helen)
    done = rotated(city.sam, zoo)
    closing.tick(actor=city.sam, rotation=done, step="sessions", outcome="done")
    page = text(city.sam, at("rotate", zoo))
    assert filled(page) == ["It is removed"]
    assert "“Done” comes when it is removed on X and off the list here." in page
    sam = client_of(city.sam)
    answer = sam.post(
        reverse("credentials:way_gone", args=[zoo.account_id, way.pk]), {"back": "rotate"}, follow=True
    )
    assert answer.redirect_chain[-1][0] == at("rotate", zoo)
    assert filled(" ".join(answer.text.split())) == ["Done"]


def test_one_task_finishes_an_account_whose_list_stayed_open_several_times(
    city: City, zoo: Credential
) -> None:
    first = rotated(city.sam, zoo)
    last = rotated(city.sam, rotated(city.sam, zoo).item.credential)
    (task,) = tasks(city.sam, "To finish")
    assert task.since == first.verified_at
    last = Rotation.objects.get(pk=last.pk)
    for step in closing.left(last):
        closing.tick(actor=city.sam, rotation=last, step=step, outcome="done")
    assert tasks(city.sam, "To finish") == []


# The vault's copy is stale


def test_a_rotation_of_a_stale_copy_says_so_and_offers_the_deposit_first(city: City, zoo: Credential) -> None:
    stale.report(actor=city.helen, credential=zoo, reason="X made me set one")
    page = text(city.sam, at("rotate", zoo))
    assert (
        "Helen Okafor changed the password on the platform, today: version 1 may not open the account."
        in page
    )
    assert "X made me set one.<" in page.replace(" <", "<")
    assert "set one through X’s recovery, and deposit that" in page
    assert filled(page) == ["Deposit the new password"]

    started = rotation.start(actor=city.sam, credential=zoo)
    assert "Cancel this rotation</a>, then deposit what opens it." in text(city.sam, at("rotate", zoo))
    shown = " ".join(client_of(city.sam).post(at("rotation_show", zoo)).text.split())
    assert "If the old password does not sign you in, press “Neither password opens it”" in shown
    rotation.lose(actor=city.sam, rotation=Rotation.objects.get(pk=started.pk))
    assert "Say below that it is another one, and type it." in text(city.sam, at("rotate", zoo))


def test_the_account_asks_for_the_deposit_first_and_for_the_rotation_second(
    city: City, zoo: Credential
) -> None:
    leaves(city, city.helen)
    assert filled(text(city.sam, at("credential", zoo))) == ["Rotate this password"]
    stale.report(actor=city.dana, credential=zoo, reason="X made me set one")
    for person in (city.sam, city.marcus):
        page = text(person, at("credential", zoo))
        assert filled(page) == ["Deposit the new password"], person.name
        assert "A rotation is due as well, since today. It comes second." in page
        assert "X made me set one." in page
    assert filled(text(city.sam, QUEUE)) == ["Deposit first"]


# Somebody saw the new password and left


def test_who_saw_the_new_password_and_left_makes_it_one_to_throw_away(city: City, zoo: Credential) -> None:
    started = rotation.start(actor=city.sam, credential=zoo)
    rotation.show(actor=city.sam, rotation=started)
    before = text(city.marcus, f"/people/{city.sam.pk}/if-left/")
    assert "password v2" in before
    assert "Not in use yet: another one is made in its place" in before
    assert "saw version 2" not in text(city.marcus, at("rotate", zoo))
    leaves(city, city.sam)
    assert "@HutchZoo on X, password v2, not in use yet" in text(
        city.marcus, f"/people/{city.sam.pk}/leaving/"
    )
    page = text(city.marcus, at("rotate", zoo))
    assert "Sam Whitaker saw version 2 and has left." in page
    assert filled(page) == ["Cancel, and make another"]

    marcus = client_of(city.marcus)
    asked = marcus.get(at("rotation_cancel", zoo) + "?another=1").text
    assert "Another new password is made and sealed at once." in asked
    answer = marcus.post(at("rotation_cancel", zoo), {"another": "1"}, follow=True).text
    assert "Cancelled, and another new password is made and sealed." in answer
    assert dict(SecretVersion.objects.values_list("number", "state")) == {
        1: "current",
        2: "abandoned",
        3: "staged",
    }
    assert "Sam Whitaker saw version" not in text(city.marcus, at("rotate", zoo))
    assert verify().findings == []


def test_what_the_platform_may_have_already_is_finished_and_replaced_after(
    city: City, zoo: Credential
) -> None:
    claimed(city.sam, zoo)
    leaves(city, city.sam)
    page = text(city.marcus, at("rotate", zoo))
    assert "Finish this rotation; it is due again at once, and another one follows." in page
    assert filled(page) == ["Show both passwords"]


# Which password the platform has


def in_doubt(city: City, zoo: Credential) -> Rotation:
    """Versions 1 and 2 are kept as earlier ones, 3 is current, 4 is the new one, and nobody can tell."""
    for value in ("canary-second-77#Q", "canary-third-77#Q"):
        vault.deposit(actor=city.helen, credential=zoo, login=LOGIN, value=value)
    started = rotation.start(actor=city.sam, credential=zoo)
    rotation.show(actor=city.sam, rotation=started)
    rotation.lose(actor=city.sam, rotation=started)
    started.refresh_from_db()
    return started


def test_an_earlier_one_that_opens_it_is_chosen_by_its_number(city: City, zoo: Credential) -> None:
    started = in_doubt(city, zoo)
    page = text(city.sam, at("rotate", zoo))
    for choice in ("The new password, version 4", "The old password, version 3", "An earlier one, version 1"):
        assert choice in page
    sam = client_of(city.sam)
    empty = sam.post(at("rotation_reconcile", zoo), {"found": ""})
    assert "Choose which password opens the account." in empty.text
    refused = sam.post(at("rotation_reconcile", zoo), {"found": "version-1"})
    assert "Show every password that is kept first" in refused.text

    sam.post(at("rotation_show", zoo))
    assert sam.post(at("rotation_reconcile", zoo), {"found": "version-9"}).status_code == 400
    done = sam.post(at("rotation_reconcile", zoo), {"found": "version-1"}, follow=True)

    assert "The vault has the password that the platform accepts." in done.text
    current = vault.current_version(vault.item_of(zoo))
    assert current is not None
    assert (current.number, sealing.unseal(current)) == (5, SECRET)
    (due,) = dues.queue()
    assert due.reports[0].reason == vault.REUSED, "in use before: it is replaced next"
    started.refresh_from_db()
    assert started.state == Rotation.State.CANCELLED
    assert verify().findings == []


def test_the_same_way_in_is_recorded_once(city: City, zoo: Credential) -> None:
    address = reverse("credentials:ways", args=[zoo.account_id])
    helen = client_of(city.helen)
    phone = {"kind": "recovery_phone", "detail": "(620) 555-0142", "holder": ""}
    assert "It is recorded." in helen.post(address, phone, follow=True).text
    again = {**phone, "holder": city.helen.email}
    assert "This is on the list already." in helen.post(address, again).text
    assert "Write which one it is" in helen.post(address, {**phone, "detail": ""}).text
    for holder in (city.helen, city.dana):
        passkey = {"kind": "passkey", "detail": "Laptop", "holder": holder.email}
        assert "It is recorded." in helen.post(address, passkey, follow=True).text
    assert WayIn.objects.standing().count() == 3


def test_a_broken_glass_without_a_reason_says_what_to_write(city: City, zoo: Credential) -> None:
    page = client_of(city.tom).post(at("break_glass", zoo), {"item": "password", "reason": ""}).text
    assert "Write in a sentence what happened, and why it cannot wait." in page
    assert "This field is required" not in page
