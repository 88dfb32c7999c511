"""After each promotion every required seat owes a receipt, until the person opened the version or took note of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import clock, verification
from audit.errors import Stale
from credentials import receipts, vault
from credentials.models import Credential, Receipt
from employees import services as people
from tests.cast import City, client_of, designate
from tests.credentials.accounts import deposited, open_account, rotated

pytestmark = pytest.mark.django_db


@pytest.fixture
def credential(city: City) -> Credential:
    return deposited(city.helen, open_account(city.dana, city.zoo))


def owing() -> set[str]:
    return {duty.person.name.split()[0].lower() for duty in receipts.duties()}


def test_who_deposited_owes_nothing_and_the_other_seats_do(city: City, credential: Credential) -> None:
    assert owing() == {"dana", "marcus"}


def test_a_promotion_opens_every_seat_again_but_for_who_knows(city: City, credential: Credential) -> None:
    vault.reveal(actor=city.dana, credential=credential)
    receipts.acknowledge(actor=city.marcus)
    assert owing() == set()
    rotated(city.sam, credential)
    assert owing() == {"dana", "marcus", "helen"}
    vault.reveal(actor=city.helen, credential=credential)
    assert owing() == {"dana", "marcus"}


def test_one_click_takes_note_of_everything_and_nobody_reveals(city: City, credential: Credential) -> None:
    deposited(city.olive, open_account(city.dana, city.parks, "HutchParks"))
    client = client_of(city.dana)
    page = client.get("/today/").content.decode()
    assert "2 secrets were replaced" in page
    answer = client.post("/credentials/noted/", follow=True)
    assert "You have taken note of 2 new versions." in answer.content.decode()
    assert {duty.person for duty in receipts.duties()} == {city.marcus}
    assert Receipt.objects.filter(person=city.dana).count() == 2
    assert not city.dana.knowledge.exists()
    assert verification.verify().findings == []


def test_twice_is_refused_and_changes_nothing(city: City, credential: Credential) -> None:
    receipts.acknowledge(actor=city.dana)
    with pytest.raises(Stale):
        receipts.acknowledge(actor=city.dana)
    assert Receipt.objects.count() == 1


def test_a_new_designee_owes_since_they_hold_it_and_a_past_one_owes_nothing(
    city: City, credential: Credential
) -> None:
    with clock.moved_to(clock.now() + timedelta(days=5)):
        paper = designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
        (mine,) = receipts.duties(person=city.priya)
        assert mine.days == 0
        yesterday = clock.today() - timedelta(days=1)
        people.end_designation(actor=city.carla, designation=paper, last_day=yesterday, reason="Over")
        assert receipts.duties(person=city.priya) == []
        (dana,) = receipts.duties(person=city.dana)
        assert dana.days == 5


def test_stale_holders_are_listed_with_days(city: City, credential: Credential) -> None:
    with clock.moved_to(clock.now() + timedelta(days=3)):
        page = client_of(city.eleanor).get("/custody/?show=stale").content.decode()
    assert "Dana Whitfield" in page
    assert "3 days" in page


def test_the_credential_says_who_has_taken_note(city: City, credential: Credential) -> None:
    receipts.acknowledge(actor=city.dana)
    page = client_of(city.dana).get(f"/credentials/{credential.pk}/").content.decode()
    assert "took note" in page
    assert "opened it" in page
    assert [[note.person for note in one.owed] for one in receipts.kept(credential.account)] == [
        [city.marcus]
    ]


def test_queries_do_not_grow(city: City, credential: Credential) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            receipts.duties()
        return len(captured)

    before = queries()
    for number in range(5):
        deposited(city.olive, open_account(city.dana, city.parks, f"Parks{number}"))
    assert queries() == before == 2
