"""Who could, who did, who knew; the export; the ledger's entries: through the pages."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from audit import clock
from audit.actions import Verb
from audit.models import Entry
from audit.text import DANGEROUS
from credentials import vault
from credentials.models import Credential
from employees import services as people
from employees.models import Employee
from tests.cast import City, client_of, make_city
from tests.credentials.accounts import SECRET, deposited, open_account, rotated

pytestmark = pytest.mark.django_db
ACCESS, EXPORT, ENTRIES = "/access/", "/access/export/", "/access/entries/"


@pytest.fixture
def city(db: None) -> City:
    """The cast, as it was hired and seated a month ago."""
    with clock.moved_to(clock.now() - timedelta(days=30)):
        return make_city()


@pytest.fixture
def zoo(city: City) -> Credential:
    """Set by Helen ten days ago, revealed by Dana nine days ago; Helen left eight days ago."""
    now = clock.now()
    with clock.moved_to(now - timedelta(days=10)):
        credential = deposited(city.helen, open_account(city.dana, city.zoo))
    with clock.moved_to(now - timedelta(days=9)):
        vault.reveal(actor=city.dana, credential=credential)
    with clock.moved_to(now - timedelta(days=8)):
        people.separate(actor=city.carla, employee=city.helen, last_day=clock.today(), reason="moved away")
    return credential


def ask(person: Employee, q: str, days_ago: int = 7, **more: str) -> Any:
    on = (clock.today() - timedelta(days=days_ago)).isoformat()
    return client_of(person).get(ACCESS, {"q": q, "on": on, "at": "", **more})


def test_the_answer_is_a_sentence_and_three_columns(city: City, zoo: Credential) -> None:
    page = ask(city.eleanor, "x:HutchZoo")
    assert "1 of the 2 people who knew the password had no authority." in page.text
    assert "Without authority" in page.text
    assert "No. Appointment ended" in page.text
    rows = {row.person.name: row for row in page.context["rows"]}
    assert next(iter(rows)) == "Helen Okafor"
    assert (rows["Helen Okafor"].entitled, rows["Helen Okafor"].days_without) == (None, 2)
    assert rows["Dana Whitfield"].revealed.reveals
    assert rows["Marcus Lindqvist"].knew is None
    assert "Director of Hutchinson Zoo, or a designee" in page.text


def test_as_of_is_what_held_then(city: City, zoo: Credential) -> None:
    rotated(city.sam, zoo)
    before = ask(city.eleanor, "x:HutchZoo", 9)
    assert "all 2 people who knew the password had authority." in before.text
    now = ask(city.eleanor, "x:HutchZoo", 0)
    assert "the one person who knew the password had authority." in now.text
    assert "Information Technology" in now.text


@pytest.mark.parametrize("q", ["x:hutchzoo", "@HutchZoo on X", "hutchzoo", "HUTCHZOO", "{pk}"])
def test_an_account_is_found_however_it_is_written(city: City, zoo: Credential, q: str) -> None:
    page = ask(city.eleanor, q.format(pk=zoo.account_id))
    assert page.context["account"] == zoo.account


def test_a_person_and_what_they_could_reach(city: City, zoo: Credential) -> None:
    page = ask(city.eleanor, city.helen.employee_number)
    assert "What Helen Okafor could reach" in page.text
    assert "entitled to 0 accounts and knew the password of 1, 1 of them without authority" in page.text
    assert "never held an account" in ask(city.eleanor, city.noah.email or "").text


def test_a_name_that_means_several_is_asked_back(city: City, zoo: Credential) -> None:
    open_account(city.dana, city.zoo, "HutchZooKids", "instagram")
    page = ask(city.eleanor, "hutchzoo ".strip()[:5])
    assert "Which do you mean?" in page.text
    assert "x%3AHutchZoo" in page.text or "x:HutchZoo" in page.text


def test_what_is_asked_wrongly_is_said_at_the_field(city: City, zoo: Credential) -> None:
    assert "Nothing here is called “nonesuch”" in ask(city.eleanor, "nonesuch").text
    assert "That day lies ahead." in ask(city.eleanor, "x:HutchZoo", -3).text
    assert client_of(city.eleanor).get(ACCESS, {"q": "x:HutchZoo", "on": "yesterday"}).status_code == 200


def test_what_was_recorded_later_stands_beside(city: City, zoo: Credential) -> None:
    from credentials import knowledge

    version = vault.current_version(vault.item_of(zoo))
    assert version is not None
    knowledge.declare_told(
        actor=city.marcus, version=version, person=city.marcus, at=clock.now() - timedelta(days=9)
    )
    page = ask(city.eleanor, "x:HutchZoo")
    assert "1 of the 2 people who knew" in page.text
    assert "Not as recorded that day" in page.text
    assert "Marcus Lindqvist was told version 1" in page.text


def test_who_may_read_the_history(city: City, zoo: Credential) -> None:
    for person in (city.eleanor, city.dana, city.marcus, city.mona):
        assert ask(person, "x:HutchZoo").context["account"] == zoo.account
    assert "Nothing here is called" in ask(city.olive, "x:HutchZoo").text
    for person in (city.sam, city.tom, city.carla, city.noah, city.rex, city.priya):
        assert client_of(person).get(ACCESS).status_code == 403, person.name


def export(person: Employee, **data: str) -> Any:
    return client_of(person).post(EXPORT, {"form": "csv", **data})


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_the_export_is_a_file_whose_hash_the_ledger_has(city: City, zoo: Credential) -> None:
    answer = export(city.eleanor)
    content = body(answer)
    assert answer["Content-Disposition"].startswith('attachment; filename="access-history-')
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert {row["person"] for row in rows} == {"Dana Whitfield", "Marcus Lindqvist", "Helen Okafor"}
    done = json.loads(Entry.objects.get(verb=Verb.EXPORT_COMPLETE).canonical)["data"]
    assert (done["rows"], done["sha256"]) == (len(rows), hashlib.sha256(content).hexdigest())
    last = Entry.objects.get(verb=Verb.EXPORT_COMPLETE).index
    assert done["manifest"]["ledger"]["size"] == last - 1
    assert Entry.objects.filter(verb=Verb.EXPORT_START, actor_id=str(city.eleanor.pk)).count() == 1
    assert done["sha256"] in client_of(city.eleanor).get(EXPORT).text
    assert SECRET.encode() not in content


def test_cells_that_a_spreadsheet_would_compute_are_made_harmless(city: City, zoo: Credential) -> None:
    Employee.objects.filter(pk=city.dana.pk).update(title='=HYPERLINK("http://evil.example")')
    rows = list(csv.DictReader(io.StringIO(body(export(city.eleanor)).decode())))
    titles = {row["title"] for row in rows if row["person"] == "Dana Whitfield"}
    assert titles == {'\'=HYPERLINK("http://evil.example")'}
    assert not [cell for row in rows for cell in row.values() if cell.startswith(DANGEROUS)]
    lines = body(export(city.eleanor, form="jsonl")).decode().splitlines()
    assert any(json.loads(line)["title"].startswith("=HYPERLINK") for line in lines)


def test_the_export_is_limited_by_its_filters(city: City, zoo: Credential) -> None:
    deposited(city.olive, open_account(city.dana, city.parks, "HutchParks"))
    answer = export(city.eleanor, account="x:hutchparks", employee=city.olive.employee_number)
    assert [row["person"] for row in csv.DictReader(io.StringIO(body(answer).decode()))] == ["Olive Brandt"]
    answer = export(city.eleanor, department="zoo", since=clock.today().isoformat())
    names = {row["person"] for row in csv.DictReader(io.StringIO(body(answer).decode()))}
    assert names == {"Dana Whitfield", "Marcus Lindqvist"}
    wrong = export(
        city.eleanor, account="x:nonesuch", employee="nobody", since="2026-02-01", until="2026-01-01"
    )
    assert wrong.status_code == 200
    assert "in the registry" in wrong.text
    assert "Nobody has or had this work e-mail" in wrong.text
    assert "The end lies before the beginning." in wrong.text


def test_only_auditors_export(city: City, zoo: Credential) -> None:
    for person in (city.dana, city.marcus, city.sam, city.helen, city.rex, city.noah):
        if person != city.helen:
            assert client_of(person).get(EXPORT).status_code == 403
            assert export(person).status_code == 403
    assert not Entry.objects.filter(verb=Verb.EXPORT_START).exists()


def test_entries_are_searched_by_who_what_act_and_day(city: City, zoo: Credential) -> None:
    client = client_of(city.eleanor)

    def found(**query: str) -> list[str]:
        return [row.verb for row in client.get(ENTRIES, query).context["rows"]]

    assert found(verb="credentials.secret.reveal") == ["credentials.secret.reveal"]
    assert found(actor=city.carla.employee_number, object="Helen Okafor", verb="employees.employee.separate")
    assert set(found(actor="dana", object="x:hutchzoo")) >= {
        "credentials.secret.reveal",
        "accounts.account.open",
    }
    assert found(actor="nobody at all") == []
    assert found(verb=Verb.SECRET_REVEAL, since=clock.today().isoformat()) == []
    assert "No entry is like that." in client.get(ENTRIES, {"object": "nonesuch"}).text
    assert client.get(ENTRIES, {"since": "soon"}).status_code == 200


def test_entries_go_on_by_keyset(city: City, zoo: Credential) -> None:
    client, seen, address = client_of(city.eleanor), [], ENTRIES
    while address:
        page = client.get(address)
        seen += [row.index for row in page.context["rows"]]
        following = page.context["next_page"]
        address = ENTRIES + following if following else ""
    assert seen == sorted(Entry.objects.values_list("index", flat=True), reverse=True)


def test_one_entry_is_shown_whole_with_its_act(city: City, zoo: Credential) -> None:
    entry = Entry.objects.get(verb=Verb.SECRET_REVEAL)
    page = client_of(city.eleanor).get(reverse("credentials:entry", args=[entry.index])).text
    assert bytes(entry.leaf).hex() in page
    assert "credentials.secret.reveal" in page
    assert client_of(city.eleanor).get(reverse("credentials:entry", args=[10**9])).status_code == 404
    for person in (city.sam, city.olive, city.noah, city.rex):
        assert client_of(person).get(ENTRIES).status_code == 403
        assert client_of(person).get(reverse("credentials:entry", args=[1])).status_code == 403


def test_no_other_page_holds_a_secret(city: City) -> None:
    """Every page of the room, for everybody, after a deposit, a reveal and half a rotation."""
    from credentials import rotation, sealing

    zoo = deposited(city.helen, open_account(city.dana, city.zoo))
    vault.reveal(actor=city.dana, credential=zoo)
    started = rotation.start(actor=city.sam, credential=zoo)
    rotation.show(actor=city.sam, rotation=started)
    rotation.claim_changed(actor=city.sam, rotation=started)
    secrets = [SECRET, sealing.unseal(started.version)]
    names = (
        "credential",
        "deposit",
        "report",
        "told",
        "rotate",
        "rotation_cancel",
        "reveal",
        "rotation_show",
    )
    pages = [reverse(f"credentials:{name}", args=[zoo.pk]) for name in names]
    pages += ["/credentials/", "/credentials/queue/", "/custody/", ACCESS, EXPORT, ENTRIES]
    pages += [f"{ACCESS}?q=x:HutchZoo&on={clock.today().isoformat()}"]
    pages += [reverse("credentials:entry", args=[one.index]) for one in Entry.objects.order_by("-index")[:6]]
    for person in city.people:
        client = client_of(person)
        for address in pages:
            text = (
                client.get(address).text.replace("&amp;", "&").replace("&#x27;", "'").replace("&quot;", '"')
            )
            assert not [one for one in secrets if one in text], (person.name, address)
