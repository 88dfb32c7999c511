"""Query counts of the lists are equal at 10 and at 1,000 rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Platform
from audit import canonical, clock, statistics
from audit.models import Entry
from credentials.models import Credential, Custody, Ground, Knowledge, Rotation, SecretItem, SecretVersion
from employees.models import Employee
from tests.cast import City, client_of

pytestmark = pytest.mark.django_db


def many(city: City, count: int, slug: str = "x") -> None:
    """`count` accounts of the Fire Department (whose seat is empty), held by Dana, known to Noah without authority."""
    now = clock.now() - timedelta(days=3)
    platform = Platform.objects.get(slug=slug)
    first = Account.objects.count()
    accounts = Account.objects.bulk_create(
        Account(
            platform=platform,
            handle=f"fire{first + number}",
            key=f"fire{first + number}",
            url=f"https://x.example/fire{first + number}",
            name=f"Fire {first + number}",
            department=city.fire,
            state=Account.State.ACTIVE,
            origin=Account.Origin.IMPORT,
            created_at=now,
        )
        for number in range(count)
    )
    channel = Custody.Channel.SHARED_LOGIN if slug == "x" else Custody.Channel.PLATFORM_ROLE
    custodies = Custody.objects.bulk_create(
        Custody(account=one, person=city.dana, channel=channel, platform_role="Admin", opened_at=now)
        for one in accounts
    )
    Ground.objects.bulk_create(
        Ground(
            custody=one,
            kind=Ground.Kind.REQUEST,
            source_id="1",
            authority="Request 1",
            effective_from=now,
            opened_at=now,
        )
        for one in custodies
    )
    if slug == "x":
        _known(accounts, city.noah, city.sam)


def _known(accounts: list[Account], knower: Employee, rotator: Employee) -> None:
    now = clock.now() - timedelta(days=2)
    credentials = Credential.objects.bulk_create(Credential(account=one, created_at=now) for one in accounts)
    items = SecretItem.objects.bulk_create(SecretItem(credential=one, kind="password") for one in credentials)

    def versions(number: int, state: str) -> list[SecretVersion]:
        return SecretVersion.objects.bulk_create(
            SecretVersion(
                item=item,
                number=number,
                state=state,
                token=b"",
                key_id="none",
                created_by=rotator,
                created_at=now,
                current_from=now,
            )
            for item in items
        )

    current = versions(1, "current")
    Knowledge.objects.bulk_create(
        Knowledge(version=one, person=knower, how="reveal", at=now, recorded_at=now) for one in current
    )
    # Every third is being rotated.
    Rotation.objects.bulk_create(
        Rotation(item=one.item, version=one, state="staged", started_by=rotator, started_at=now)
        for one in versions(2, "staged")[::3]
    )


def entries(count: int) -> None:
    top = Entry.objects.order_by("-index").values_list("index", flat=True).first() or 0
    text = canonical.line({"test": True})
    Entry.objects.bulk_create(
        Entry(
            index=top + number,
            at=clock.now(),
            verb="credentials.secret.reveal",
            object_type="credentials.credential",
            object_id="1",
            object_text="@fire on X",
            operation="00000000-0000-0000-0000-000000000000",
            canonical=text,
            leaf=canonical.leaf(text),
        )
        for number in range(1, count + 1)
    )


def equal(asked: list[tuple[Client, str]], more: Callable[[], None]) -> None:
    """Each page takes as many queries after `more` as before."""

    def queries(client: Client, address: str) -> list[str]:
        client.get(address)  # what is cached for the process is not counted
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return [query["sql"] for query in captured.captured_queries]

    before = [queries(client, address) for client, address in asked]
    more()
    statistics.refresh()
    for (client, address), were in zip(asked, before, strict=True):
        after = queries(client, address)
        assert len(after) == len(were), "\n".join([address, *sorted(sql[:200] for sql in after)])


LISTS = (
    ("dana", "/credentials/"),
    ("sam", "/credentials/queue/"),
    ("eleanor", "/custody/"),
    ("dana", "/custody/"),
    ("eleanor", "/access/?q=dana@hutch.example&on=2026-01-01"),
)


def test_lists_of_accounts(city: City) -> None:
    many(city, 10)
    many(city, 10, "facebook")

    def more() -> None:
        many(city, 990)
        many(city, 990, "facebook")

    equal([(client_of(getattr(city, first)), address) for first, address in LISTS], more)


def test_entries(city: City) -> None:
    entries(10)
    address = "/access/entries/?verb=credentials.secret.reveal"
    equal([(client_of(city.eleanor), address)], lambda: entries(990))
