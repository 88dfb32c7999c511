"""Whether the system runs: one line for each thing that could stop it, told by the room that knows.

A room registers its line in its `ready()`. The page Status shows them all; `/healthz` says their words, and 503 unless
each of them is fine.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError
from django.utils.functional import Promise

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Condition:
    """How one thing stands. `word` is for a monitor and says no more than a stranger may know; `text` is for IT."""

    word: str
    text: str = ""
    mend: str = ""
    """What to do about it; empty where it is fine."""
    fine: bool = True
    since: datetime | None = None


@dataclass(frozen=True)
class Line:
    """A condition with its name (in `/healthz`) and its label (on the page)."""

    name: str
    label: str | Promise
    condition: Condition


_checks: dict[str, tuple[int, str | Promise, Callable[[], Condition]]] = {}


def register(name: str, label: str | Promise, check: Callable[[], Condition], *, place: int) -> None:
    """Let `check` tell the line `name`, in the order of `place`. A later registration takes an earlier one's place."""
    _checks[name] = (place, label, check)


def lines() -> list[Line]:
    """Every line, in order. A check that fails is a condition, not an error."""
    ordered = sorted(_checks.items(), key=lambda item: item[1][0])
    return [Line(name, label, _told(name, check)) for name, (_place, label, check) in ordered]


def _told(name: str, check: Callable[[], Condition]) -> Condition:
    try:
        return check()
    except DatabaseError:
        return Condition("unknown", "The database does not answer.", "See the database's line.", fine=False)
    except Exception:
        logger.exception("The condition of %s cannot be told", name)
        return Condition("unknown", "It cannot be told; the log says why.", "Read the log.", fine=False)
