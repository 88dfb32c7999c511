"""The directory at 20,000 accounts: a page beside the SQL that it must run, and what a first visit loads."""

from __future__ import annotations

import gzip
import re
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

ACCOUNTS = 20_000
DEPARTMENTS = 40
ROUNDS = 15


def measure() -> None:
    """Interleaved rounds of pages and of their own two statements, fetched and thrown away; then the weight."""
    settings.ALLOWED_HOSTS = ["testserver"]
    fill()
    client = Client()
    for name, address in (
        ("first page", "/"),
        ("rare word", "/?q=zoo+19999"),
        ("common word", "/?q=city"),
        ("one department", "/?department=d7"),
        ("deep page", deep(client)),
    ):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        statements = [query["sql"] for query in captured]
        pairs = [(timed(client.get, address), timed(run, statements)) for _ in range(ROUNDS)]
        ratios = [page / sql for page, sql in pairs]
        print(
            f"{connection.vendor}: directory of {ACCOUNTS:,}, {name}: {len(statements)} queries; "
            f"{statistics.median(page for page, _sql in pairs) * 1e3:.1f} ms, its SQL alone "
            f"{statistics.median(sql for _page, sql in pairs) * 1e3:.1f} ms; times the SQL: median "
            f"{statistics.median(ratios):.2f}, from {min(ratios):.2f} to {max(ratios):.2f}"
        )
    weight(client)


def fill() -> None:
    """Accounts as an import and an attestation leave them."""
    from accounts.models import Account, Handle, Platform
    from audit import clock
    from audit import statistics as planner
    from employees.models import Department

    platforms = list(Platform.objects.filter(slug__in=("x", "facebook", "instagram", "youtube")))
    departments = Department.objects.bulk_create(
        Department(code=f"d{number}", name=f"Department of Affairs {number:02}")
        for number in range(DEPARTMENTS)
    )
    now = clock.now()
    accounts = Account.objects.bulk_create(
        (
            Account(
                platform=platforms[number % len(platforms)],
                handle=f"CityZoo{number}",
                key=f"cityzoo{number}",
                url=f"https://x.com/CityZoo{number}",
                name=f"City zoo {number}",
                short_description=f"Animals, keepers and opening hours of zoo {number}, day by day",
                department=departments[number % DEPARTMENTS],
                state=Account.State.ACTIVE,
                origin=Account.Origin.IMPORT,
                attested_at=now - timedelta(days=number % 900),
                activated_at=now,
                created_at=now,
            )
            for number in range(ACCOUNTS)
        ),
        batch_size=1000,
    )
    Handle.objects.bulk_create(
        (Handle(account=one, handle=one.handle, key=one.key) for one in accounts), batch_size=1000
    )
    planner.refresh()


def deep(client: Client) -> str:
    """The address of a page in the middle of the list."""
    from accounts.searching import mark

    return f"/?after={mark(['Department of Affairs 20', 'X', 'cityzoo9', 10_000])}"


def run(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for sql in statements:
            cursor.execute(sql)  # the captured text has its values in it already
            cursor.fetchall()


def timed(act: Callable[[Any], object], about: Any) -> float:
    """Seconds that `act` takes."""
    begin = time.perf_counter()
    act(about)
    return time.perf_counter() - begin


def weight(client: Client) -> None:
    """Bytes that a first visit loads, compressed, without fonts."""
    page = client.get("/", headers={"Accept-Encoding": "gzip"})
    sizes = {"page": len(page.content)}
    text = gzip.decompress(page.content).decode()
    for address in sorted(set(re.findall(r'(?:href|src)="(/static/[^"]+)"', text))):
        found = finders.find(address.removeprefix(settings.STATIC_URL))
        assert isinstance(found, str)
        sizes[address] = len(gzip.compress(Path(found).read_bytes(), 9))
    parts = ", ".join(f"{name.rpartition('/')[2] or name} {size / 1024:.1f}" for name, size in sizes.items())
    print(
        f"first load of the directory, {len(sizes)} files compressed: {sum(sizes.values()) / 1024:.1f} KB ({parts})"
    )
