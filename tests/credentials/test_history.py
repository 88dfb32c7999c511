"""Who could, who had, who knew: as the system permitted and showed it then, with what was learnt later beside it."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from audit import clock
from credentials import custody, history, knowledge, vault
from credentials.history import AsOf, Item
from credentials.models import Custody, SecretVersion
from employees import services as people
from tests.cast import City, designate
from tests.credentials.accounts import deposited, open_account, rotated

pytestmark = pytest.mark.django_db


def names(items: list[Item]) -> set[str]:
    return {item.person.name.split()[0].lower() for item in items}


def columns(answer: AsOf) -> tuple[set[str], set[str], set[str]]:
    return names(answer.entitled), names(answer.revealed), names(answer.knew)


def test_the_three_columns_of_a_day_on_which_somebody_knew_without_authority(city: City) -> None:
    account = open_account(city.dana, city.zoo)
    credential = deposited(city.helen, account)
    designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    vault.reveal(actor=city.priya, credential=credential)
    before = clock.now()
    people.separate(actor=city.carla, employee=city.priya, last_day=clock.today(), reason="Left")
    after = clock.now()
    rotated(city.sam, credential)

    assert columns(history.as_of(account, before)) == (
        {"dana", "marcus", "helen", "priya"},
        {"priya"},
        {"helen", "priya"},
    )
    left = history.as_of(account, after)
    assert columns(left) == ({"dana", "marcus", "helen"}, {"priya"}, {"helen", "priya"})
    assert {item.person.name for item in left.knew if not item.with_authority} == {"Priya Nair"}
    assert names(left.held_that_day) == {"dana", "marcus", "helen", "priya"}
    now = history.as_of(account, clock.now())
    assert columns(now) == ({"dana", "marcus", "helen"}, {"priya"}, {"sam"})
    assert [item.ground for item in now.knew] == ["information_technology"]


def test_before_anything_happened_nobody_held_it(city: City) -> None:
    moment = clock.now()
    account = open_account(city.dana, city.zoo)
    answer = history.as_of(account, moment)
    assert columns(answer) == (set(), set(), set())
    assert answer.version is None


def test_a_telling_declared_later_is_a_correction_and_not_a_rewriting(city: City) -> None:
    account = open_account(city.dana, city.zoo)
    credential = deposited(city.helen, account)
    told_at = clock.now()
    asked_at = clock.now()
    version = SecretVersion.objects.get()
    with clock.moved_to(clock.now() + timedelta(days=2)):
        knowledge.declare_told(actor=city.helen, version=version, person=city.noah, at=told_at)
        answer = history.as_of(account, asked_at)
        now = history.as_of(account, clock.now())

    assert names(answer.knew) == {"helen"}
    assert [row.person for row in answer.corrections] == [city.noah]
    assert "noah" in names(now.knew)
    assert credential.account_id == account.pk


def test_an_ending_recorded_late_is_a_correction(city: City) -> None:
    account = open_account(city.dana, city.zoo)
    paper = designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    with clock.moved_to(clock.now() + timedelta(days=5)):
        between = clock.now() - timedelta(days=2)
        yesterday = clock.today() - timedelta(days=4)
        people.end_designation(actor=city.helen, designation=paper, last_day=yesterday, reason="Moved on")
        answer = history.as_of(account, between)
        after = history.as_of(account, clock.now())

    assert "priya" in names(answer.entitled)
    assert [row.person for row in answer.corrections] == [city.priya]
    assert "priya" not in names(after.entitled)


def test_an_account_without_a_shared_login_has_empty_columns(city: City) -> None:
    account = open_account(city.dana, city.zoo, "HutchinsonZoo", platform="facebook")
    data = history.as_of(account, clock.now()).as_data()
    assert data["revealed"] == data["knew"] == []
    assert len(data["entitled"]) == 3


def printed(*arguments: str) -> Any:
    out = StringIO()
    call_command("holders", *arguments, "--format", "json", stdout=out)
    return json.loads(out.getvalue())


def test_holders_prints_json_of_an_account(city: City) -> None:
    account = open_account(city.dana, city.zoo)
    deposited(city.helen, account)
    today = clock.today().isoformat()

    data = printed("--account", "twitter:hutchzoo", "--on", today)

    assert data["account"] == "x:HutchZoo"
    assert data["on"] == today
    assert {item["email"] for item in data["entitled"]} == {
        "dana@hutch.example",
        "marcus@hutch.example",
        "helen@hutch.example",
    }
    assert {"email", "employee_number", "ground", "authority", "since"} <= set(data["knew"][0])
    assert data["knew"][0]["email"] == "helen@hutch.example"
    assert {"held_that_day", "corrections"} <= set(data)


def test_holders_prints_json_of_a_person_who_has_left(city: City) -> None:
    account = open_account(city.dana, city.zoo)
    credential = deposited(city.helen, account)
    vault.reveal(actor=city.helen, credential=credential)
    people.separate(actor=city.carla, employee=city.helen, last_day=clock.today(), reason="Left")

    data = printed("--employee", "helen@hutch.example")

    (only,) = data["accounts"]
    assert only["account"] == "x:HutchZoo"
    assert only["entitled"] == []
    assert [item["email"] for item in only["revealed"]] == ["helen@hutch.example"]
    assert [item["ground"] for item in only["knew"]] == ["none"]


def test_wrong_arguments_of_holders_are_said_and_exit_2(city: City) -> None:
    from django.core.management.base import CommandError

    for arguments in (
        [],
        ["--account", "x:nobody"],
        ["--account", "nonsense"],
        ["--employee", "nobody@hutch.example"],
        ["--employee", "dana@hutch.example", "--on", "yesterday"],
    ):
        with pytest.raises(CommandError) as caught:
            call_command("holders", *arguments)
        assert caught.value.returncode == 2, arguments


def test_what_ran_out_by_itself_was_ended_by_nobody(city: City) -> None:
    open_account(city.dana, city.zoo)
    designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla, end=clock.today())
    with clock.moved_to(clock.end_of(clock.today()) + timedelta(hours=9)):
        custody.reconcile_all(actor=city.sam, reason="Something else happened")

    row = Custody.objects.get(person=city.priya)
    assert row.closed_at is not None
    assert row.closed_by is None
    assert row.end_reason == custody.RAN_OUT
