"""Recomputing the whole ledger: positions, leaves, columns, and the tables that the entries tell of."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from audit import canonical, locks
from audit.models import Entry
from audit.replay import Replayed

MOST_FINDINGS = 20
"""Findings kept: the first one matters, a torrent of consequences does not."""


@dataclass
class Verdict:
    """How many entries were read and what is wrong, the first finding first."""

    entries: int = 0
    findings: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not self.findings


def verify(*, progress: Callable[[int], None] | None = None) -> Verdict:
    """Read every entry in order and compare. Memory grows with the replayed tables, not with the entries."""
    with locks.one_moment():
        return _verify(progress)


def _verify(progress: Callable[[int], None] | None) -> Verdict:
    verdict = Verdict()
    replayed = Replayed()
    entries = Entry.objects.order_by("index").iterator(chunk_size=2000)
    for place, entry in enumerate(entries, 1):
        verdict.entries = place
        verdict.findings.extend(_findings(entry, place, replayed))
        if len(verdict.findings) >= MOST_FINDINGS:
            return verdict
        if progress and place % 1000 == 0:
            progress(place)
    for difference in replayed.differences():
        verdict.findings.append(difference)
        if len(verdict.findings) >= MOST_FINDINGS:
            break
    return verdict


def _findings(entry: Entry, place: int, replayed: Replayed) -> Iterator[str]:
    if entry.index != place:
        yield f"entry {entry.index} stands at position {place}: the ledger is not contiguous"
        return
    if bytes(entry.leaf) != canonical.leaf(entry.canonical):
        yield f"entry {entry.index}: the leaf hash is not that of its canonical text"
        return
    try:
        content = json.loads(entry.canonical)
    except ValueError:
        yield f"entry {entry.index}: the canonical text is not JSON"
        return
    actor = content["actor"] or {"id": "", "text": ""}
    target = content["object"]
    columns = {
        "at": content["at"] == canonical.moment(entry.at),
        "verb": content["verb"] == entry.verb,
        "actor_id": actor["id"] == entry.actor_id,
        "actor_text": actor["text"][:200] == entry.actor_text,
        "object_type": target["type"] == entry.object_type,
        "object_id": target["id"] == entry.object_id,
        "object_text": target["text"][:400] == entry.object_text,
        "operation": content["operation"] == str(entry.operation),
    }
    for name, agrees in columns.items():
        if not agrees:
            yield f"entry {entry.index}: the column {name} differs from the canonical text"
    replayed.add(content)
