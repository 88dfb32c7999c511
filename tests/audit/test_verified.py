"""That the ledger was verified, when, and with what result is told on the ledger's page and on Status."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils.html import strip_tags

from audit import checkpoints, clock, guards, notes, verified
from audit.actions import Verb
from audit.models import Entry
from audit.verification import verify
from config import daily
from employees.models import Appointment
from tests.cast import City, client_of

pytestmark = pytest.mark.django_db


def command(**options: object) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("verify_ledger", stdout=out, stderr=out, **options)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    except CommandError as error:
        return error.returncode, out.getvalue()
    return 0, out.getvalue()


def page(city: City) -> str:
    return " ".join(strip_tags(client_of(city.eleanor).get("/access/ledger/").text).split())


def word() -> str:
    return str(Client().get("/healthz").json()["verified"])


def status(city: City) -> str:
    return client_of(city.sam).get("/status/").text


def entries() -> int:
    return Entry.objects.filter(verb=Verb.LEDGER_VERIFY).count()


def test_before_the_first_verification_the_page_says_who_does_it(city: City) -> None:
    assert "is not recorded yet" in page(city)
    assert word() == "never"


def test_the_command_leaves_an_entry_and_the_page_tells_it(city: City, tmp_path: Path) -> None:
    outside = tmp_path / "outside.checkpoint"
    outside.write_text(checkpoints.make(actor=None).note, encoding="utf-8")
    size = Entry.objects.count()
    assert command(checkpoint=[str(outside)])[0] == 0
    shown = page(city)
    assert f"by hand, by the server’s account {verified.server_account()}: {size} entries, sound" in shown
    assert f"A checkpoint of {size} entries was brought from outside." in shown
    told = json.loads(Entry.objects.get(verb=Verb.LEDGER_VERIFY).canonical)["data"]
    assert told["entries"] == size == Entry.objects.count() - 1
    assert verify().sound
    assert word() == "ok"


def test_an_unsound_ledger_is_said_until_it_is_mended(city: City) -> None:
    row = Appointment.objects.latest("pk")
    Appointment.objects.filter(pk=row.pk).update(start=row.start - timedelta(days=9))
    code, told = command()
    assert code == 1
    assert "WRONG" in told
    assert "entries, not sound One finding." in page(city)
    assert word() == "unsound"
    assert Client().get("/healthz").status_code == 503
    assert "names the first one" in status(city)
    Appointment.objects.filter(pk=row.pk).update(start=row.start)
    assert command(no_replay=True)[0] == 0
    assert "The tables were not compared." in page(city)
    assert word() == "ok"


@pytest.mark.parametrize("mistake", ["another key", "no signature", "altered"])
def test_what_was_brought_by_mistake_says_nothing_against_the_ledger(
    city: City, tmp_path: Path, mistake: str
) -> None:
    """Else a slip of whoever verifies would be an alarm until the next night."""
    assert command()[0] == 0
    note = checkpoints.make(actor=None).note
    given: dict[str, object] = {}
    outside = tmp_path / "outside.checkpoint"
    if mistake == "another key":
        given["vkey"] = [notes.Signer("another.example", bytes(32)).verifier.spelt()]
    elif mistake == "no signature":
        note = note.split("\n\n")[0] + "\n"
    else:
        size = note.split("\n")[1]
        note = note.replace(f"\n{size}\n", f"\n{int(size) + 1}\n", 1)
    outside.write_text(note, encoding="utf-8")
    before = entries()
    code, told = command(checkpoint=[str(outside)], **given)
    assert code == 1
    assert f"NOT COMPARED {outside}" in told
    assert "WRONG" not in told
    assert "what you brought proves nothing" in told
    assert (entries(), word()) == (before, "ok")


def test_the_daily_run_verifies_and_its_checkpoint_covers_that(city: City) -> None:
    done = daily.run()
    assert done.failed == []
    assert done.verified == Entry.objects.get(verb=Verb.LEDGER_VERIFY).index - 1
    assert done.checkpoint == done.verified + 2  # that entry, and the heartbeat
    assert f"by the daily run: {done.verified} entries, sound" in page(city)
    with clock.moved_to(clock.now() + timedelta(days=8)):
        assert word() == "late"
        assert "entries were verified, and they were sound" in status(city)


def test_a_daily_run_that_finds_something_says_so(city: City) -> None:
    with guards.lifted(connection):
        Entry.objects.filter(index=7).update(actor_text="Somebody else")
    assert daily.run().failed == ["verification of the ledger"]
    assert word() == "unsound"
    assert "Its last run could not do: verification of the ledger." in status(city)


def test_nothing_takes_the_place_of_a_missing_entry(city: City, tmp_path: Path) -> None:
    """After a restore the ledger lies behind; saying that it was looked at must not fill the gap."""
    outside = tmp_path / "outside.checkpoint"
    outside.write_text(checkpoints.make(actor=None).note, encoding="utf-8")
    with guards.lifted(connection):
        Entry.objects.latest("index").delete()
    size = Entry.objects.count()
    for _run in range(2):
        code, told = command(checkpoint=[str(outside)])
        assert code == 1
        assert "it lies 1 behind the checkpoint" in told
        assert "not recorded" in told
    assert Entry.objects.count() == size
    assert entries() == 0
