"""Changed on the platform and not deposited yet: whoever changed it is counted as knowing it, before and after."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.html import strip_tags
from post_office.models import Email

from audit import clock
from audit.errors import Refused
from audit.verification import verify
from credentials import breakglass, closing, dues, rotation, stale, vault
from credentials.models import Credential, Knowledge, StaleCopy
from employees import departures
from employees import services as people
from employees.models import Employee
from tests.cast import City, client_of, designate
from tests.credentials.accounts import LOGIN, deposited, open_account, rotated

pytestmark = pytest.mark.django_db

THERE = "canary-set-on-the-telephone-4!"
NOT_DEPOSITED = "@HutchZoo on X, password set on the platform, not deposited yet"


@pytest.fixture
def zoo(city: City) -> Credential:
    """Dana deposited it; Priya is the zoo's designee and has never opened it."""
    credential = deposited(city.dana, open_account(city.dana, city.zoo))
    designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    return credential


def text(person: Employee, address: str) -> str:
    return " ".join(client_of(person).get(address, follow=True).text.split())


def changed(actor: Employee, credential: Credential, reason: str = "X forced a new one") -> StaleCopy:
    return stale.report(actor=actor, credential=credential, reason=reason)


def leaves(city: City, who: Employee) -> None:
    people.separate(actor=city.carla, employee=who, last_day=clock.today(), reason="Left")
    who.refresh_from_db()


def deposit(actor: Employee, credential: Credential, value: str = THERE) -> None:
    vault.deposit(actor=actor, credential=credential, login=LOGIN, value=value)


def open_tasks(person: Employee) -> list[str]:
    departure = departures.last(person)
    assert departure is not None
    return [task.what for task in departures.tasks([departure])[departure] if task.done_at is None]


def setters(credential: Credential) -> list[str]:
    """Who set the current version, as the ledger's table of knowledge has it."""
    current = vault.current_version(vault.item_of(credential))
    rows = Knowledge.objects.filter(version=current, how=Knowledge.How.SET)
    return sorted(rows.values_list("person__name", flat=True))


def test_before_it_is_deposited_their_leaving_page_says_it(city: City, zoo: Credential) -> None:
    changed(city.priya, zoo)
    for page in ("leaving", "if-left"):
        shown = text(city.sam, f"/people/{city.priya.pk}/{page}/")
        words = " ".join(strip_tags(shown).split())
        assert "@HutchZoo X, password set on the platform, not deposited yet" in words, page
        assert "1 rotation becomes due" in shown, page


def test_it_keeps_the_certificate_from_printing_until_it_is_rotated(city: City, zoo: Credential) -> None:
    changed(city.priya, zoo)
    leaves(city, city.priya)
    address = f"/people/{city.priya.pk}/leaving/"
    assert open_tasks(city.priya) == [NOT_DEPOSITED]
    assert "1 thing is still open" in text(city.sam, f"{address}certificate/")
    queue = text(city.sam, reverse("credentials:queue"))
    assert "Priya Nair changed the password on the platform, today; it is not deposited yet." in queue
    assert "Priya Nair has left, and knows it." in queue

    deposit(city.sam, zoo)

    assert open_tasks(city.priya) == ["@HutchZoo on X, password v2"]
    (due,) = dues.queue()
    assert [one.person for one in due.knowers] == [city.priya]
    assert due.reason == dues.LEFT
    done = rotated(city.sam, zoo)
    for step in closing.left(done):
        closing.tick(actor=city.sam, rotation=done, step=step, outcome="done")
    assert open_tasks(city.priya) == []
    assert "Version 2 took its place, by Sam Whitaker" in text(city.sam, f"{address}certificate/")
    assert verify().findings == []


def test_a_rotation_to_a_new_password_settles_it_without_making_them_a_knower(
    city: City, zoo: Credential
) -> None:
    """Information Technology got in, and set one that the vault made: theirs is the platform's no more."""
    changed(city.priya, zoo)
    leaves(city, city.priya)
    done = rotated(city.sam, zoo)
    assert not stale.standing().exists()
    assert dues.queue() == []
    # Who was signed in with theirs may be so until the list is gone through.
    assert open_tasks(city.priya) == ["@HutchZoo on X, password they had set on the platform"]
    address = f"/people/{city.priya.pk}/leaving/"
    assert "1 thing is still open" in text(city.sam, f"{address}certificate/")
    for step in closing.left(done):
        closing.tick(actor=city.sam, rotation=done, step=step, outcome="done")
    assert open_tasks(city.priya) == []
    assert "Version 2 took its place, by Sam Whitaker" in text(city.sam, f"{address}certificate/")


def test_a_list_that_is_open_stands_on_the_page_before_they_leave(city: City, zoo: Credential) -> None:
    changed(city.priya, zoo)
    done = rotated(city.sam, zoo)
    page = " ".join(strip_tags(text(city.sam, f"/people/{city.priya.pk}/leaving/")).split())
    assert "password they had set on the platform" in page
    assert "Replaced; the rest of that rotation’s list is to be gone through" in page
    for step in closing.left(done):
        closing.tick(actor=city.sam, rotation=done, step=step, outcome="done")
    assert "password they had set" not in text(city.sam, f"/people/{city.priya.pk}/leaving/")


