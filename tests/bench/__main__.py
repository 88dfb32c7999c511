"""`make bench`: what ledger and vault cost, as ratios to the plain thing in the same run. Prints; asserts nothing."""

from __future__ import annotations

import itertools
import statistics
import time
import uuid
from collections.abc import Callable

import tests.conftest  # noqa: F401  # the environment of a test run

import django  # isort: skip

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.test.utils import get_runner  # noqa: E402

from tests.bench import waiting  # noqa: E402

ROUNDS = 20
ACTS = 100


def main() -> None:
    """Make a test database, measure in it, and remove it."""
    from tests.bench import directory, exports, vault, verifying

    within(measure, waiting.measure, directory.measure, vault.measure)
    within(verifying.measure, exports.measure)


def within(*measures: Callable[[], None]) -> None:
    """Run these one after the other in a test database."""
    from django.conf import settings

    runner = get_runner(settings)(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        for measure in measures:
            measure()
    finally:
        runner.teardown_databases(databases)


def measure() -> None:
    """Interleaved rounds of appends and plain creates of the same columns; medians and spread of the ratio."""
    from audit import clock
    from audit.actions import Verb
    from audit.ledger import Ref, record, service
    from audit.models import Entry

    thing = Ref("tests.thing", "1", "A thing")

    @service
    def append() -> None:
        record(Verb.DAILY_RUN, actor=None, obj=thing, place=1)

    sample = Entry.objects.latest("index")
    place = itertools.count(-1, -1)  # below zero: the head that appends follow stays where it is

    def plain() -> None:
        with transaction.atomic():
            Entry.objects.create(
                index=next(place),
                at=clock.now(),
                verb=sample.verb,
                object_type=thing.type,
                object_id=thing.id,
                object_text=thing.text,
                operation=uuid.uuid4(),
                canonical=sample.canonical,
                leaf=bytes(sample.leaf),
            )

    pairs = [(timed(append), timed(plain)) for _ in range(ROUNDS)]
    appends, creates = zip(*pairs, strict=True)
    ratios = [create / one for one, create in pairs]
    print(
        f"{connection.vendor}: {ROUNDS} rounds of {ACTS}; one act with its entry {min(appends) / ACTS * 1e3:.2f} ms at "
        f"best, {statistics.median(appends) / ACTS * 1e3:.2f} ms in the median; plain create "
        f"{statistics.median(creates) / ACTS * 1e3:.2f} ms; speed beside plain: "
        f"median {statistics.median(ratios):.2f}, from {min(ratios):.2f} to {max(ratios):.2f}"
    )


def timed(act: Callable[[], None]) -> float:
    """Seconds that ACTS runs of `act` take."""
    begin = time.perf_counter()
    for _ in range(ACTS):
        act()
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
