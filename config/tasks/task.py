"""One thing that waits for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True)
class Task:
    """One thing to do: `tag` and `tone` name its kind, `verb` is on its button."""

    tag: str
    tone: Literal["danger", "warn", "info", "plain"]
    title: str
    text: str
    since: datetime | None
    url: str
    verb: str
    post: bool = False
    """Whether the button does it at once, with a POST to `url`."""


MOST = 10
"""Tasks of one kind that the page lists; the rest stands behind a link to the whole list."""
