"""Reading the ledger fast, in blocks of 256 entries: as many as one kept subtree hash covers.

The columns beside an entry's text must say what the text says: the database writes down how a text with such columns
begins and ends, and that is compared here. What is not the same at first sight (a name with a quotation mark, say) is
compared one by one. PostgreSQL joins 256 entries to one row, because a million rows cost more than their hashes;
from the first block on that is not whole, rows are read as they are.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from json.encoder import encode_basestring
from typing import Any

from django.db import connection

from audit.merkle import HASH

BLOCK = 256

MARK = b"\x01"
"""Between joined texts: canonical text has no control characters. A column that has one breaks the count, because what
is missing counts as well.
"""

ESCAPE = b"\\"
"""In a column it could be that of the text's own escapes: compared one by one."""

SPAN = 4096
"""Blocks that are asked for in one statement."""

TIME = """CASE WHEN at >= 'epoch' THEN to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') END"""
"""Of years before Christ it would write the digits alone."""

STARTS = f"""
    CASE WHEN actor_id || actor_text = '' THEN '{{"actor":null' ELSE
        '{{"actor":{{"id":"' || actor_id || '","text":"' || actor_text || '","type":"employees.employee"}}' END
    || ',"at":"' || {TIME} || '"'
"""
ENDS = """
    ',"format":1,"object":{"id":"' || object_id || '","text":"' || object_text || '","type":"' || object_type
    || '"},"operation":"' || operation::text || '","verb":"' || verb || '"}'
"""
# A backslash in a column could be that of the text's own escapes: compared one by one.
AGREES = f"""coalesce(starts_with(canonical, {STARTS}) AND strpos(canonical || chr(1), {ENDS} || chr(1)) > 0
    AND strpos(actor_id || actor_text || object_id || object_text || object_type || verb, chr(92)) = 0, false)"""

SOUND = b"\x00\x00\x00\x01\x01\x00\x00\x00\x20"
"""Within a row in PostgreSQL's binary format: one byte, true; 32 bytes follow."""

BINARY_HEADER = 19


class NoText(Exception):
    """A column of an entry holds bytes that no text has; SQLite keeps them, and nobody can read them."""


@dataclass(frozen=True)
class Block:
    """Up to 256 entries as they stand, with their leaves computed anew.

    `sound` means that they are numbered on from `first`, that the stored leaves are right and that all columns agree;
    where it is false, `one_by_one` tells of each: index, whether the columns agree at first sight, stored leaf, text.
    """

    first: int
    texts: list[bytes]
    leaves: list[bytes]
    sound: bool
    one_by_one: Callable[[], Iterator[tuple[int, bool, bytes, bytes]]]


def blocks(start: int = 0, end: int | None = None) -> Generator[Block]:
    """The entries after `start` up to `end`, in order, in blocks. `start` is a multiple of 256."""
    read = _postgresql if connection.vendor == "postgresql" else _sqlite
    return read(start, end)


def _where(start: int, end: int | None) -> str:
    return f'"index" > {start:d}' + (f' AND "index" <= {end:d}' if end is not None else "")


def _postgresql(start: int, end: int | None) -> Generator[Block]:
    with connection.cursor() as settings:
        settings.execute("SELECT current_setting('timezone'), current_setting('jit')")
        before = settings.fetchone()
        settings.execute("SELECT set_config('timezone', 'UTC', false), set_config('jit', 'off', false)")
    try:
        place = start
        for block in _joined(start, end):
            yield block
            place += BLOCK
        yield from _as_they_are(place, end)
    finally:
        with connection.cursor() as settings:
            settings.execute("SELECT set_config('timezone', %s, false), set_config('jit', %s, false)", before)


def _copied(query: str) -> Generator[bytes]:
    """The rows of `query` in PostgreSQL's binary format, without the header of the first and without the trailer."""
    assert connection.connection is not None
    with (
        connection.connection.cursor() as cursor,
        cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT BINARY)") as copy,
    ):
        try:
            first = bytes(copy.read())[BINARY_HEADER:]
            if first and first != b"\xff\xff":
                yield first
            while row := bytes(copy.read()):
                if len(row) > 2:
                    yield row
        except GeneratorExit:
            while copy.read():  # leaving a COPY before its end would end the transaction
                pass
            raise


