"""Recomputing the whole ledger: positions, leaves, columns, roots, signatures, and the tables the entries tell of.

Nothing that is stored is trusted: every leaf is computed from its text and every root from the leaves. What is flat and
what is not: a hash is kept in memory for every 256 entries (125 kB at a million); the rows that the entries tell of go
to a temporary file that grows with the replayed tables.
"""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import DatabaseError, connection, connections

from audit import canonical, guards, locks, merkle, notes, reading, signing, stored, subtrees
from audit.models import Checkpoint, Entry, Subtree
from audit.replay import Replayed

MOST_FINDINGS = 20
"""Findings kept: the first one matters, a torrent of consequences does not."""

Progress = Callable[[int], object]
"""Told how many entries more were read."""


@dataclass(frozen=True)
class Brought:
    """A checkpoint that somebody kept elsewhere: what it is called (its file), and the note."""

    name: str
    note: str


@dataclass
class Verdict:
    """How many entries were read, their root, the checkpoints that hold, and what is wrong, the first finding first.

    `behind` is by how many entries the ledger lies behind the largest checkpoint known (after a restore, say).
    `outside` is the size of the largest one that was brought.
    """

    entries: int = 0
    root: bytes = merkle.EMPTY
    kept: int = 0
    brought: int = 0
    outside: int = 0
    behind: int = 0
    findings: list[str] = field(default_factory=list)
    unguarded: list[str] = field(default_factory=list)
    """Guards of append-only tables that are gone: nothing need be wrong yet, and anything could be made so."""
    unopened: list[str] = field(default_factory=list)
    """Checkpoints that could not be compared because of what was brought: their file, or the keys to believe."""

    @property
    def sound(self) -> bool:
        return not self.findings and not self.unguarded and not self.unopened

    def add(self, findings: Iterator[str]) -> None:
        for finding in findings:
            if len(self.findings) >= MOST_FINDINGS:
                return
            self.findings.append(finding)


@dataclass
class Scan:
    """What one pass over some entries gave: a hash for each whole block, and peaks where somebody wants a root."""

    entries: int = 0
    blocks: list[bytes] = field(default_factory=list)
    partial: dict[int, list[bytes]] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Claim:
    """A signed statement that is compared with the entries."""

    name: str
    checkpoint: notes.Checkpoint


def verify(
    *,
    brought: Sequence[Brought] = (),
    verifiers: Sequence[notes.Verifier] | None = None,
    replay: bool = True,
    processes: int = 1,
    progress: Progress | None = None,
) -> Verdict:
    """Read every entry in order and compare, with every checkpoint kept here and those `brought`.

    `verifiers` are the keys that are believed; without them those of the ledger's key file. Without `replay` the tables
    are not compared. With more `processes` the entries are hashed by so many.
    """
    with locks.one_moment():
        verdict = Verdict(unguarded=list(guards.differences()))
        claims = _claims(verdict, brought, verifiers)
        wanted = sorted({claim.checkpoint.size for claim in claims})
        replayed = Replayed() if replay else None
        if processes > 1:
            scan = _together(wanted, processes, replayed, progress)
        else:
            scan = _scan(0, None, wanted, replayed, progress)
        verdict.entries = scan.entries
        verdict.add(_before_the_first())
        verdict.add(iter(scan.findings))
        _compare(verdict, scan, claims)
        if len(scan.findings) < MOST_FINDINGS:
            verdict.add(_kept_hashes(scan.blocks))
            if replayed is not None:
                verdict.add(replayed.differences())
        return verdict


def _claims(
    verdict: Verdict, brought: Sequence[Brought], verifiers: Sequence[notes.Verifier] | None
) -> list[_Claim]:
    """The checkpoints whose signatures hold.

    Another that is kept here is a finding; where the keys were brought, or the checkpoint, the mistake may lie there.
    """
    told = verifiers is not None
    kept = list(Checkpoint.objects.order_by("size"))
    if verifiers is None and (kept or brought):
        try:
            verifiers = signing.load().verifiers
        except signing.NoSigningKey as error:
            verdict.findings.append(f"signatures cannot be checked: {error}")
            return []
    known, claims = tuple(verifiers or ()), []
    for row in kept:
        name = f"the kept checkpoint of {row.size} entries"
        try:
            said = notes.opened(row.note, known)
        except notes.WrongNote as error:
            (verdict.unopened if told else verdict.findings).append(f"{name}: {error}")
            continue
        if said.size != row.size or said.root != bytes(row.root):
            verdict.add(iter([f"{name}: its note says another size or root than its columns"]))
        verdict.kept += 1
        claims.append(_Claim(name, said))
    for one in brought:
        try:
            said = notes.opened(one.note, known)
        except notes.WrongNote as error:
            verdict.unopened.append(f"{one.name}: {error}")
            continue
        verdict.brought += 1
        verdict.outside = max(verdict.outside, said.size)
        claims.append(_Claim(f"{one.name}, of {said.size} entries", said))
    return claims


