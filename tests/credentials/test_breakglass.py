"""Break-glass: one secret, fifteen minutes, written down first, told to both Directors, reviewed by another."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from post_office.models import Email

from audit import clock, verification
from audit.actions import Verb
from audit.errors import ConflictOfInterest, Invalid, NotPermitted, Refused, Stale
from audit.ledger import NotInAService, act
from audit.models import Entry
from credentials import breakglass, dues
from credentials.models import Credential, EmergencyAccess, Knowledge
from employees import services as people
from tests.cast import City, client_of, designate
from tests.credentials.accounts import SECRET, deposited, open_account, rotated

pytestmark = pytest.mark.django_db
WHY = "The river rises and neither the Director nor a designee answers."


@pytest.fixture
def credential(city: City) -> Credential:
    return deposited(city.helen, open_account(city.dana, city.zoo))


def broken(city: City, credential: Credential) -> EmergencyAccess:
    emergency, _shown = breakglass.open_glass(actor=city.sam, credential=credential, reason=WHY)
    return emergency


def test_it_shows_one_secret_tells_both_directors_and_makes_the_rotation_due(
    city: City, credential: Credential
) -> None:
    emergency, shown = breakglass.open_glass(actor=city.sam, credential=credential, reason=WHY)

    assert [one.value for one in shown] == [SECRET]
    assert emergency.until - emergency.opened_at == timedelta(minutes=15)
    (due,) = dues.queue()
    assert due.reason == dues.EMERGENCY
    assert Knowledge.objects.get(person=city.sam).how == Knowledge.How.EMERGENCY
    told = {address for mail in Email.objects.all() for address in mail.to}
    assert told == {"dana@hutch.example", "marcus@hutch.example"}
    for mail in Email.objects.all():
        assert "Sam Whitaker broke the glass" in mail.subject
        assert WHY not in mail.message
        assert SECRET not in mail.message
    assert not any(WHY in entry.canonical or SECRET in entry.canonical for entry in Entry.objects.all())
    assert verification.verify().findings == []


def test_having_access_later_does_not_clear_it_a_newer_version_does(
    city: City, credential: Credential
) -> None:
    broken(city, credential)
    designate(city.sam, city.zoo, by=city.helen, confirmed_by=city.carla)
    assert [due.reason for due in dues.queue()] == [dues.EMERGENCY]
    rotated(city.marcus, credential)
    assert dues.queue() == []


@pytest.mark.parametrize("first", ["helen", "dana", "priya", "noah", "eleanor", "carla", "rex"])
def test_not_for_who_holds_it_nor_for_who_is_not_named(
    city: City, credential: Credential, first: str
) -> None:
    with pytest.raises(NotPermitted):
        breakglass.open_glass(actor=getattr(city, first), credential=credential, reason=WHY)
    assert not EmergencyAccess.objects.exists()
    assert not Email.objects.exists()


@pytest.mark.parametrize("reason", ["", "urgent", " " * 50, "x" * 301])
def test_a_reason_that_says_nothing_opens_nothing(city: City, credential: Credential, reason: str) -> None:
    with pytest.raises(Invalid):
        breakglass.open_glass(actor=city.sam, credential=credential, reason=reason)
    assert not EmergencyAccess.objects.exists()


def test_nothing_deposited_opens_nothing(city: City) -> None:
    open_account(city.dana, city.zoo, "HutchEmpty")
    empty = Credential.objects.select_related("account__platform").get(account__handle="HutchEmpty")
    with pytest.raises(Refused):
        breakglass.open_glass(actor=city.sam, credential=empty, reason=WHY)


def test_fifteen_minutes_and_for_that_person_alone(city: City, credential: Credential) -> None:
    emergency = broken(city, credential)
    with pytest.raises(NotPermitted):
        breakglass.show(actor=city.tom, emergency=emergency)
    with clock.moved_to(emergency.until - timedelta(seconds=1)):
        assert breakglass.show(actor=city.sam, emergency=emergency)[0].value == SECRET
    with clock.moved_to(emergency.until), pytest.raises(Stale):
        breakglass.show(actor=city.sam, emergency=emergency)
    shows = Entry.objects.filter(verb=Verb.EMERGENCY_SHOW)
    assert shows.count() == 1


def test_who_leaves_is_shown_nothing_more(city: City, credential: Credential) -> None:
    emergency = broken(city, credential)
    people.separate(actor=city.carla, employee=city.sam, last_day=clock.today(), reason="Left")
    city.sam.refresh_from_db()
    with pytest.raises(Stale):
        breakglass.show(actor=city.sam, emergency=emergency)


def test_never_within_another_act(city: City, credential: Credential) -> None:
    with act(), pytest.raises(NotInAService):
        breakglass.open_glass(actor=city.sam, credential=credential, reason=WHY)


def test_another_officer_reviews_and_only_once(city: City, credential: Credential) -> None:
    emergency = broken(city, credential)
    with pytest.raises(ConflictOfInterest):
        breakglass.review(actor=city.sam, emergency=emergency, finding="justified")
    with pytest.raises(NotPermitted):
        breakglass.review(actor=city.tom, emergency=emergency, finding="justified")
    with pytest.raises(Invalid):
        breakglass.review(actor=city.dana, emergency=emergency, finding="unjustified")
    breakglass.review(
        actor=city.dana, emergency=emergency, finding="unjustified", note="The Chief was there."
    )
    with pytest.raises(Stale):
        breakglass.review(actor=city.mona, emergency=emergency, finding="justified")
    emergency.refresh_from_db()
    assert (emergency.finding, emergency.reviewed_by) == ("unjustified", city.dana)
    assert verification.verify().findings == []


def test_an_officer_who_broke_it_does_not_sign(city: City, credential: Credential) -> None:
    emergency, _shown = breakglass.open_glass(actor=city.mona, credential=credential, reason=WHY)
    with pytest.raises(ConflictOfInterest):
        breakglass.review(actor=city.mona, emergency=emergency, finding="justified")
    assert not any(one.tag == "Break-glass" for one in _tasks(city.mona))
    assert any(one.tag == "Break-glass" for one in _tasks(city.marcus))


def _tasks(person: Any) -> Any:
    from config import today

    return today.tasks(person)


def test_a_review_is_overdue_after_a_day(city: City, credential: Credential) -> None:
    emergency = broken(city, credential)
    assert not breakglass.review_due(emergency)
    with clock.moved_to(clock.now() + timedelta(hours=25)):
        assert breakglass.review_due(emergency)
        assert [one.tone for one in _tasks(city.dana) if one.tag == "Break-glass"] == ["danger"]


def refuse_entries() -> None:
    """From now on the database refuses entries of the ledger."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "CREATE TRIGGER full_disk BEFORE INSERT ON audit_entry BEGIN SELECT RAISE(ABORT, 'full'); END"
            )
        else:
            cursor.execute(
                "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'full'; END $$"
            )
            cursor.execute(
                "CREATE TRIGGER full_disk BEFORE INSERT ON audit_entry EXECUTE FUNCTION full_disk()"
            )


