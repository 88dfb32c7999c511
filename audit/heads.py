"""The ledger's size and root hash (RFC 6962, section 2.1): what a manifest says a file was drawn from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from audit import locks
from audit.models import Entry


@dataclass(frozen=True)
class Head:
    """So many entries, and the root over their leaves in hex."""

    size: int
    root: str

    def as_data(self) -> dict[str, Any]:
        return {"size": self.size, "root": self.root}


def head() -> Head:
    """The ledger as it stands. Reads every leaf once; memory grows with the logarithm of their number."""
    with locks.one_moment():
        return of(
            bytes(leaf)
            for leaf in Entry.objects.order_by("index")
            .values_list("leaf", flat=True)
            .iterator(chunk_size=5000)
        )


def of(leaves: Iterable[bytes]) -> Head:
    """The head of a tree over these leaf hashes: whole subtrees are joined as soon as they are as large."""
    stack: list[tuple[int, bytes]] = []
    size = 0
    for leaf in leaves:
        size += 1
        height, top = 0, leaf
        while stack and stack[-1][0] == height:
            top = hashlib.sha256(b"\x01" + stack.pop()[1] + top).digest()
            height += 1
        stack.append((height, top))
    if not stack:
        return Head(0, hashlib.sha256(b"").hexdigest())
    root = stack.pop()[1]
    while stack:
        root = hashlib.sha256(b"\x01" + stack.pop()[1] + root).digest()
    return Head(size, root.hex())
