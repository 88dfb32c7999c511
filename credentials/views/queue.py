"""What is due for rotation, the most urgent first. For Information Technology."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from audit.errors import NotPermitted, Refused, Stale
from credentials import dues, exports, rotation, stale, tables
from credentials.dues import Due
from credentials.models import Credential, SecretItem, StaleCopy
from credentials.views import pictures, runs, why
from credentials.views.doors import person_of, staff
from credentials.views.rotation import require_it
from employees.models import Employee
from employees.stepup import needs_recent_factor

FILTERS = ("reason", "platform", "department", "left")
PAGE = 50
"""Due rotations on one page."""

MOST_AT_ONCE = 50
"""Rotations started by one click; more are not done in a day."""


@require_safe
@staff
def queue(request: HttpRequest) -> HttpResponse:
    """Every due rotation, the most urgent first."""
    require_it(person_of(request))
    every = dues.queue()
    chosen = _chosen(every, request)
    start = _start(chosen, request.GET.get("after", ""))
    page = chosen[start : start + PAGE]
    told = why.Why(page)
    left = _leavers(every)
    started = sum(1 for due in every if due.rotation is not None)
    filters = {name: request.GET.get(name, "") for name in FILTERS}
    stale_now = _stale()
    listed = {due.version.item_id for due in every}
    context = {
        "rows": [
            {
                "due": due,
                "why": told.of(due),
                "step": pictures.step_of(due.rotation) + 1,
                "stale": stale_now.get(due.version.item_id, []),
            }
            for due in page
        ],
        "stale": [copies for item, copies in stale_now.items() if item not in listed],
        "first": next((due for due in page if due.rotation is None), None),
        "count": len(every),
        "passwords_alone": all(due.kind == SecretItem.Kind.PASSWORD for due in every),
        "started": started,
        "waiting": len(every) - started,
        "shown": len(chosen),
        "filtered": any(filters.values()),
        "filters": filters,
        "query": urlencode({name: value for name, value in filters.items() if value}),
        "leavers": why.last_days(left),
        "days_left": told.last_days,
        "reasons": [(reason, dues.LABELS[reason]) for reason in dues.ORDER],
        "platforms": sorted({(one.account.platform.slug, one.account.platform.name) for one in every}),
        "departments": sorted({(one.account.department.name, one.account.department.code) for one in every}),
        "next_page": f"?{urlencode({**filters, 'after': page[-1].version.pk})}"
        if start + PAGE < len(chosen)
        else "",
        "first_page": f"?{urlencode(filters)}" if start else "",
    }
    return render(request, "credentials/queue.html", context)


def _stale() -> dict[int, list[StaleCopy]]:
    """What was changed on platforms and is not deposited yet, by item. One query."""
    found: dict[int, list[StaleCopy]] = {}
    for copy in stale.standing():
        found.setdefault(copy.item_id, []).append(copy)
    return found


def _chosen(every: list[Due], request: HttpRequest) -> list[Due]:
    """`every`, in its order, as far as the filters in the address want them."""
    wanted = request.GET.get
    return [
        due
        for due in every
        if wanted("reason", "") in ("", due.reason)
        and wanted("platform", "") in ("", due.account.platform.slug)
        and wanted("department", "") in ("", due.account.department.code)
        and (not wanted("left") or wanted("left") in {str(one.person.pk) for one in due.knowers})
    ]


COLUMNS = (
    "account",
    "platform",
    "department",
    "secret",
    "version",
    "reasons",
    "due_since",
    "days",
    "who_still_knows",
    "in_hand",
    "step",
)


@require_POST
@staff
@needs_recent_factor("credentials:queue")
def export(request: HttpRequest) -> HttpResponseBase:
    """What the page lists, with its filters, as CSV. Recorded before the first row is read, as every export is."""
    person = person_of(request)
    require_it(person)
    filters = {name: request.GET.get(name, "") for name in FILTERS}
    raw = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    exports.made(
        actor=person,
        name="Rotation queue",
        filters={name: value or None for name, value in filters.items()},
        form="csv",
        columns=COLUMNS,
        rows=_rows(request),
        file=raw,
    )
    return tables.sent(raw, f"rotation-queue-{clock.today().isoformat()}", "csv")


def _rows(request: HttpRequest) -> Iterator[dict[str, object]]:
    """A row for each due version, in the order of the page. Never the sentence of a report."""
    for due in _chosen(dues.queue(), request):
        reasons = [str(dues.LABELS[due.reason])]
        reasons += [str(dues.LABELS[dues.REPORTED])] if due.reports and due.reason != dues.REPORTED else []
        reasons += (
            [str(dues.LABELS[dues.EMERGENCY])] if due.emergencies and due.reason != dues.EMERGENCY else []
        )
        account = due.account
        yield {
            "account": account.reference,
            "platform": account.platform.name,
            "department": account.department.name,
            "secret": str(due.version.item.get_kind_display()),
            "version": due.version.number,
            "reasons": ", ".join(reasons),
            "due_since": due.since,
            "days": due.days,
            "who_still_knows": ", ".join(
                f"{one.person.name} ({one.person.employee_number})" for one in due.knowers
            ),
            "in_hand": due.rotation.in_hand.name if due.rotation else "",
            "step": str(due.rotation.get_state_display()) if due.rotation else "",
        }


def _start(chosen: list[Due], after: str) -> int:
    return next((place for place, due in enumerate(chosen, 1) if str(due.version.pk) == after), 0)


def _leavers(every: list[Due]) -> dict[Employee, int]:
    """Who left and is the cause of several due passwords, with how many. Other secrets are replaced one by one."""
    counts: dict[Employee, int] = {}
    for due in every:
        for knower in due.knowers if due.kind == SecretItem.Kind.PASSWORD else ():
            if not knower.person.is_active:
                counts[knower.person] = counts.get(knower.person, 0) + 1
    return {person: count for person, count in counts.items() if count > 1}


@require_POST
@staff
@needs_recent_factor("credentials:queue")
def start_run(request: HttpRequest) -> HttpResponse:
    """Start every rotation that is due because one person left, and lead through them one after another.

    Starting makes and seals new passwords; nothing changes on any platform. Those under way already are joined.
    """
    person = person_of(request)
    require_it(person)
    left = request.POST.get("left", "")
    chosen = [due for due in dues.queue() if not left or left in {str(one.person.pk) for one in due.knowers}][
        :MOST_AT_ONCE
    ]
    begun: list[Credential] = []
    left_out: list[str] = []
    stale_now = _stale()
    for due in chosen:
        credential = due.version.item.credential
        if due.rotation is None and due.version.item_id in stale_now:
            left_out.append(due.title)
            continue
        if due.version.item.kind != SecretItem.Kind.PASSWORD or credential in begun:
            continue
        if due.rotation is None:
            try:
                rotation.start(actor=person, credential=credential, reason=_reason(due))
            except Stale:
                pass  # somebody started it just now: it is joined
            except NotPermitted:
                raise
            except Refused:
                continue
        begun.append(credential)
    if left_out:
        text = _("Not started, because the vault’s copy is stale: %(names)s. Deposit what opens it first.")
        messages.warning(request, text % {"names": ", ".join(left_out)})
    if not begun and left_out:
        return redirect("credentials:queue")
    if not begun:
        messages.info(request, _("Nothing is due any more."))
        return redirect("credentials:queue")
    leaver = next((one.person for due in chosen for one in due.knowers if str(one.person.pk) == left), None)
    why_now = _("after %(person)s left") % {"person": leaver.name} if leaver else ""
    runs.begin(request, begun, why_now)
    text = ngettext(
        "One new password is made and sealed. Nobody has seen it yet.",
        "%(count)d new passwords are made and sealed. Nobody has seen them yet; do them one after another.",
        len(begun),
    )
    messages.success(request, text % {"count": len(begun)})
    return redirect("credentials:rotate", pk=begun[0].pk)


def _reason(due: Due) -> str:
    return ", ".join(
        _("%(person)s left") % {"person": one.person.name} for one in due.knowers if not one.person.is_active
    )


@require_POST
@staff
def stop_run(request: HttpRequest) -> HttpResponse:
    """Do no more of them now. What was started stays started."""
    require_it(person_of(request))
    runs.end(request)
    messages.info(request, _("What you started stays in the queue. Go on whenever you like."))
    return redirect("credentials:queue")
