"""When the whole ledger was last verified, by whom and with what result: an entry like any other.

It says that somebody looked. That the ledger is whole is proved by looking oneself, never by what it says of itself.
"""

from __future__ import annotations

import getpass
import json
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError

from audit.actions import Verb
from audit.ledger import Ref, record, service
from audit.models import Entry
from audit.verification import Verdict

LEDGER = Ref("audit.ledger", "1", "The ledger")

DAILY_RUN = "daily_run"


@dataclass(frozen=True)
class Verified:
    """One verification that ran to its end. `by` is the daily run or an account on the server.

    `outside` is the size of the largest checkpoint that was brought from outside, and 0 where none was.
    """

    at: datetime
    by: str
    entries: int
    findings: int
    tables: bool
    outside: int

    @property
    def sound(self) -> bool:
        return not self.findings

    @property
    def by_itself(self) -> bool:
        return self.by == DAILY_RUN


def note(verdict: Verdict, *, by: str, tables: bool) -> str:
    """Record that the ledger was verified; says why not, where it cannot be.

    A ledger that lies behind a checkpoint gets no entry: it would take the place of one that is missing there. Nor does
    one of which nothing was found but that a key or a file that was brought does not fit: that tells of neither.
    """
    if verdict.unopened and not verdict.findings and not verdict.unguarded:
        return "a key or a checkpoint that was brought does not fit, and nothing else was found"
    if verdict.behind:
        return "entries are missing at its end, and one that tells of this would take the place of the first of them"
    try:
        _record(verdict, by, tables)
    except DatabaseError as error:
        return f"the database refuses it ({type(error).__name__})"
    return ""


@service
def _record(verdict: Verdict, by: str, tables: bool) -> None:
    record(
        Verb.LEDGER_VERIFY,
        actor=None,
        obj=LEDGER,
        by=by,
        entries=verdict.entries,
        findings=len(verdict.findings) + len(verdict.unguarded),
        tables=tables,
        outside=verdict.outside,
    )


def last() -> Verified | None:
    """The last verification that was recorded."""
    entry = Entry.objects.filter(verb=Verb.LEDGER_VERIFY).order_by("-index").only("at", "canonical").first()
    if entry is None:
        return None
    try:
        told = json.loads(entry.canonical)["data"]
        return Verified(
            entry.at, told["by"], told["entries"], told["findings"], told["tables"], told["outside"]
        )
    except (ValueError, KeyError, TypeError):
        return None  # somebody changed it: verifying again names it


def server_account() -> str:
    """Under which account of the server's this runs."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "?"
