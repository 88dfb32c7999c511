"""As of a moment costs the same for ten and for a thousand custodians, and never reads a whole table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Platform
from audit import canonical, clock, statistics
from audit.models import Entry
from credentials import history, posting
from credentials.models import Credential, Custody, Ground, Knowledge, SecretItem, SecretVersion
from employees.models import Employee, Employment
from tests.cast import City, client_of
from tests.credentials.accounts import deposited, open_account

pytestmark = pytest.mark.django_db

BATCH = 5_000


def hired(city: City, count: int) -> list[Employee]:
    """People of the Fire Department, each with one period of employment."""
    start = Employee.objects.count()
    made = Employee.objects.bulk_create(
        Employee(
            employee_number=f"h{start + number}",
            name=f"Holder {start + number}",
            email=f"h{start + number}@hutch.example",
            department=city.fire,
        )
        for number in range(count)
    )
    day = clock.today() - timedelta(days=400)
    Employment.objects.bulk_create(
        Employment(employee=one, department=city.fire, start=day, recorded_at=clock.now()) for one in made
    )
    return made


def held(people: list[Employee], account: Account, version: SecretVersion, at: datetime) -> None:
    """Everybody in `people` holds `account` by a request and has revealed `version`."""
    custodies = Custody.objects.bulk_create(
        Custody(account=account, person=one, channel="shared_login", opened_at=at) for one in people
    )
    Ground.objects.bulk_create(
        Ground(
            custody=one, kind="request", source_id="0", authority="Request 1", effective_from=at, opened_at=at
        )
        for one in custodies
    )
    Knowledge.objects.bulk_create(
        Knowledge(version=version, person=one, how="reveal", at=at, recorded_at=at) for one in people
    )


def test_the_same_queries_for_ten_and_for_a_thousand(city: City) -> None:
    account = open_account(city.dana, city.zoo)
    credential = deposited(city.helen, account)
    version = SecretVersion.objects.get(item__credential=credential)
    client = client_of(city.eleanor)
    day = clock.today().isoformat()
    costs, answers = [], []
    for count in (10, 990):
        held(hired(city, count), account, version, clock.now())
        statistics.refresh()
        with CaptureQueriesContext(connection) as reading:
            answers.append(history.as_of(account, clock.now()))
            posting.could_have(account, clock.now())
        with CaptureQueriesContext(connection) as page:
            client.get("/access/", {"q": "x:HutchZoo", "on": day, "at": ""})
        costs.append((len(reading), len(page)))
    assert [len(answer.entitled) for answer in answers] == [13, 1003]
    assert costs[0] == costs[1]


def big(city: City, entries: int) -> Account:
    """A city with so many entries, a quarter as many knowledges, and an account for each hundred; gives one."""
    platform = Platform.objects.get(slug="x")
    at = clock.now() - timedelta(days=300)
    count = max(400, entries // 100)
    first = Account.objects.count()
    accounts = Account.objects.bulk_create(
        Account(
            platform=platform,
            handle=f"big{first + number}",
            key=f"big{first + number}",
            name=f"Big {number}",
            url=f"https://x.example/big{first + number}",
            department=city.fire,
            state="active",
            origin="import",
            created_at=at,
        )
        for number in range(count)
    )
    credentials = Credential.objects.bulk_create(Credential(account=one, created_at=at) for one in accounts)
    items = SecretItem.objects.bulk_create(SecretItem(credential=one, kind="password") for one in credentials)
    versions = SecretVersion.objects.bulk_create(
        SecretVersion(
            item=one, number=1, state="current", token=b"", key_id="k", created_at=at, current_from=at
        )
        for one in items
    )
    people = hired(city, 200)
    for place, (account, version) in enumerate(zip(accounts, versions, strict=True)):
        some = [people[(place + number) % 200] for number in range(12)]
        held(some, account, version, at)
    each = max(1, entries // 4 // count)
    rows = (
        Knowledge(version=version, person=people[(place + number) % 200], how="reveal", at=at, recorded_at=at)
        for place, version in enumerate(versions)
        for number in range(each)
    )
    for known in batches(rows):
        Knowledge.objects.bulk_create(known)
    for told in batches(filler(entries, accounts, people)):
        Entry.objects.bulk_create(told)
    statistics.refresh()
    return accounts[count // 2]


def filler(count: int, accounts: list[Account], people: list[Employee]) -> Iterator[Entry]:
    start = int(Entry.objects.order_by("-index").values_list("index", flat=True)[0]) + 1
    at = clock.now() - timedelta(days=300)
    for number in range(count):
        account, person = accounts[number % len(accounts)], people[number % len(people)]
        text = f'{{"n":{number}}}'
        yield Entry(
            index=start + number, at=at + timedelta(seconds=20 * number), verb="credentials.secret.reveal",
            actor_id=str(person.pk), actor_text=person.name, object_type="credentials.credential",
            object_id=str(account.pk), object_text=account.name, operation=uuid4(), canonical=text,
            leaf=canonical.leaf(text),
        )  # fmt: skip


def batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    some: list[Any] = []
    for row in rows:
        some.append(row)
        if len(some) == BATCH:
            yield some
            some = []
    if some:
        yield some


LARGE = (
    "credentials_ground",
    "credentials_custody",
    "credentials_knowledge",
    "credentials_secretversion",
    "audit_entry",
)


def scans(sql: str) -> set[str]:
    """The large tables that PostgreSQL would read whole for `sql`."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        plan = cursor.fetchone()[0]
    nodes = [(json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]]
    found = set()
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", [])
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in LARGE:
            found.add(node["Relation Name"])
    return found


def assert_no_table_is_read_whole(city: City, entries: int) -> None:
    account = big(city, entries)
    client = client_of(city.eleanor)
    on = clock.today().isoformat()
    person = Employee.objects.filter(custodies__account=account)[0]
    visits = {
        "as of": f"/access/?q=x:{account.handle}&on={on}&at=",
        "timeline": f"/access/{account.pk}/timeline/",
        "by account": f"/access/entries/?object=x:{account.handle}",
        "by person": f"/access/entries/?actor={person.employee_number}",
        "by verb": "/access/entries/?verb=credentials.secret.deposit",
        "by period": f"/access/entries/?since={on}&until={on}",
        "all four": f"/access/entries/?object=x:{account.handle}&actor={person.employee_number}"
        f"&verb=credentials.secret.reveal&since={on}&until={on}",
    }
    wrong = []
    for name, address in visits.items():
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(address)
        assert answer.status_code == 200
        for query in captured.captured_queries:
            if re.match("SELECT", query["sql"]) and (whole := scans(query["sql"])):
                wrong.append(f"{name} reads {', '.join(sorted(whole))} whole: {query['sql'][:3000]}")
    assert wrong == [], "\n\n".join(wrong)


@pytest.mark.skipif("connection.vendor != 'postgresql'")
def test_no_table_is_read_whole(city: City) -> None:
    assert_no_table_is_read_whole(city, 40_000)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.skipif("connection.vendor != 'postgresql'")
def test_no_table_is_read_whole_at_a_million_entries(city: City) -> None:
    assert_no_table_is_read_whole(city, 1_000_000)
