"""A million entries to files, beside psql and the sqlite3 shell with the same columns. Prints; asserts nothing."""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import django
from django.db import connection

ENTRIES = int(os.environ.get("BENCH_ENTRIES", "1000000"))
ROUNDS = 5
QUERY = (
    'SELECT "index", at, verb, actor_id, actor_text, object_type, object_id, object_text, operation, leaf, canonical '
    'FROM audit_entry ORDER BY "index"'
)


def measure() -> None:
    """Fill the test database up to ENTRIES, then interleaved rounds; each of ours in a process of its own."""
    from tests.bench import million

    million.fill(ENTRIES)
    with tempfile.TemporaryDirectory(prefix="bench-exports-") as name:
        folder = Path(name)
        database = str(connection.settings_dict["NAME"])
        if connection.vendor == "sqlite":  # the runner's is in memory, and a shell cannot open that
            database = str(folder / "million.sqlite3")
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [database])
        tool = "psql" if connection.vendor == "postgresql" else "sqlite3"
        if shutil.which(tool) is None:
            print(f"{connection.vendor}: {tool} is not installed, so nothing stands beside the CSV export")
        else:
            _beside(tool, database, folder)
        for form in ("csv", "jsonl", "ndjson"):
            print(f"{connection.vendor}: entries as {form}: {_ours(form, database, folder).spoken()}")


@dataclass(frozen=True)
class Run:
    """What one export took, and the most memory that its process ever had: before it began, and after."""

    seconds: float
    rows: int
    before: float
    peak: float

    def spoken(self) -> str:
        return (
            f"{self.rows:,} rows in {self.seconds:.2f} s; memory at most {self.peak:.0f} MB, of which "
            f"{self.before:.0f} MB before it began"
        )


def _beside(tool: str, database: str, folder: Path) -> None:
    pairs = []
    for _round in range(ROUNDS + 1):
        theirs = _theirs(tool, database, folder / "theirs.csv")
        pairs.append((_ours("csv", database, folder), theirs))
    pairs = pairs[1:]  # the first warms up
    ratios = [theirs / ours.seconds for ours, theirs in pairs]
    what = "psql \\copy" if tool == "psql" else "the sqlite3 shell"
    print(
        f"{connection.vendor}: {pairs[0][0].rows:,} entries as CSV ({(folder / 'csv').stat().st_size / 1e6:.0f} MB), "
        f"{ROUNDS} rounds: {statistics.median(ours.seconds for ours, _ in pairs):.2f} s with guard and hash, {what} "
        f"unguarded {statistics.median(theirs for _, theirs in pairs):.2f} s in the median; speed beside it: median "
        f"{statistics.median(ratios):.2f}, from {min(ratios):.2f} to {max(ratios):.2f}"
    )


def _theirs(tool: str, database: str, path: Path) -> float:
    """Seconds that the database's own tool takes for the same columns."""
    if tool == "psql":
        at = connection.settings_dict
        command = ["psql", "-qX", "-d", database, "-c", f"\\copy ({QUERY}) TO '{path}' CSV HEADER"]
        for option, name in (("-h", "HOST"), ("-p", "PORT"), ("-U", "USER")):
            command += [option, str(at[name])] if at[name] else []
    else:
        # The shell would write a leaf's raw bytes.
        command = ["sqlite3", "-csv", "-header", "-readonly", database, f".output {path}"]
        command.append(QUERY.replace(" leaf,", " hex(leaf),"))
    environment = {**os.environ, "PGPASSWORD": connection.settings_dict.get("PASSWORD") or ""}
    begin = time.perf_counter()
    subprocess.run(command, check=True, env=environment)
    return time.perf_counter() - begin


def _ours(form: str, database: str, folder: Path) -> Run:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.exports", form, database, str(folder / form)],
        check=True,
        capture_output=True,
        text=True,
    )
    return Run(**json.loads(done.stdout))


def alone(form: str, database: str, path: str) -> None:
    """Export from `database` to `path` in this process, and tell of it. The parent has set the environment."""
    django.setup()
    from audit import exports as ledger
    from audit.models import Entry
    from credentials import copying, entryfiles, tables

    connection.settings_dict["NAME"] = database
    connection.ensure_connection()
    before, begin, found = _peak(), time.perf_counter(), Entry.objects.order_by("index")
    if form == "csv":
        with open(path, "wb") as file:
            rows = copying.write_csv(rows=found, columns=entryfiles.HEADED, file=file).rows
    elif form == "jsonl":
        with open(path, "wb") as file:
            lines = entryfiles.rows(found)
            rows = tables.write(form=form, columns=entryfiles.COLUMNS, rows=lines, file=file).rows
    else:
        rows = int(ledger.to_file(actor=None, path=path)["rows"])
    print(json.dumps(asdict(Run(time.perf_counter() - begin, rows, before, _peak()))))


def _peak() -> float:
    """Megabytes at the most so far. Linux counts into ru_maxrss what the parent had when it made this process."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    alone(*sys.argv[1:])