def test_one_takes_back_the_own_word_and_not_anothers(city: City, zoo: Credential) -> None:
    changed(city.priya, zoo)
    changed(city.helen, zoo)
    leaves(city, city.priya)
    page = client_of(city.helen).post(reverse("credentials:not_changed", args=[zoo.pk]), follow=True).text
    assert "What Priya Nair said stands: the vault’s copy is stale." in page
    assert [one.reported_by for one in stale.standing()] == [city.priya]
    assert open_tasks(city.priya) == [NOT_DEPOSITED]
    page = client_of(city.sam).post(reverse("credentials:not_changed", args=[zoo.pk]), follow=True).text
    assert "over your name: what Priya Nair said does not count" in page
    assert not stale.standing().exists()


def test_who_changed_it_is_asked_to_deposit_it_and_nobody_to_rotate_first(
    city: City, zoo: Credential
) -> None:
    leaves(city, city.dana)  # who knew it: a rotation is due
    assert "Rotation due" in text(city.sam, "/today/")
    changed(city.priya, zoo)
    assert "Rotation due" not in text(city.sam, "/today/")
    assert "Vault copy stale" in text(city.sam, "/today/")
    assert "Vault copy stale" in text(city.priya, "/today/")
    assert "Vault copy stale" not in text(city.helen, "/today/")


def test_whoever_changed_it_knows_what_somebody_else_deposits(city: City, zoo: Credential) -> None:
    said = changed(city.priya, zoo)
    with clock.moved_to(clock.now() + timedelta(hours=3)):
        page = text(city.sam, reverse("credentials:deposit", args=[zoo.pk]))
        assert "you know it, and Priya Nair, who changed it on the platform" in page
        deposit(city.sam, zoo)
        assert setters(zoo) == ["Priya Nair", "Sam Whitaker"]
        row = Knowledge.objects.get(person=city.priya)
        assert (row.at, row.recorded_at > row.at) == (said.reported_at, True)
        assert "2 people know version 2, nobody without authority." in text(
            city.sam, reverse("credentials:credential", args=[zoo.pk])
        )
        assert dues.queue() == []
    assert verify().findings == [], "the entry of the deposit tells it, and a replay finds the same"


def test_a_day_without_authority_between_saying_and_depositing_counts(city: City, zoo: Credential) -> None:
    now = clock.now()
    paper = designate(city.joel, city.zoo, by=city.helen, confirmed_by=city.carla)
    changed(city.joel, zoo)
    with clock.moved_to(now + timedelta(days=1)):
        people.end_designation(actor=city.helen, designation=paper, last_day=clock.today(), reason="Away")
    with clock.moved_to(now + timedelta(days=4)):
        designate(city.joel, city.zoo, by=city.helen, confirmed_by=city.carla)
        deposit(city.joel, zoo)
        assert setters(zoo) == ["Joel Hansen"], "one row, since they said so"
        (due,) = dues.queue()
        assert [one.person for one in due.knowers] == [city.joel]


def test_several_who_changed_it_one_after_the_other_all_know_it(city: City, zoo: Credential) -> None:
    changed(city.priya, zoo)
    changed(city.helen, zoo, "Priya's did not open it")
    with pytest.raises(Refused, match="said already"):
        changed(city.helen, zoo)
    page = text(city.dana, reverse("credentials:credential", args=[zoo.pk]))
    assert "Priya Nair changed the password" in page
    assert "Helen Okafor changed the password" in page
    assert "Priya&#x27;s did not open it.<" in page.replace(" <", "<"), "a stop after what was typed"
    deposit(city.helen, zoo)
    assert setters(zoo) == ["Helen Okafor", "Priya Nair"]
    assert not stale.standing().exists()
    assert verify().findings == []


def test_it_was_not_changed_after_all_takes_back_what_everybody_said(city: City, zoo: Credential) -> None:
    changed(city.priya, zoo)
    changed(city.helen, zoo)
    client_of(city.dana).post(reverse("credentials:not_changed", args=[zoo.pk]))
    assert not stale.standing().exists()
    deposit(city.sam, zoo)
    assert setters(zoo) == ["Sam Whitaker"]


def test_what_an_emergency_made_due_is_settled_by_a_deposit_and_the_setter_remains(
    city: City, zoo: Credential
) -> None:
    breakglass.open_glass(
        actor=city.tom, credential=zoo, reason="A flood at 2 a.m., and nobody answers the telephone"
    )
    assert [due.reason for due in dues.queue()] == [dues.EMERGENCY]
    changed(city.priya, zoo)
    leaves(city, city.priya)
    deposit(city.dana, zoo)
    assert [(due.reason, due.emergencies) for due in dues.queue()] == [(dues.LEFT, [])]


def test_the_mail_about_a_departure_counts_it(city: City, zoo: Credential) -> None:
    changed(city.priya, zoo)
    leaves(city, city.priya)
    mail = Email.objects.filter(subject__contains="Priya Nair").latest("pk")
    assert "1 password that is in use is known to this person" in mail.message


def test_a_run_of_rotations_leaves_out_what_is_stale(city: City, zoo: Credential) -> None:
    leaves(city, city.dana)
    changed(city.priya, zoo)
    sam = client_of(city.sam)
    queue = text(city.sam, reverse("credentials:queue"))
    assert "Deposit first" in queue
    assert "Priya Nair changed the password on the platform" in queue
    said = sam.post("/credentials/queue/start/", {"left": city.dana.pk}, follow=True).text
    assert "the vault’s copy is stale: @HutchZoo on X" in said
    assert rotation.open_rotation(zoo) is None
