"""Hashes over the ledger's entries without reading a million of them: what was computed once is kept for every 256.

Kept hashes save work where a checkpoint is made or a proof is asked for, and what they give is compared with the last
signed root before it is signed or published. Verification does not use them: it computes them anew and compares.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from itertools import islice

from audit import canonical
from audit.models import Entry, Subtree

STEP = 8
"""Levels between kept hashes: 256 entries, 65,536, 16,777,216."""

WIDTH = 1 << STEP

BATCH = 1000
"""Hashes written at once."""


def place(level: int, number: int) -> int:
    """The row of a kept hash."""
    return (level << 48) | number


class Kept:
    """Gives the hash of any perfect subtree; reads at most 256 rows for one."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], bytes] = {}

    def subtree(self, level: int, number: int) -> bytes:
        if (level, number) not in self._known:
            base = level - level % STEP
            count = 1 << (level - base)
            hashes = self._row(base, number * count, count)
            self._known[level, number] = fold_whole(hashes)
        return self._known[level, number]

    def _row(self, level: int, first: int, count: int) -> list[bytes]:
        """The hashes of `count` neighbours of a level that is kept, or of leaves."""
        if level == 0:
            texts = Entry.objects.filter(index__gt=first, index__lte=first + count).order_by("index")
            found = [canonical.leaf(text) for text in texts.values_list("canonical", flat=True)]
        else:
            rows = Subtree.objects.filter(
                place__gte=place(level, first), place__lt=place(level, first + count)
            ).order_by("place")
            found = [bytes(one) for one in rows.values_list("hash", flat=True)]
        if len(found) != count:
            raise LookupError(
                f"{count - len(found)} hashes of level {level} from number {first} on are missing"
            )
        return found


def fold_whole(hashes: list[bytes]) -> bytes:
    """The hash over a power of two of neighbours."""
    while len(hashes) > 1:
        # merkle.node, written out: half of what it costs to verify a ledger would be the calls
        hashes = [
            sha256(b"\x01" + left + right).digest() for left, right in zip(*[iter(hashes)] * 2, strict=True)
        ]
    return hashes[0]


def grow(size: int) -> None:
    """Keep the hashes of all whole subtrees among the first `size` entries that are not kept yet."""
    level = STEP
    while size >> level:
        last = Subtree.objects.filter(place__gte=place(level, 0), place__lt=place(level + 1, 0)).order_by(
            "place"
        )
        newest = last.values_list("place", flat=True).last()
        first = 0 if newest is None else newest - place(level, 0) + 1
        rows = (
            Subtree(place=place(level, number), hash=found)
            for number, found in enumerate(_new(level, first, size >> level), first)
        )
        while batch := list(islice(rows, BATCH)):
            Subtree.objects.bulk_create(batch)
        level += STEP


def _new(level: int, first: int, end: int) -> Iterator[bytes]:
    below: Iterator[bytes]
    if level == STEP:
        texts = Entry.objects.filter(index__gt=first << STEP, index__lte=end << STEP).order_by("index")
        below = (
            canonical.leaf(text) for text in texts.values_list("canonical", flat=True).iterator(WIDTH * 8)
        )
    else:
        rows = Subtree.objects.filter(
            place__gte=place(level - STEP, first << STEP), place__lt=place(level - STEP, end << STEP)
        ).order_by("place")
        below = (bytes(one) for one in rows.values_list("hash", flat=True).iterator(WIDTH * 8))
    for _number in range(first, end):
        yield fold_whole([next(below) for _one in range(WIDTH)])
