"""“Waiting for me” at 1,000 and at 100,000 requests: the ratio of the list's time. Prints; asserts nothing."""

from __future__ import annotations

import statistics
import time

from django.db import connection, transaction

ROUNDS = 15
FEW, MANY = 1_000, 100_000


def measure() -> None:
    """In a transaction that is rolled back, so that the next benchmark begins as this one did."""
    from django.conf import settings

    from tests.approvals.many import fill_to
    from tests.cast import make_city

    settings.ALLOWED_HOSTS = ["testserver"]
    with transaction.atomic():
        city = make_city()
        fill_to(city, FEW)
        few = _median(city.dana)
        fill_to(city, MANY)
        many = _median(city.dana)
        print(
            f"{connection.vendor}: Waiting for me at {FEW:,} requests {few * 1e3:.1f} ms, at {MANY:,} "
            f"{many * 1e3:.1f} ms in the median of {ROUNDS}; ratio {many / few:.2f}"
        )
        transaction.set_rollback(True)


def _median(person: object) -> float:
    from tests.cast import client_of

    client = client_of(person)  # type: ignore[arg-type]
    times = []
    for _round in range(ROUNDS + 1):
        begin = time.perf_counter()
        assert client.get("/admin/approvals/request/").status_code == 200
        times.append(time.perf_counter() - begin)
    return statistics.median(times[1:])
