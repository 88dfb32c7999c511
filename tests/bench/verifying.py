"""Verifying a ledger beside hashing the same texts and nothing else. Prints; asserts nothing but that it verifies."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from hashlib import sha256

from django.db import connection

from tests.bench import million

ENTRIES = int(os.environ.get("BENCH_ENTRIES", 1_000_000))
ROUNDS = 5


def measure() -> None:
    """Interleaved rounds; then two processes, the comparison with the tables, and the memory of a process alone."""
    from audit import reading
    from audit.verification import verify

    million.fill(ENTRIES)
    alone = memory()
    texts = [text for block in reading.blocks() for text in block.texts]

    def pure() -> float:
        begun = time.perf_counter()
        for text in texts:
            sha256(text).digest()
        return time.perf_counter() - begun

    def whole(processes: int = 1) -> float:
        begun = time.perf_counter()
        verdict = verify(replay=False, processes=processes)
        assert verdict.sound, verdict.findings
        assert verdict.entries == len(texts)
        return time.perf_counter() - begun

    pairs = [(pure(), whole()) for _ in range(ROUNDS)]
    ratios = [hashing / verifying for hashing, verifying in pairs]
    print(
        f"{connection.vendor}: {len(texts):,} entries verified by one process in "
        f"{statistics.median(verifying for _, verifying in pairs):.2f} s, SHA-256 of their texts alone "
        f"{statistics.median(hashing for hashing, _ in pairs):.2f} s: {statistics.median(ratios):.2f} of it, from "
        f"{min(ratios):.2f} to {max(ratios):.2f}; a process of its own took {alone}"
    )
    both = [(pure(), whole(2)) for _ in range(ROUNDS)]
    ratios = [hashing / verifying for hashing, verifying in both]
    print(
        f"{connection.vendor}: by two processes {statistics.median(took for _, took in both):.2f} s, "
        f"{statistics.median(ratios):.2f} of SHA-256 in one"
    )
    begun = time.perf_counter()
    verify()  # the tables hold none of the rows that these entries tell of: the replay is what is timed
    print(f"{connection.vendor}: with the comparison of the tables {time.perf_counter() - begun:.2f} s")


def memory() -> str:
    """Peak memory of a process that does nothing but verify, and of one that only starts."""
    found = []
    for act in ("None", "verify(replay=False)"):
        code = (
            "import django; django.setup(); from audit.verification import verify; "
            "from django.db import connections; from resource import *; "
            f"connections['default'].settings_dict['NAME'] = {connection.settings_dict['NAME']!r}; "
            f"{act}; print(getrusage(RUSAGE_SELF).ru_maxrss)"
        )
        ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        found.append(int(ran.stdout) / 1024)
    return f"{found[1]:.0f} MB of memory, {found[0]:.0f} MB of it before it began"