def _before_the_first() -> Iterator[str]:
    """Entries with a position that none can have: no checkpoint covers them, and pages would show them."""
    with connection.cursor() as cursor:  # NULL: a column's NOT NULL can be edited away in a SQLite file
        cursor.execute(
            'SELECT "index" FROM audit_entry WHERE "index" < 1 OR "index" IS NULL ORDER BY "index" LIMIT 1'
        )
        for (index,) in cursor.fetchall():
            yield f"entry {index} stands before the first: positions begin at 1"


def _scan(
    start: int, end: int | None, wanted: Sequence[int], replayed: Replayed | None, progress: Progress | None
) -> Scan:
    """Read the entries after `start` up to `end`. `wanted` are the sizes whose roots somebody asks for, sorted."""
    scan, doubtful = Scan(), list[int]()
    place = start
    asked = [size for size in wanted if size > start]
    blocks = _blocks(start, end, scan)
    for block in blocks:
        if not block.sound:
            scan.findings.extend(_look(block, place, doubtful))
        count = len(block.leaves)
        while asked and asked[0] <= place + count:
            size = asked.pop(0)
            if size % reading.BLOCK:
                scan.partial[size] = _peaks(block.leaves[: size - place])
        place += count
        if count == reading.BLOCK:
            scan.blocks.append(subtrees.fold_whole(block.leaves))
        else:
            scan.partial[place] = _peaks(block.leaves)
        if replayed is not None:
            for text in block.texts:
                if b'"facts":[' in text:
                    _replay(replayed, text)
        if progress:
            progress(count)
        if len(scan.findings) >= MOST_FINDINGS:
            blocks.close()
            break
    scan.entries = place - start
    scan.findings.extend(islice(_columns(doubtful), MOST_FINDINGS))
    return scan


def _blocks(start: int, end: int | None, scan: Scan) -> Generator[reading.Block]:
    try:
        with closing(reading.blocks(start, end)) as blocks:
            yield from blocks
    except reading.NoText as error:
        scan.findings.append(str(error))


def _peaks(leaves: list[bytes]) -> list[bytes]:
    return [
        subtrees.fold_whole(leaves[number << level : (number + 1) << level])
        for level, number in merkle.pieces(0, len(leaves))
    ]


def _replay(replayed: Replayed, text: bytes) -> None:
    try:
        replayed.add(json.loads(text))
    except (ValueError, KeyError, TypeError):
        pass  # a text that is no entry was named where it was read


def _compare(verdict: Verdict, scan: Scan, claims: Sequence[_Claim]) -> None:
    """Every claim's root with the one computed here; names the entries among which a changed one must be."""
    tree, good = merkle.Tree(), 0
    for claim in sorted(claims, key=lambda one: one.checkpoint.size):
        size = claim.checkpoint.size
        if size > verdict.entries:
            verdict.behind = max(verdict.behind, size - verdict.entries)
            continue
        if _root(tree, scan, size) == claim.checkpoint.root:
            good = size
        else:
            verdict.add(
                iter(
                    [
                        f"{claim.name}: the entries have another root; among {good + 1} to {size} one is not as it was"
                    ]
                )
            )
    verdict.root = _root(tree, scan, verdict.entries)
    if verdict.behind:
        verdict.add(
            iter(
                [
                    f"the ledger holds {verdict.entries} entries: it lies {verdict.behind} behind the checkpoint of "
                    f"{verdict.entries + verdict.behind}"
                ]
            )
        )


def _root(tree: merkle.Tree, scan: Scan, size: int) -> bytes:
    """The root of the first `size` entries; `tree` has the whole blocks of a smaller or the same size."""
    whole, rest = divmod(size, reading.BLOCK)
    tree.extend(scan.blocks[tree.size : whole])
    peaks = [*tree.peaks, *(scan.partial[size] if rest else ())]
    return merkle.fold(peaks) if peaks else merkle.EMPTY


def _kept_hashes(blocks: list[bytes]) -> Iterator[str]:
    """Where the hashes that are kept to save work differ from those computed here."""
    level = subtrees.STEP
    for row in Subtree.objects.filter(place__lt=subtrees.place(level, 0))[:1]:
        yield f"a kept hash stands at {row.place}, where none belongs"
    # Also above what these entries fill: a hash put there today would be believed when the ledger has grown.
    while Subtree.objects.filter(place__gte=subtrees.place(level, 0)).exists():
        rows = Subtree.objects.filter(
            place__gte=subtrees.place(level, 0), place__lt=subtrees.place(level + subtrees.STEP, 0)
        ).order_by("place")
        for expected, row in enumerate(rows.iterator(chunk_size=2000)):
            number = row.place - subtrees.place(level, 0)
            first = (number << level) + 1
            what = f"the kept hash over the entries {first} to {first - 1 + (1 << level)}"
            if number != expected:
                yield f"{what}: the one before it is missing"
                return
            if number >= len(blocks) or blocks[number] != bytes(row.hash):
                yield f"{what} is not theirs"
                return
        level += subtrees.STEP
        width = subtrees.WIDTH
        blocks = [
            subtrees.fold_whole(blocks[one : one + width]) for one in range(0, len(blocks) - width + 1, width)
        ]


