"""Requests for public records: when an answer is due, what is open, and what is closed on which ground.

The law is a setting; the default is the Kansas Open Records Act, by which a request is acted upon no later than the end
of the third business day following the day on which it is received (K.S.A. 45-218(d)).
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account
from audit import clock, when
from audit.actions import Verb
from audit.errors import Invalid, NotPermitted, Stale
from audit.ledger import record, service
from audit.states import move
from audit.text import clean_line
from credentials import exports, tables
from credentials.exports import Filters, Manifest
from credentials.models import RecordsRequest
from employees import authority, workdays
from employees.models import Department, Employee

ALWAYS_CLOSED = {
    "recovery_data": gettext_lazy("Recovery addresses, telephones and codes"),
    "unmended_gaps": gettext_lazy("Gaps that are not mended: who knows or reaches what without authority"),
    "personal_addresses": gettext_lazy("Personal addresses and telephones"),
}
"""What no answer ever holds, whatever the setting says."""

GAPS = ("knows_current_version", "still_present_on_platform")
"""Columns that tell of unmended gaps: always closed."""

UNSAID = gettext_lazy("Closed always; the City's setting names no ground yet")

FAR_BACK = 366


def may_answer(person: Employee) -> bool:
    """Auditors export, so they answer; registry clerks and officers see what is due."""
    return authority.is_auditor(person)


def may_see(person: Employee) -> bool:
    """Whether the list of requests is open to `person`."""
    return authority.is_auditor(person) or authority.is_clerk(person) or authority.is_officer(person)


def due_on(received: date) -> date:
    """The last of the business days that follow `received`."""
    # A day off is no day to count from: the first business day after it is the first.
    before = received
    while not workdays.is_working_day(before):
        before -= timedelta(days=1)
    return workdays.after(before, int(settings.RECORDS_BUSINESS_DAYS))


def closed() -> dict[str, str]:
    """What is closed, each with its ground: columns of the export first, then what no export holds."""
    told = dict(settings.RECORDS_CLOSED)
    for name in (*GAPS, *ALWAYS_CLOSED):
        told.setdefault(name, str(UNSAID))
    columns = {name: told[name] for name in exports.COLUMNS if name in told}
    return columns | {name: ground for name, ground in told.items() if name not in columns}


def open_columns() -> tuple[str, ...]:
    """Columns that the answer holds."""
    shut = closed()
    return tuple(name for name in exports.COLUMNS if name not in shut)


def label(name: str) -> str:
    """What a closed matter or column is called."""
    return str(ALWAYS_CLOSED.get(name, name.replace("_", " ").capitalize()))


@service
def receive(
    *,
    actor: Employee,
    number: str,
    received_on: date,
    subject: str,
    account: Account | None = None,
    person: Employee | None = None,
    department: Department | None = None,
    since: date | None = None,
    until: date | None = None,
) -> RecordsRequest:
    """Record a request under the number that the City's clerk gave it. Raises NotPermitted, Invalid."""
    _require(actor)
    today = clock.today()
    if not today - timedelta(days=FAR_BACK) <= received_on <= today:
        raise Invalid(
            _("It was received today or on an earlier day."), fields={"received_on": _("today or earlier")}
        )
    if since and until and until < since:
        raise Invalid(
            _("The end lies before the beginning."), fields={"until": _("not before the beginning")}
        )
    name = clean_line(number, field="number", max_length=40)
    if RecordsRequest.objects.filter(number__iexact=name).exists():
        raise Invalid(
            _("Request {number} is recorded already.").format(number=name),
            fields={"number": _("a number that is not used yet")},
        )
    made = RecordsRequest.objects.create(
        number=name,
        received_on=received_on,
        due_on=due_on(received_on),
        subject=clean_line(subject, field="subject", max_length=300),
        account=account,
        person=person,
        department=department,
        since=since,
        until=until,
        state=RecordsRequest.State.OPEN,
        recorded_by=actor,
        recorded_at=clock.now(),
    )
    # What was asked stays out of the ledger: it is a resident's sentence as often as not.
    record(Verb.RECORDS_RECEIVE, actor=actor, obj=made, facts=[made])
    return made


def _require(actor: Employee) -> None:
    if not may_answer(actor):
        raise NotPermitted(_("Requests for records are answered by people with the Auditor role."))


def filters_of(request: RecordsRequest) -> Filters:
    """Of what the request asks."""
    return Filters(
        account=request.account,
        person=request.person,
        department=request.department,
        since=clock.start_of(request.since) if request.since else None,
        until=when.last_instant(request.until) if request.until else None,
    )


def write(*, actor: Employee, request: RecordsRequest, file: IO[bytes]) -> Manifest:
    """Write the answer to `file`: a ZIP with what is open, the list of what is closed with grounds, and the manifest.

    The manifest's hash is that of `open.csv`. The export is recorded as every other. Raises NotPermitted.
    """
    _require(actor)
    filters = filters_of(request)
    data = {**filters.as_data(), "records_request": request.number}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("open.csv", "w", force_zip64=True) as part:
            manifest = exports.made(
                actor=actor,
                name=f"Records request {request.number}",
                filters=data,
                form="csv",
                columns=open_columns(),
                rows=exports.rows(filters),
                file=part,
            )
        with archive.open("closed.csv", "w") as part:
            tables.write(form="csv", columns=("closed", "ground"), rows=_closed_rows(), file=part)
        archive.writestr("manifest.json", manifest.as_json())
    return manifest


def _closed_rows() -> Iterator[dict[str, Any]]:
    for name, ground in closed().items():
        yield {"closed": label(name), "ground": ground}


@service
def answer(*, actor: Employee, request: RecordsRequest, manifest: Manifest) -> RecordsRequest:
    """Take note that the request was answered with the file of `manifest`. Raises NotPermitted, Stale."""
    _require(actor)
    if request.state != RecordsRequest.State.OPEN:
        raise Stale(_("This request was answered before."))
    move(
        request,
        "state",
        old=RecordsRequest.State.OPEN,
        new=RecordsRequest.State.ANSWERED,
        answered_by=actor,
        answered_at=clock.now(),
        sha256=manifest.sha256,
        rows=manifest.rows,
    )
    record(Verb.RECORDS_ANSWER, actor=actor, obj=request, facts=[request], rows=manifest.rows)
    return request
