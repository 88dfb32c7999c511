"""The access history as a file: one row per ground of custody. The export itself is recorded, before and after."""

from __future__ import annotations

import csv
import hashlib
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest, Least

from accounts.models import Account
from audit import canonical
from audit.actions import Verb
from audit.errors import NotPermitted
from audit.ledger import Ref, record, service
from audit.text import DANGEROUS as DANGEROUS
from audit.text import harmless
from credentials.models import Ground, Knowledge, SecretVersion
from employees import authority
from employees.models import Department, Employee

COLUMNS = (
    "account",
    "platform",
    "department",
    "person",
    "employee_number",
    "title",
    "channel",
    "platform_role",
    "ground",
    "authority",
    "from",
    "until",
    "given_by",
    "ended_by",
    "reason",
    "times_revealed",
    "first_reveal",
    "last_reveal",
    "knows_current_version",
    "still_present_on_platform",
)


@dataclass(frozen=True)
class Filters:
    """What to export; None means everything. `since` and `until` bound when a ground was in force."""

    account: Account | None = None
    person: Employee | None = None
    department: Department | None = None
    since: datetime | None = None
    until: datetime | None = None

    def as_data(self) -> dict[str, Any]:
        return {
            "account": self.account.reference if self.account else None,
            "employee": self.person.employee_number if self.person else None,
            "department": self.department.code if self.department else None,
            "since": self.since,
            "until": self.until,
        }


@dataclass(frozen=True)
class Manifest:
    """What an export holds: rows, and the SHA-256 of its bytes."""

    rows: int
    sha256: str


def rows(filters: Filters) -> Iterator[dict[str, Any]]:
    """The rows, in a stable order, a few thousand in memory at a time."""
    for row in _query(filters).iterator(chunk_size=2000):
        yield {
            **row,
            "account": f"{row.pop('slug')}:{row.pop('handle')}",
            "times_revealed": row["times_revealed"] or 0,
            "from": row.pop("held_from"),
            "until": row.pop("held_until"),
        }


def _query(filters: Filters) -> QuerySet[Ground, Any]:
    held = Ground.objects.all()
    if filters.account:
        held = held.filter(custody__account=filters.account)
    if filters.person:
        held = held.filter(custody__person=filters.person)
    if filters.department:
        held = held.filter(custody__account__department=filters.department)
    if filters.since:
        held = held.filter(
            Q(effective_until=None) | Q(effective_until__gt=filters.since),
            Q(closed_at=None) | Q(closed_at__gt=filters.since),
        )
    if filters.until:
        held = held.filter(opened_at__lte=filters.until, effective_from__lte=filters.until)
    of_pair = Knowledge.objects.filter(
        person=OuterRef("custody__person"), version__item__credential__account=OuterRef("custody__account")
    ).order_by()
    reveals = of_pair.filter(how=Knowledge.How.REVEAL).values("person")
    return (
        held.annotate(
            times_revealed=Subquery(reveals.annotate(count=Count("pk")).values("count")),
            first_reveal=Subquery(reveals.annotate(first=Min("at")).values("first")),
            last_reveal=Subquery(reveals.annotate(last=Max("at")).values("last")),
            knows_current_version=Exists(of_pair.filter(version__state=SecretVersion.State.CURRENT)),
            still_present_on_platform=Exists(
                Ground.objects.filter(
                    pk=OuterRef("pk"),
                    custody__closed_at__isnull=False,
                    custody__present_confirmed_at__isnull=False,
                    custody__removal_confirmed_at=None,
                )
            ),
            held_until=_earliest(),
        )
        .order_by("custody__account__name", "custody__account", "custody__person__name", "opened_at", "pk")
        .values(
            "times_revealed",
            "first_reveal",
            "last_reveal",
            "knows_current_version",
            "still_present_on_platform",
            "held_until",
            "authority",
            ground=F("kind"),
            reason=F("end_reason"),
            held_from=_latest(),
            slug=F("custody__account__platform__slug"),
            handle=F("custody__account__handle"),
            platform=F("custody__account__platform__name"),
            department=F("custody__account__department__name"),
            person=F("custody__person__name"),
            employee_number=F("custody__person__employee_number"),
            title=F("custody__person__title"),
            channel=F("custody__channel"),
            platform_role=F("custody__platform_role"),
            given_by=F("custody__opened_by__name"),
            ended_by=F("custody__closed_by__name"),
        )
    )


def _earliest() -> Any:
    """When the ground ended, as far as it has or will: NULL where neither its date nor its closing is known."""
    return Least(Coalesce("effective_until", "closed_at"), Coalesce("closed_at", "effective_until"))


def _latest() -> Any:
    return Greatest("effective_from", "opened_at")


class _Hashing:
    """Counts and hashes what is written on its way to the file."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def write(self, text: str) -> int:
        self.digest.update(text.encode())
        return self._file.write(text)


def write(*, actor: Employee | None, filters: Filters, form: str, file: IO[str]) -> Manifest:
    """Write the export to `file` as `csv` (RFC 4180, cells made harmless) or `jsonl` (lossless).

    Records `audit.export.start` before the first row is read and `audit.export.complete` with rows and hash after the
    last one. `actor=None` is the command line. Raises NotPermitted.
    """
    export = Ref("audit.export", str(uuid.uuid4()), f"Access history as {form.upper()}")
    _start(actor=actor, export=export, filters=filters, form=form)
    out = _Hashing(file)
    count = (_write_csv if form == "csv" else _write_jsonl)(out, filters)
    manifest = Manifest(count, out.digest.hexdigest())
    _complete(actor=actor, export=export, manifest=manifest)
    return manifest


def may_export(person: Employee) -> bool:
    """Auditors export."""
    return authority.is_auditor(person)


@service
def _start(*, actor: Employee | None, export: Ref, filters: Filters, form: str) -> None:
    if actor is not None and not may_export(actor):
        raise NotPermitted("Access history is exported by people with the Auditor role.")
    record(Verb.EXPORT_START, actor=actor, obj=export, filters=filters.as_data(), format=form)


@service
def _complete(*, actor: Employee | None, export: Ref, manifest: Manifest) -> None:
    record(Verb.EXPORT_COMPLETE, actor=actor, obj=export, rows=manifest.rows, sha256=manifest.sha256)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return canonical.moment(value)
    return harmless(str(value))


def _write_csv(out: _Hashing, filters: Filters) -> int:
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    count = 0
    for row in rows(filters):
        count += 1
        writer.writerow([_cell(row[column]) for column in COLUMNS])
    return count


def _write_jsonl(out: _Hashing, filters: Filters) -> int:
    count = 0
    for row in rows(filters):
        count += 1
        data = {column: row[column] for column in COLUMNS}
        out.write(json.dumps(canonical.plain(data), ensure_ascii=False) + "\n")
    return count