def _together(
    wanted: Sequence[int], processes: int, replayed: Replayed | None, progress: Progress | None
) -> Scan:
    """Hash ranges of entries in processes of their own, all reading the same moment; replay in this one meanwhile."""
    last = Entry.objects.order_by("index").values_list("index", flat=True).last() or 0
    share = -(-last // processes // reading.BLOCK) * reading.BLOCK or reading.BLOCK
    starts = list(range(0, last, share)) or [0]
    ends: list[int | None] = [*starts[1:], None]
    snapshot = ""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot()")
            snapshot = cursor.fetchone()[0]
    jobs = [
        (start, end, [size for size in wanted if size > start and (end is None or size <= end)], snapshot)
        for start, end in zip(starts, ends, strict=True)
    ]
    settings = dict(connection.settings_dict)
    whole = Scan()
    # An executor, not a pool: where a process cannot start, a pool starts another one for ever.
    with ProcessPoolExecutor(
        len(jobs), multiprocessing.get_context("spawn"), initializer=_wake, initargs=(settings["NAME"],)
    ) as executor:
        waiting = [executor.submit(_share, *job) for job in jobs]
        if replayed is not None:
            for block in reading.blocks():
                for text in block.texts:
                    if b'"facts":[' in text:
                        _replay(replayed, text)
        for answer in waiting:
            scan = answer.result()
            if progress:
                progress(scan.entries)
            whole.entries += scan.entries
            whole.blocks += scan.blocks
            whole.partial |= scan.partial
            whole.findings += scan.findings
    return whole


def _wake(name: Any) -> None:
    """A process of its own begins without settings and connections."""
    import django

    django.setup()
    connections["default"].settings_dict["NAME"] = name


def _share(start: int, end: int | None, wanted: list[int], snapshot: str) -> Scan:
    with locks.one_moment(snapshot):
        return _scan(start, end, wanted, None, None)


def _look(block: reading.Block, place: int, doubtful: list[int]) -> Iterator[str]:
    """What is wrong in a block that is not sound. Entries whose columns want a closer look go to `doubtful`."""
    for expected, (index, agrees, leaf, text) in enumerate(block.one_by_one(), place + 1):
        if index != expected:
            yield f"entry {index} stands at position {expected}: the ledger is not contiguous"
        elif leaf != merkle.leaf(text):
            yield f"entry {index}: the leaf hash is not that of its canonical text"
        elif not agrees:
            doubtful.append(index)


def _columns(indexes: Sequence[int]) -> Iterator[str]:
    """Where the columns of these entries say something else than their texts."""
    for start in range(0, len(indexes), reading.BLOCK):
        some = indexes[start : start + reading.BLOCK]
        strange = list(stored.strange(Entry, [one.attname for one in Entry._meta.concrete_fields], some))
        yield from (
            f"entry {index}: the column {name} is not stored as it is written" for index, name in strange
        )
        try:
            entries = [] if strange else list(Entry.objects.filter(index__in=some).order_by("index"))
        except (ValueError, TypeError, AttributeError, DatabaseError):
            yield f"one of the entries {some[0]} to {some[-1]}: a column holds something of another kind"
            continue
        for entry in entries:
            yield from _columns_of(entry)


def _columns_of(entry: Entry) -> Iterator[str]:
    index = entry.index
    try:
        content = json.loads(entry.canonical)
        actor = content["actor"] or {"id": "", "text": ""}
        target = content["object"]
        told = {
            "at": content["at"],
            "verb": content["verb"],
            "actor_id": actor["id"],
            "actor_text": actor["text"][:200],
            "object_type": target["type"],
            "object_id": target["id"],
            "object_text": target["text"][:400],
            "operation": content["operation"],
        }
        exact = canonical.line(content) == entry.canonical
    except (ValueError, KeyError, TypeError):
        yield f"entry {index}: the canonical text is not that of an entry"
        return
    if not exact:
        yield f"entry {index}: the text is not canonical"
    held = {**vars(entry), "at": canonical.moment(entry.at), "operation": str(entry.operation)}
    for name, expected in told.items():
        if held[name] != expected:
            yield f"entry {index}: the column {name} differs from the canonical text"
