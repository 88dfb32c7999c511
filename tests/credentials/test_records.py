"""Requests for public records, legal holds, and who could have posted."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import call_command

from audit import clock
from audit.actions import Verb
from audit.errors import Invalid, NotPermitted, Stale
from audit.models import Entry
from audit.verification import verify
from credentials import grants, holds, knowledge, platform_roles, posting, records, rotation, vault
from credentials.models import Credential, Custody, LegalHold, RecordsRequest
from employees import services as people
from employees.models import Employee
from tests.cast import City, client_of, designate
from tests.credentials.accounts import SECRET, deposited, open_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def zoo(city: City) -> Credential:
    credential = deposited(city.helen, open_account(city.dana, city.zoo))
    vault.reveal(actor=city.dana, credential=credential)
    return credential


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (date(2026, 11, 23), date(2026, 11, 27)),  # Thanksgiving between
        (date(2026, 11, 20), date(2026, 11, 25)),  # over a weekend
        (date(2026, 12, 24), date(2026, 12, 30)),  # Christmas on a Friday, then a weekend
        (date(2026, 7, 1), date(2026, 7, 7)),  # July 4 on a Saturday is observed on Friday
        (date(2026, 6, 1), date(2026, 6, 4)),
        (date(2026, 6, 6), date(2026, 6, 10)),  # received on a Saturday
    ],
)
def test_the_third_business_day(received: date, due: date) -> None:
    assert records.due_on(received) == due


def test_the_citys_own_holidays_count(settings: Any) -> None:
    settings.HOLIDAYS_MORE = ["2026-11-27"]
    assert records.due_on(date(2026, 11, 23)) == date(2026, 11, 30)


def receive(city: City, **more: Any) -> RecordsRequest:
    wanted: dict[str, Any] = {"number": "ORR-7", "received_on": clock.today(), "subject": "Who had access"}
    return records.receive(actor=city.eleanor, **{**wanted, **more})


def answered(person: Employee, request: RecordsRequest) -> zipfile.ZipFile:
    answer = client_of(person).post(f"/access/records/{request.pk}/answer/")
    assert answer.status_code == 200
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]


def test_the_answer_holds_what_is_open_and_says_why_the_rest_is_closed(city: City, zoo: Credential) -> None:
    people.separate(actor=city.carla, employee=city.helen, last_day=clock.today(), reason="a private matter")
    request = receive(city, account=zoo.account)
    archive = answered(city.eleanor, request)
    rows = list(csv.DictReader(io.StringIO(archive.read("open.csv").decode())))
    assert {row["person"] for row in rows} == {"Dana Whitfield", "Marcus Lindqvist", "Helen Okafor"}
    assert not {"employee_number", "reason", "knows_current_version", "still_present_on_platform"} & set(
        rows[0]
    )
    closed = {
        row["closed"]: row["ground"]
        for row in csv.DictReader(io.StringIO(archive.read("closed.csv").decode()))
    }
    assert closed["Knows current version"].startswith("K.S.A. 45-221(a)(12)")
    assert closed["Personal addresses and telephones"].startswith("K.S.A. 45-221(a)(30)")
    whole = b"".join(archive.read(name) for name in archive.namelist())
    for secret in (SECRET, "private matter", "hutch.example", str(city.helen.employee_number)):
        assert secret.encode() not in whole
    manifest = json.loads(archive.read("manifest.json"))
    request.refresh_from_db()
    assert (request.state, request.sha256) == ("answered", manifest["sha256"])
    assert manifest["filters"]["records_request"] == "ORR-7"
    assert Entry.objects.filter(verb=Verb.RECORDS_ANSWER).count() == 1
    answered(city.eleanor, request)
    assert Entry.objects.filter(verb=Verb.RECORDS_ANSWER).count() == 1
    assert verify().sound


def test_gaps_stay_closed_whatever_the_setting_says(settings: Any) -> None:
    settings.RECORDS_CLOSED = {"title": "City ordinance 4"}
    assert not set(records.GAPS) & set(records.open_columns())
    assert "title" not in records.open_columns()
    assert "employee_number" in records.open_columns()
    assert set(records.ALWAYS_CLOSED) <= set(records.closed())


def test_a_request_is_recorded_once_and_by_auditors(city: City, zoo: Credential) -> None:
    receive(city)
    with pytest.raises(Invalid, match="recorded already"):
        receive(city, number="orr-7")
    with pytest.raises(Invalid):
        receive(city, number="ORR-8", received_on=clock.today() + timedelta(days=1))
    for person in (city.dana, city.carla, city.sam, city.rex):
        with pytest.raises(NotPermitted):
            records.receive(actor=person, number="ORR-9", received_on=clock.today(), subject="x")
    page = client_of(city.carla).get("/access/records/")
    assert "ORR-7" in page.text
    assert "Record the request" not in page.text
    assert "ORR-7" in client_of(city.eleanor).get("/today/").text
    assert "Who had access" not in "".join(Entry.objects.values_list("canonical", flat=True))


def test_a_request_is_recorded_on_its_page(city: City, zoo: Credential) -> None:
    data = {
        "number": "ORR-10", "received_on": clock.today().isoformat(), "subject": "All", "account": "x:hutchzoo",
        "employee": "", "department": "", "since": "", "until": "",
    }  # fmt: skip
    page = client_of(city.eleanor).post("/access/records/", data, follow=True)
    assert "An answer is due on" in page.text
    assert RecordsRequest.objects.get().account == zoo.account
    assert "recorded already" in client_of(city.eleanor).post("/access/records/", data).text


def test_a_legal_hold_marks_the_account(city: City, zoo: Credential) -> None:
    client = client_of(city.mona)
    client.post("/access/retention/", {"account": "x:hutchzoo", "matter": "Case 12"})
    hold = LegalHold.objects.get()
    assert "Case 12" in client_of(city.helen).get(f"/registry/{zoo.account_id}/").text
    assert (
        "holds it already"
        in client.post("/access/retention/", {"account": "x:hutchzoo", "matter": "Case 12"}).text
    )
    for person in (city.helen, city.sam, city.carla, city.rex):
        with pytest.raises(NotPermitted):
            holds.release(actor=person, hold=hold, reason="x")
    client.post(f"/access/retention/{hold.pk}/release/", {"reason": ""})
    assert LegalHold.objects.filter(released_at=None).exists()
    client.post(f"/access/retention/{hold.pk}/release/", {"reason": "Settled"})
    hold.refresh_from_db()
    assert (hold.released_by, hold.release_reason) == (city.mona, "Settled")
    with pytest.raises(Stale):
        holds.release(actor=city.mona, hold=hold, reason="again")
    assert "On hold" not in client_of(city.helen).get(f"/registry/{zoo.account_id}/").text
    assert "Settled" in client.get("/access/retention/").text


# Who could have posted


def names(found: posting.Posting) -> set[str]:
    return {name.split()[0].lower() for name in found.names()}


def test_who_knew_could_have_posted_entitled_or_not(city: City, zoo: Credential) -> None:
    designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    vault.reveal(actor=city.priya, credential=zoo)
    people.separate(actor=city.carla, employee=city.priya, last_day=clock.today(), reason="Left")
    found = posting.could_have(zoo.account, clock.now())
    assert names(found) == {"helen", "dana", "priya"}
    assert {one.person.name: bool(one.authority) for one in found.able}["Priya Nair"] is False
    assert [one.person for one in found.entitled_only] == [city.marcus]
    version = vault.current_version(vault.item_of(zoo))
    assert version is not None
    moment = clock.now()
    knowledge.declare_told(actor=city.noah, version=version, person=city.noah, at=moment)
    later = {one.person: one.learnt_later for one in posting.could_have(zoo.account, moment).able}
    assert later[city.noah]
    assert not later[city.dana]


def test_between_claimed_and_verified_both_passwords_count(city: City, zoo: Credential) -> None:
    started = rotation.start(actor=city.sam, credential=zoo)
    assert names(posting.could_have(zoo.account, clock.now())) == {"helen", "dana"}
    rotation.show(actor=city.sam, rotation=started)
    rotation.claim_changed(actor=city.sam, rotation=started)
    during = posting.could_have(zoo.account, clock.now())
    assert names(during) == {"helen", "dana", "sam"}
    assert "Information Technology" in next(one.authority for one in during.able if one.person == city.sam)
    rotation.verify(actor=city.sam, rotation=started)
    assert names(posting.could_have(zoo.account, clock.now())) == {"sam"}


def test_who_is_still_present_on_the_platform_could_have(city: City) -> None:
    page = open_account(city.dana, city.zoo, "HutchinsonZoo", "facebook")
    given = grants.give(
        actor=city.dana, account=page, people=[city.priya], request_id="8", request_text="Request 8",
        start=clock.today(),
    )  # fmt: skip
    custody = Custody.objects.get(account=page, person=city.priya)
    platform_roles.confirm_role(actor=city.sam, custody=custody)
    grants.end(actor=city.dana, grants=given, reason="Over")
    custody.refresh_from_db()
    before = clock.now()
    assert "priya" in names(posting.could_have(page, before))
    platform_roles.confirm_removal(actor=city.sam, custody=custody)
    assert "priya" not in names(posting.could_have(page, clock.now()))
    assert "priya" in names(posting.could_have(page, before))


def test_the_page_and_the_command_say_who_could_have(city: City, zoo: Credential) -> None:
    page = client_of(city.eleanor).get(
        "/access/", {"q": "x:HutchZoo", "on": clock.today().isoformat(), "at": ""}
    )
    assert "Who could have written a post then" in page.text
    out = io.StringIO()
    call_command("holders", account="x:HutchZoo", format="json", stdout=out)
    data = json.loads(out.getvalue())
    assert {one["name"] for one in data["could_have_posted"]} == {"Dana Whitfield", "Helen Okafor"}


def test_a_department_as_of_a_moment(city: City, zoo: Credential) -> None:
    deposited(city.helen, open_account(city.dana, city.zoo, "HutchZooKids"))
    today = clock.today().isoformat()
    for q in ("zoo", "Hutchinson Zoo"):
        page = client_of(city.eleanor).get("/access/", {"q": q, "on": today, "at": ""})
        assert [answer.account.handle for answer, _rows, _verdict in page.context["parts"]] == [
            "HutchZoo",
            "HutchZooKids",
        ]
        assert "nobody knew a password without authority" in page.text
    assert client_of(city.helen).get("/access/", {"q": "zoo", "on": today}).context["parts"]
    assert "parts" not in client_of(city.olive).get("/access/", {"q": "zoo", "on": today}).context
    out = io.StringIO()
    call_command("holders", department="zoo", format="json", stdout=out)
    assert [one["account"] for one in json.loads(out.getvalue())["accounts"]] == [
        "x:HutchZoo",
        "x:HutchZooKids",
    ]
