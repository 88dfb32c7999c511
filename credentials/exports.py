"""The access history as a file: one row per ground of custody. The export itself is recorded, before and after."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest, Least

from accounts.models import Account
from audit import canonical, checkpoints, clock
from audit.actions import Verb
from audit.errors import NotPermitted
from audit.ledger import Ref, record, service
from credentials import tables
from credentials.models import Custody, Ground, Knowledge, SecretVersion
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
    """The accounts of this department."""
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
    """What a file holds and what it was drawn from: enough to tell whether a file is this export, whole."""

    name: str
    form: str
    filters: dict[str, Any]
    columns: tuple[str, ...]
    rows: int
    sha256: str
    head: checkpoints.Head
    made_at: datetime

    def as_data(self) -> dict[str, Any]:
        plain = {
            "export": self.name,
            "format": self.form,
            "filters": self.filters,
            "columns": list(self.columns),
            "rows": self.rows,
            "sha256": self.sha256,
            "ledger": self.head.as_data(),
            "made_at": self.made_at,
        }
        data = canonical.plain(plain)
        assert isinstance(data, dict)
        return data

    def as_json(self) -> str:
        return json.dumps(self.as_data(), indent=2, ensure_ascii=False) + "\n"


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


def count(filters: Filters) -> int:
    """How many rows there are to write."""
    return _held(filters).count()


def _held(filters: Filters) -> QuerySet[Ground]:
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
    return held


def _query(filters: Filters) -> QuerySet[Ground, Any]:
    of_pair = Knowledge.objects.filter(
        person=OuterRef("custody__person"), version__item__credential__account=OuterRef("custody__account")
    ).order_by()
    reveals = of_pair.filter(how=Knowledge.How.REVEAL).values("person")
    return (
        _held(filters)
        .annotate(
            times_revealed=Subquery(reveals.annotate(count=Count("pk")).values("count")),
            first_reveal=Subquery(reveals.annotate(first=Min("at")).values("first")),
            last_reveal=Subquery(reveals.annotate(last=Max("at")).values("last")),
            knows_current_version=Exists(of_pair.filter(version__state=SecretVersion.State.CURRENT)),
            still_present_on_platform=Exists(
                Ground.objects.filter(
                    pk=OuterRef("pk"), custody__in=Custody.objects.still_present().values("pk")
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


def write(
    *,
    actor: Employee | None,
    filters: Filters,
    form: str,
    file: IO[bytes],
    progress: tables.Progress | None = None,
) -> Manifest:
    """Write the access history to `file` as `csv`, `jsonl` or `xlsx`. `actor=None` is the command line.

    Raises NotPermitted.
    """
    if actor is not None and not may_export(actor):
        raise NotPermitted("Access history is exported by people with the Auditor role.")
    return made(
        actor=actor, name="Access history", filters=filters.as_data(), form=form, columns=COLUMNS,
        rows=rows(filters), file=file, progress=progress,
    )  # fmt: skip


def made(
    *,
    actor: Employee | None,
    name: str,
    filters: dict[str, Any],
    form: str,
    columns: tuple[str, ...],
    rows: Iterable[tables.Row],
    file: IO[bytes],
    progress: tables.Progress | None = None,
) -> Manifest:
    """Write `rows` as any export. Who may have it is the caller's question."""

    def written() -> tables.Written:
        return tables.write(form=form, columns=columns, rows=rows, file=file, progress=progress)

    return recorded(actor=actor, name=name, filters=filters, form=form, columns=columns, write=written)


def recorded(
    *,
    actor: Employee | None,
    name: str,
    filters: dict[str, Any],
    form: str,
    columns: tuple[str, ...],
    write: Callable[[], tables.Written],
) -> Manifest:
    """Have `write` make an export between its two entries; gives the manifest.

    Records `audit.export.start` before the first row is read, and `audit.export.complete` with the manifest after the
    last one: rows, hash, and the ledger's size and root as they stood when the file was whole.
    """
    export = Ref("audit.export", str(uuid.uuid4()), f"{name} as {form.upper()}")
    _start(actor=actor, export=export, filters=filters, form=form)
    written = write()
    manifest = Manifest(
        name, form, filters, columns, written.rows, written.sha256, checkpoints.head(), clock.now()
    )
    _complete(actor=actor, export=export, manifest=manifest)
    return manifest


def may_export(person: Employee) -> bool:
    """Auditors export."""
    return authority.is_auditor(person)


@service
def _start(*, actor: Employee | None, export: Ref, filters: dict[str, Any], form: str) -> None:
    record(Verb.EXPORT_START, actor=actor, obj=export, filters=filters, format=form)


@service
def _complete(*, actor: Employee | None, export: Ref, manifest: Manifest) -> None:
    record(
        Verb.EXPORT_COMPLETE,
        actor=actor,
        obj=export,
        rows=manifest.rows,
        sha256=manifest.sha256,
        manifest=manifest.as_data(),
    )
