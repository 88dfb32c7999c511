"""Break-glass: one secret, fifteen minutes, written down first, told to both Directors, reviewed by another."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils.formats import date_format
from post_office.models import Email

from audit import clock, verification
from audit.actions import Verb
from audit.errors import ConflictOfInterest, Invalid, NotPermitted, Refused, Stale
from audit.ledger import NotInAService, act
from audit.models import Entry
from credentials import breakglass, codes, dues, totp, vault
from credentials.models import Credential, EmergencyAccess, Knowledge, RecoveryCodeUse
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
    assert answer.status_code == 503
    assert "could not be written down in the ledger" in answer.content.decode()
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


SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
ITEMS = {"totp_seed": SEED, "recovery_codes": "aaaa-1111\nbbbb-2222", "security_answers": "First pet = Rex9"}


@pytest.fixture
def full(city: City, credential: Credential) -> Credential:
    """One with every kind of secret."""
    for kind, typed in ITEMS.items():
        vault.deposit_item(actor=city.helen, credential=credential, kind=kind, typed=typed)
    return credential


def opened(city: City, credential: Credential, kind: str) -> tuple[EmergencyAccess, str]:
    """Through the page: what it showed."""
    client = client_of(city.sam)
    page = client.get(f"/credentials/{credential.pk}/break-glass/").text
    assert f'value="{kind}"' in page
    answer = client.post(f"/credentials/{credential.pk}/break-glass/", {"item": kind, "reason": WHY})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return EmergencyAccess.objects.get(), answer.text


def test_the_code_of_now_tells_nobody_the_seed_and_makes_nothing_due(city: City, full: Credential) -> None:
    with clock.moved_to(clock.now()):
        emergency, page = opened(city, full, "totp_seed")
        code = totp.parse(SEED).at(clock.now()).text
    assert code in page
    assert SEED not in page
    assert SECRET not in page
    assert not Knowledge.objects.filter(person=city.sam).exists()
    assert dues.queue() == []
    assert dues.count() == 0
    with clock.moved_to(emergency.until - timedelta(seconds=1)):
        (next_one,) = breakglass.show(actor=city.sam, emergency=emergency)
        assert next_one.value == totp.parse(SEED).at(clock.now()).text
        assert next_one.seconds > 0
    assert [json.loads(one.canonical)["data"]["item"] for one in _opens()] == ["totp_seed"]
    (mail, *_others) = Email.objects.all()
    assert "nothing need be replaced" in mail.message
    assert verification.verify().findings == []


def test_one_recovery_code_is_struck_off_and_shown_again_as_the_same(city: City, full: Credential) -> None:
    emergency, page = opened(city, full, "recovery_codes")
    assert "aaaa-1111" in page
    assert "bbbb-2222" not in page
    again = client_of(city.sam).post(f"/credentials/emergencies/{emergency.pk}/show/").text
    assert "aaaa-1111" in again
    assert "bbbb-2222" not in again
    assert RecoveryCodeUse.objects.count() == 1
    assert {(due.kind, due.reason) for due in dues.queue()} == {("recovery_codes", dues.EMERGENCY)}
    assert codes.take(actor=city.helen, credential=full).code == "bbbb-2222"
    with pytest.raises(Refused):
        breakglass.open_glass(actor=city.mona, credential=full, reason=WHY, kind="recovery_codes")
    assert "recovery_codes" not in dict(breakglass.choices(full))
    assert verification.verify().findings == []


def test_security_answers_are_known_and_due(city: City, full: Credential) -> None:
    _emergency, page = opened(city, full, "security_answers")
    assert "Rex9" in page
    assert SECRET not in page
    known = Knowledge.objects.get(person=city.sam)
    assert (known.how, known.version.item.kind) == ("emergency", "security_answers")
    assert {(due.kind, due.reason) for due in dues.queue()} == {("security_answers", dues.EMERGENCY)}


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("password", "password"),
        ("totp_seed", "one-time code"),
        ("recovery_codes", "recovery code"),
        ("security_answers", "security answers"),
    ],
)
def test_every_kind_has_its_mark_on_both_timelines(
    city: City, full: Credential, kind: str, what: str
) -> None:
    """On the account's and on the person's: in the picture, in its description and in the table, once."""
    emergency, _page = opened(city, full, kind)
    client_of(city.sam).post(f"/credentials/emergencies/{emergency.pk}/show/")
    day = date_format(clock.today(), "DATE_FORMAT")
    eleanor = client_of(city.eleanor)
    for address, name in (
        (f"/access/{full.account_id}/timeline/", "Sam Whitaker"),
        (f"/access/people/{city.sam.pk}/timeline/", "@HutchZoo on X"),
    ):
        page = eleanor.get(address)
        (row,) = [one for one in page.context["rows"] if one.line.title == name]
        assert [one.what for one in row.emergencies] == [what]
        said = f"Break-glass, {day}: {what}"
        assert page.text.count(f"<title>{said}</title>") == 2, "on a wide page and on a phone"
        assert said in re.sub("</?time[^>]*>", "", page.text.partition("The same in a table")[2])
        assert f"opened in an emergency on {clock.today()}: {what}" in page.text
        assert "Break-glass, no custody" in page.text


def test_a_mark_outside_the_window_is_left_out(city: City, full: Credential) -> None:
    opened(city, full, "totp_seed")
    with clock.moved_to(clock.now() + timedelta(days=9)):
        address = f"/access/{full.account_id}/timeline/"
        page = client_of(city.eleanor).get(
            address, {"since": (clock.today() - timedelta(days=3)).isoformat()}
        )
        assert "Break-glass, no custody" not in page.text
        assert "Break-glass, no custody" in client_of(city.eleanor).get(address).text


def test_only_what_is_in_the_vault_is_offered(city: City, credential: Credential) -> None:
    sam = client_of(city.sam)
    page = sam.get(f"/credentials/{credential.pk}/break-glass/").text
    assert 'value="password"' in page
    assert 'value="totp_seed"' not in page
    for kind in ("totp_seed", "notes"):
        answer = sam.post(f"/credentials/{credential.pk}/break-glass/", {"item": kind, "reason": WHY})
        assert answer.status_code == 422
    assert not EmergencyAccess.objects.exists()
    assert not Email.objects.exists()


def _opens() -> Any:
    return Entry.objects.filter(verb=Verb.EMERGENCY_OPEN)
