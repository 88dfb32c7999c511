"""The kinds of papers, and what differs between them: verbs, related rows, the column of the person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from audit.actions import Verb
from employees.models import Appointment, Designation, Instrument, Role

BATCH = 400
"""Rows in one query: their ids stay far below SQLite's limit of parameters."""


class Verbs(NamedTuple):
    record: Verb
    confirm: Verb
    refuse: Verb
    end: Verb


VERBS: dict[type[Instrument], Verbs] = {
    Appointment: Verbs(
        Verb.APPOINTMENT_RECORD, Verb.APPOINTMENT_CONFIRM, Verb.APPOINTMENT_REFUSE, Verb.APPOINTMENT_END
    ),
    Designation: Verbs(
        Verb.DESIGNATION_RECORD, Verb.DESIGNATION_CONFIRM, Verb.DESIGNATION_REFUSE, Verb.DESIGNATION_END
    ),
    Role: Verbs(Verb.ROLE_RECORD, Verb.ROLE_CONFIRM, Verb.ROLE_REFUSE, Verb.ROLE_END),
}

RELATED: dict[type[Instrument], tuple[str, ...]] = {
    Appointment: ("office__department", "holder"),
    Designation: ("department__office", "designee", "made_under__holder"),
    Role: ("holder",),
}

PERSON: dict[type[Instrument], str] = {Appointment: "holder", Designation: "designee", Role: "holder"}


def batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """`ids` in pieces that fit into one query."""
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
