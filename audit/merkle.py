"""The Merkle tree of RFC 6962 (section 2.1) over the entries' leaves: roots, proofs, and how proofs are checked.

A subtree is named by level and number: `(3, 2)` is the third perfect tree of eight leaves, leaves 16 to 23. Leaves
count from 0; entry 1 is leaf 0. Nothing here reads the database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence

EMPTY = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""

HASH = 32
"""Bytes of every hash."""

Subtree = Callable[[int, int], bytes]
"""Gives the hash of the perfect subtree with this level and number."""


class WrongProof(ValueError):
    """The proof does not show what it was brought for."""


def leaf(data: bytes) -> bytes:
    """The hash of a leaf that holds `data`."""
    return hashlib.sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of the node above `left` and `right`."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def pieces(start: int, end: int) -> Iterator[tuple[int, int]]:
    """The largest perfect subtrees that cover the leaves from `start` up to `end`, from left to right."""
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        yield level, start >> level
        start += 1 << level


def fold(hashes: Sequence[bytes]) -> bytes:
    """One hash over perfect subtrees that grow smaller from left to right."""
    folded = hashes[-1]
    for left in reversed(hashes[:-1]):
        folded = node(left, folded)
    return folded


class Tree:
    """A tree that grows by leaves and keeps only the peaks: some twenty hashes at a million leaves."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    @property
    def peaks(self) -> list[bytes]:
        """The hashes of the largest perfect subtrees, from left to right."""
        return list(self._peaks)

    def extend(self, leaf_hashes: Iterable[bytes]) -> None:
        """Add leaves on the right."""
        size, peaks, sha256 = self.size, self._peaks, hashlib.sha256
        for right in leaf_hashes:
            filled = size
            while filled & 1:
                right = sha256(b"\x01" + peaks.pop() + right).digest()
                filled >>= 1
            peaks.append(right)
            size += 1
        self.size = size

    def root(self) -> bytes:
        return fold(self._peaks) if self._peaks else EMPTY


def root(size: int, subtree: Subtree) -> bytes:
    """The root of the tree of `size` leaves."""
    return _range(0, size, subtree) if size else EMPTY


def _range(start: int, end: int, subtree: Subtree) -> bytes:
    return fold([subtree(level, number) for level, number in pieces(start, end)])


def inclusion(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """The path from leaf `index` to the root of `size` leaves, lowest first."""
    if not 0 <= index < size:
        raise ValueError(f"There is no leaf {index} in a tree of {size}.")
    return list(_path(index, 0, size, subtree))


def _path(index: int, start: int, end: int, subtree: Subtree) -> Iterator[bytes]:
    if end - start == 1:
        return
    middle = start + _split(end - start)
    if index < middle:
        yield from _path(index, start, middle, subtree)
        yield _range(middle, end, subtree)
    else:
        yield from _path(index, middle, end, subtree)
        yield _range(start, middle, subtree)


def consistency(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """The proof that the tree of `old` leaves is a beginning of that of `new` (RFC 6962, section 2.1.2)."""
    if not 0 <= old <= new:
        raise ValueError(f"A tree of {old} is no beginning of one of {new}.")
    if old in (0, new):
        return []
    return list(_grown(old, 0, new, subtree, whole=True))


def _grown(old: int, start: int, end: int, subtree: Subtree, *, whole: bool) -> Iterator[bytes]:
    if old == end - start:
        if not whole:
            yield _range(start, end, subtree)
        return
    half = _split(end - start)
    if old <= half:
        yield from _grown(old, start, start + half, subtree, whole=whole)
        yield _range(start + half, end, subtree)
    else:
        yield from _grown(old - half, start + half, end, subtree, whole=False)
        yield _range(start, start + half, subtree)


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def check_inclusion(
    index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], root_hash: bytes
) -> None:
    """Raises WrongProof unless leaf `index` of the tree with `root_hash` and `size` leaves is `leaf_hash`.

    As in RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size or len(leaf_hash) != HASH or any(len(one) != HASH for one in proof):
        raise WrongProof(f"No proof for leaf {index} in a tree of {size}.")
    place, last, found = index, size - 1, leaf_hash
    for one in proof:
        if last == 0:
            raise WrongProof("The proof is too long.")
        if place & 1 or place == last:
            found = node(one, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node(found, one)
        place, last = place >> 1, last >> 1
    if last or found != root_hash:
        raise WrongProof("The proof does not lead to the root.")


def check_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raises WrongProof unless the tree with `old_root` is a beginning of the one with `new_root`.

    As in RFC 9162, section 2.1.4.2. Of a tree without leaves nothing can be proved: it is a beginning of every tree.
    """
    if not 0 < old <= new or any(len(one) != HASH for one in proof):
        raise WrongProof(f"No proof that a tree of {old} is a beginning of one of {new}.")
    if old == new:
        if proof or old_root != new_root:
            raise WrongProof("The roots differ, or there is a proof where none is wanted.")
        return
    hashes = list(proof)
    if old & (old - 1) == 0:
        hashes.insert(0, old_root)
    if not hashes:
        raise WrongProof("The proof is empty.")
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    was = now = hashes[0]
    for one in hashes[1:]:
        if last == 0:
            raise WrongProof("The proof is too long.")
        if place & 1 or place == last:
            was, now = node(one, was), node(one, now)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            now = node(now, one)
        place, last = place >> 1, last >> 1
    if last or was != old_root or now != new_root:
        raise WrongProof("The proof does not lead from one root to the other.")