def test_where_the_ledger_cannot_be_written_nothing_is_shown(city: City, credential: Credential) -> None:
    """Not the secret, not a row, not a mail."""
    client = client_of(city.sam)
    client.raise_request_exception = False
    refuse_entries()
    answer = client.post(f"/credentials/{credential.pk}/break-glass/", {"reason": WHY})
    assert answer.status_code >= 500
    assert SECRET not in answer.content.decode()
    assert not EmergencyAccess.objects.exists()
    assert not Knowledge.objects.filter(person=city.sam).exists()
    assert not Email.objects.exists()


def test_through_the_front_door(city: City, credential: Credential) -> None:
    sam, dana = client_of(city.sam), client_of(city.dana)
    assert "Break the glass" in sam.get(f"/credentials/{credential.pk}/").content.decode()
    address = f"/credentials/{credential.pk}/break-glass/"
    assert sam.post(address, {"reason": "urgent"}).status_code == 422
    stale = client_of(city.sam, factor="stale")
    assert SECRET not in stale.post(address, {"reason": WHY}, follow=True).content.decode()
    shown = sam.post(address, {"reason": WHY})
    assert SECRET in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    emergency = EmergencyAccess.objects.get()
    assert SECRET in sam.post(f"/credentials/emergencies/{emergency.pk}/show/").content.decode()
    assert dana.post(f"/credentials/emergencies/{emergency.pk}/show/").status_code == 403
    page = dana.get("/today/").content.decode()
    assert "Sam Whitaker opened it in an emergency." in page
    assert WHY not in page
    assert WHY in dana.get(f"/credentials/emergencies/{emergency.pk}/").content.decode()
    signed = dana.post(f"/credentials/emergencies/{emergency.pk}/", {"finding": "justified"}, follow=True)
    assert "You have signed the review." in signed.content.decode()
    assert "Justified" in client_of(city.eleanor).get("/credentials/emergencies/").content.decode()
    assert client_of(city.tom).get(f"/credentials/emergencies/{emergency.pk}/").status_code == 404