def _joined(start: int, end: int | None) -> Generator[Block]:
    """The blocks that are whole, up to the first that is not."""
    block = start // BLOCK
    while end is None or block < end // BLOCK:
        last = block + SPAN if end is None else min(block + SPAN, end // BLOCK)
        query = f"""
            SELECT joined.* FROM generate_series({block:d}, {last - 1:d}) AS block, LATERAL (
                SELECT string_agg(int8send("index"), ''), bool_and(coalesce(octet_length(leaf) = {HASH}, false)),
                    string_agg(leaf, ''), string_agg(coalesce(starts, 'null'), chr(1)),
                    string_agg(coalesce(ends, 'null'), chr(1)), string_agg(coalesce(canonical, ''), chr(1))
                FROM (
                    SELECT "index", leaf, {STARTS} AS starts, {ENDS} AS ends, canonical FROM audit_entry
                    WHERE "index" > block::bigint * {BLOCK} AND "index" <= block::bigint * {BLOCK} + {BLOCK}
                    ORDER BY "index"
                ) AS entry
            ) AS joined
        """  # noqa: S608
        broken = False
        for row in _copied(query):  # to its end even when broken: leaving a COPY would end the transaction
            indexes, even, *parts = _fields(row)
            contiguous = indexes == struct.pack(
                f">{BLOCK}q", *range(block * BLOCK + 1, (block + 1) * BLOCK + 1)
            )
            made = _whole(block * BLOCK, *parts) if contiguous and even == b"\x01" and not broken else None
            if made is None:
                broken = True
            else:
                yield made
                block += 1
        if broken:
            return


def _whole(place: int, stored: bytes, starts: bytes, ends: bytes, joined: bytes) -> Block | None:
    """The block of entries after `place`, where as many of everything came as there must be."""
    texts, heads, tails = joined.split(MARK), starts.split(MARK), ends.split(MARK)
    if not len(texts) == len(heads) == len(tails) == BLOCK:
        return None
    leaves = [sha256(b"\x00" + text).digest() for text in texts]
    sound = (
        b"".join(leaves) == stored
        and all(map(bytes.startswith, texts, heads))
        and all(map(bytes.endswith, texts, tails))
        and ESCAPE not in starts
        and ESCAPE not in ends
    )

    def one_by_one() -> Iterator[tuple[int, bool, bytes, bytes]]:
        for number, (text, head, tail) in enumerate(zip(texts, heads, tails, strict=True)):
            agrees = text.startswith(head) and text.endswith(tail) and ESCAPE not in head + tail
            yield place + number + 1, agrees, stored[number * HASH : (number + 1) * HASH], text

    return Block(place + 1, texts, leaves, sound, one_by_one)


def _as_they_are(start: int, end: int | None) -> Generator[Block]:
    query = f'SELECT "index", {AGREES}, leaf, canonical FROM audit_entry WHERE {_where(start, end)} ORDER BY "index"'  # noqa: S608
    yield from _of_rows(_copied(query), start)


def _of_rows(rows: Iterator[bytes], start: int) -> Generator[Block]:
    place = start
    while batch := list(islice(rows, BLOCK)):
        count = len(batch)
        expected = struct.pack(f">{count}q", *range(place + 1, place + count + 1))
        if b"".join([row[6:14] for row in batch]) == expected and {row[14:23] for row in batch} == {SOUND}:
            texts = [row[59:] for row in batch]
            leaves = [sha256(b"\x00" + text).digest() for text in texts]
            sound = leaves == [row[23:55] for row in batch]
        else:
            texts = [_fields(row)[3] for row in batch]
            leaves = [sha256(b"\x00" + text).digest() for text in texts]
            sound = False
        yield Block(place + 1, texts, leaves, sound, lambda batch=batch: map(_parsed, batch))  # type: ignore[misc]
        place += count


def _fields(row: bytes) -> list[bytes]:
    found, at = [], 2
    while at < len(row):
        (length,) = struct.unpack_from(">i", row, at)
        found.append(row[at + 4 : at + 4 + max(length, 0)])
        at += 4 + max(length, 0)
    return found


def _parsed(row: bytes) -> tuple[int, bool, bytes, bytes]:
    index, agrees, leaf, text = _fields(row)
    return int.from_bytes(index, "big", signed=True), agrees == b"\x01", leaf, text


def _sqlite(start: int, end: int | None) -> Generator[Block]:
    connection.ensure_connection()
    assert connection.connection is not None
    opened = getattr(connection.connection, "connection", connection.connection)
    # The texts as bytes: sqlite3 would decode them, and hashing would encode them again.
    cursor = opened.execute(
        'SELECT "index", leaf, CAST(canonical AS BLOB), '  # noqa: S608
        "CASE typeof(canonical) WHEN 'text' THEN CAST(at AS TEXT) ELSE '' END, "  # a text is kept as text
        "actor_id, actor_text, object_id, "
        f'object_text, object_type, operation, verb FROM audit_entry WHERE {_where(start, end)} ORDER BY "index"'
    )
    place = start
    while batch := _fetched(cursor, place):
        texts = [row[2] for row in batch]
        leaves = [sha256(b"\x00" + text).digest() for text in texts]
        sound = (
            leaves == [row[1] for row in batch]
            and [row[0] for row in batch] == list(range(place + 1, place + len(batch) + 1))
            and all(map(_agrees, batch))
        )
        yield Block(place + 1, texts, leaves, sound, lambda batch=batch: map(_loose, batch))  # type: ignore[misc]
        place += len(batch)


def _fetched(cursor: Any, place: int) -> list[tuple[Any, ...]]:
    try:
        rows: list[tuple[Any, ...]] = cursor.fetchmany(BLOCK)
    except sqlite3.OperationalError as error:
        if "UTF-8" not in str(error):
            raise
        raise NoText(
            f"one of the entries {place + 1} to {place + BLOCK}: a column holds bytes that are no text"
        ) from None
    return rows


def _agrees(row: tuple[Any, ...]) -> bool:
    try:
        return _says_the_same(row)
    except (TypeError, AttributeError):  # another type than the column's: SQLite keeps what it is given
        return False


def _says_the_same(row: tuple[Any, ...]) -> bool:
    _index, _leaf, text, at, actor_id, actor_text, object_id, object_text, object_type, operation, verb = row
    actor = (
        "null"
        if actor_id == "" == actor_text
        else f'{{"id":"{actor_id}","text":{encode_basestring(actor_text)},"type":"employees.employee"}}'
    )
    starts = f'{{"actor":{actor},"at":"{at[:10]}T{at[11:]}Z"'
    ends = (
        f',"format":1,"object":{{"id":"{object_id}","text":{encode_basestring(object_text)},"type":"{object_type}"}},'
        f'"operation":"{operation[:8]}-{operation[8:12]}-{operation[12:16]}-{operation[16:20]}-{operation[20:]}",'
        f'"verb":"{verb}"}}'
    )
    agrees: bool = text.startswith(starts.encode()) and text.endswith(ends.encode()) and at[10:11] == " "
    return agrees


def _loose(row: tuple[Any, ...]) -> tuple[int, bool, bytes, bytes]:
    return row[0], _agrees(row), row[1] or b"", row[2] or b""
