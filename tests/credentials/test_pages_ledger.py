"""The page on which an auditor sees what was signed, and whether the ledger of now continues it."""

from __future__ import annotations

import pytest

from audit import checkpoints, guards
from audit.models import Checkpoint, Entry
from tests.cast import City, client_of

pytestmark = pytest.mark.django_db


def page(city: City) -> str:
    answer = client_of(city.eleanor).get("/access/ledger/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_auditor_sees_the_last_checkpoint_and_what_came_since(city: City) -> None:
    made = checkpoints.make(actor=None)
    shown = page(city)
    assert f"{made.size} entries are signed, and the ledger of now continues them." in shown
    assert bytes(made.root).hex() in shown
    assert client_of(city.eleanor).get("/ledger/checkpoint").content.decode() == made.note


def test_without_a_checkpoint_the_page_says_what_to_do(city: City) -> None:
    assert not Checkpoint.objects.exists()
    assert "There is no checkpoint." in page(city)


def test_a_ledger_that_does_not_continue_what_was_signed_is_said(city: City) -> None:
    checkpoints.make(actor=None)
    with guards.lifted():
        Entry.objects.filter(index=1).update(canonical="{}")
    assert "does not continue what was signed" in page(city)
