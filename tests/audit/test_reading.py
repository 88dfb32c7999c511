"""Reading the ledger in whole blocks: nothing of one entry can pass for part of another."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from audit import guards
from audit.actions import Verb
from audit.ledger import Ref, record, service
from audit.models import Entry
from audit.reading import BLOCK, blocks
from audit.verification import MOST_FINDINGS, verify

pytestmark = pytest.mark.django_db

SIZE = BLOCK * 2 + 40
ONE, TWO = 10, 11
"""Neighbours within the first block."""


@service
def _fill() -> None:
    for place in range(SIZE):
        record(Verb.DAILY_RUN, actor=None, obj=Ref("tests.thing", "7", "Cité \\ “Zoo”"), place=place)


@pytest.fixture
def ledger() -> int:
    _fill()
    return Entry.objects.count()


def test_blocks_are_whole_and_in_order(ledger: int) -> None:
    read = list(blocks())
    assert [len(block.texts) for block in read[:-1]] == [BLOCK] * (ledger // BLOCK)
    assert sum(len(block.texts) for block in read) == ledger
    assert [text for block in read for text in block.texts] == [
        text.encode() for text in Entry.objects.order_by("index").values_list("canonical", flat=True)
    ]
    assert [text for block in blocks(BLOCK, ledger - 3) for text in block.texts] == [
        text for block in read for text in block.texts
    ][BLOCK:-3]


@pytest.mark.parametrize("place", [ONE, BLOCK + ONE])
def test_findings_beyond_counting_end_it_with_a_verdict(ledger: int, place: int) -> None:
    """Of many findings the first are enough; reading stops there, and the connection can be used."""
    with guards.lifted(connection), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute('DELETE FROM audit_entry WHERE "index" = %s', [place])
        findings = verify(replay=False).findings
        transaction.set_rollback(True)
    assert len(findings) == MOST_FINDINGS
    assert f"entry {place + 1} stands at position {place}" in findings[0]


MERGED = {
    "the text of two in one": "canonical = one.canonical || chr(1) || two.canonical",
    "the leaf of two in one": "leaf = one.leaf || two.leaf",
    "the verb of two in one": "verb = one.verb || '\"}' || chr(1) || ',\"format\":1'",
}
EMPTIED = {
    "the text of two in one": "canonical = NULL",
    "the leaf of two in one": "leaf = ''",
    "the verb of two in one": "verb = NULL",
}


@pytest.mark.parametrize("kind", MERGED)
def test_what_moves_to_a_neighbour_is_found(ledger: int, kind: str) -> None:
    """256 entries come joined by a mark: who could write the mark and empty the next must not be believed."""
    assert verify(replay=False).findings == []
    merge, empty = MERGED[kind], EMPTIED[kind]
    with guards.lifted(connection), transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for name in ("canonical", "leaf", "verb"):
                cursor.execute(f"ALTER TABLE audit_entry ALTER COLUMN {name} DROP NOT NULL")
        else:
            merge = merge.replace("chr(1)", "char(1)").replace(
                "leaf = one.leaf || two.leaf", "leaf = zeroblob(64)"
            )
        cursor.execute(
            f'UPDATE audit_entry SET {merge} FROM (SELECT * FROM audit_entry WHERE "index" = {ONE}) AS one, '
            f'(SELECT * FROM audit_entry WHERE "index" = {TWO}) AS two WHERE audit_entry."index" = {ONE}'
        )
        emptying = f'UPDATE audit_entry SET {empty} WHERE "index" = {TWO}'
        if connection.vendor == "sqlite" and "NULL" in empty:
            with pytest.raises(IntegrityError), transaction.atomic():
                cursor.execute(emptying)
        else:
            cursor.execute(emptying)
        findings = verify(replay=False).findings
        transaction.set_rollback(True)
    assert findings
    assert f"{ONE}" in findings[0]
