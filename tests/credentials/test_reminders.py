"""What is open on the custody page and in the queue has its next step: a reminder, and a file of what is due."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from post_office.models import Email

from audit import clock, verification
from audit.actions import Verb
from audit.errors import NotPermitted, Stale
from audit.models import Entry
from credentials import receipts
from credentials.models import Credential
from employees import services as people
from tests.cast import City, client_of
from tests.credentials.accounts import SECRET, deposited, open_account, rotated

pytestmark = pytest.mark.django_db


@pytest.fixture
def zoo(city: City) -> Credential:
    """Rotated by Marcus, so Dana and Helen owe a receipt."""
    credential = deposited(city.helen, open_account(city.dana, city.zoo))
    rotated(city.marcus, credential)
    return credential


def test_one_click_reminds_who_owes_a_receipt_once_a_day(city: City, zoo: Credential) -> None:
    tom = client_of(city.tom)
    page = tom.get("/custody/?show=stale").text
    assert page.count(">Remind<") == 2
    told = tom.post(reverse("credentials:remind", args=[city.helen.pk]), {"show": "stale"}, follow=True).text
    assert "Helen Okafor is reminded of one new version, by mail." in told
    assert "Reminded today by Tom Reyes" in told
    assert told.count(">Remind<") == 1
    (mail,) = Email.objects.all()
    assert mail.to == ["helen@hutch.example"]
    assert "/credentials/noted/" in mail.message
    assert SECRET not in mail.message
    with pytest.raises(Stale):
        receipts.remind(actor=city.marcus, person=city.helen, accounts=[zoo.account])
    with clock.moved_to(clock.now() + timedelta(days=1)):
        assert receipts.remind(actor=city.marcus, person=city.helen, accounts=[zoo.account])
    assert Entry.objects.filter(verb=Verb.RECEIPT_REMIND).count() == 2
    assert verification.verify().findings == []


def test_who_owes_takes_note_there_and_is_not_reminded_by_themself(city: City, zoo: Credential) -> None:
    helen = client_of(city.helen)
    page = helen.get("/custody/?show=stale").text
    assert "Take note" in page
    assert page.count(">Remind<") == 1, "a Director reminds the others of the department's accounts"
    with pytest.raises(NotPermitted):
        receipts.remind(actor=city.helen, person=city.helen, accounts=[zoo.account])
    receipts.acknowledge(actor=city.helen)
    with pytest.raises(Stale):
        receipts.remind(actor=city.marcus, person=city.helen, accounts=[zoo.account])


@pytest.mark.parametrize("first", ["olive", "noah", "eleanor", "carla"])
def test_others_are_told_whose_turn_it_is(city: City, zoo: Credential, first: str) -> None:
    with pytest.raises(NotPermitted):
        receipts.remind(actor=getattr(city, first), person=city.helen, accounts=[zoo.account])
    if first == "eleanor":
        page = client_of(city.eleanor).get("/custody/?show=stale").text
        assert ">Remind<" not in page
        assert "Helen Okafor’s turn" in page
    assert not Email.objects.exists()


def test_the_queue_is_exported_as_it_is_filtered(city: City) -> None:
    for department, handle, by in (
        (city.zoo, "HutchZoo", city.helen),
        (city.parks, "HutchParks", city.olive),
    ):
        deposited(by, open_account(city.dana, department, handle))
        people.separate(actor=city.carla, employee=by, last_day=clock.today(), reason="left")
    sam = client_of(city.sam)
    assert 'form="export"' in sam.get("/credentials/queue/").text
    answer = sam.post("/credentials/queue/export/?department=zoo")
    assert "attachment" in answer["Content-Disposition"]
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["account"], row["reasons"], row["version"]) == ("x:HutchZoo", "Left", "1")
    assert row["who_still_knows"].startswith("Helen Okafor (")
    assert SECRET not in text
    assert [one.verb for one in Entry.objects.order_by("index")][-2:] == [
        Verb.EXPORT_START,
        Verb.EXPORT_COMPLETE,
    ]
    before = Entry.objects.count()
    stale = client_of(city.sam, factor="stale").post("/credentials/queue/export/")
    assert stale.status_code == 302
    assert Entry.objects.count() == before
    assert client_of(city.dana).post("/credentials/queue/export/").status_code == 403
