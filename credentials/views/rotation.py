"""The rotation queue, and one rotation step by step. For Information Technology."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from audit.errors import Stale
from credentials import dues, entitlement, rotation, vault
from credentials.dues import Due
from credentials.forms import OwnPasswordForm
from credentials.models import Credential, Knowledge, Rotation
from credentials.views import pictures, why
from credentials.views.doors import person_of, secretive, seen, staff
from employees import authority
from employees.models import Employee

PAGE = 50
"""Due rotations on one page."""


def _require_it(person: Employee) -> None:
    authority.require(
        entitlement.may_rotate(person), _("Shared passwords are rotated by Information Technology.")
    )


@require_safe
@staff
def queue(request: HttpRequest) -> HttpResponse:
    """Every due rotation, the most urgent first."""
    _require_it(person_of(request))
    every = dues.queue()
    chosen = _chosen(every, request)
    start = _start(chosen, request.GET.get("after", ""))
    page = chosen[start : start + PAGE]
    told = why.Why(page)
    left = _leavers(every)
    started = sum(1 for due in every if due.rotation is not None)
    filters = {name: request.GET.get(name, "") for name in ("reason", "platform", "department", "left")}
    context = {
        "rows": [{"due": due, "why": told.of(due), "step": pictures.step_of(due.rotation) + 1} for due in page],
        "first": next((due for due in page if due.rotation is None), None),
        "count": len(every),
        "started": started,
        "waiting": len(every) - started,
        "shown": len(chosen),
        "filtered": any(filters.values()),
        "filters": filters,
        "leavers": why.last_days(left),
        "reasons": [(reason, dues.LABELS[reason]) for reason in dues.ORDER],
        "platforms": sorted({(one.account.platform.slug, one.account.platform.name) for one in every}),
        "departments": sorted(
            {(one.account.department.name, one.account.department.code) for one in every}
        ),
        "next_page": f"?{urlencode({**filters, 'after': page[-1].version.pk})}"
        if start + PAGE < len(chosen)
        else "",
        "first_page": f"?{urlencode(filters)}" if start else "",
    }
    return render(request, "credentials/queue.html", context)


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


def _start(chosen: list[Due], after: str) -> int:
    return next((place for place, due in enumerate(chosen, 1) if str(due.version.pk) == after), 0)


def _leavers(every: list[Due]) -> dict[Employee, int]:
    """Who left and is the cause of more than one, with how many."""
    counts: dict[Employee, int] = {}
    for due in every:
        for knower in due.knowers:
            if not knower.person.is_active:
                counts[knower.person] = counts.get(knower.person, 0) + 1
    return {person: count for person, count in counts.items() if count > 1}


@dataclass
class Step:
    """One step in the picture: done, current or todo, and what is to be said beneath it."""

    label: str
    state: str
    says: str = ""


def _steps(under_way: Rotation | None) -> list[Step]:
    labels = (
        _("New password made"),
        _("Shown"),
        _("Changed on the platform"),
        _("Verified"),
    )
    done = pictures.step_of(under_way)
    says = _says(under_way) if under_way else []
    return [
        Step(
            label,
            "done" if place < done else "current" if place == done else "todo",
            says[place] if place < len(says) else "",
        )
        for place, label in enumerate(labels)
    ]


def _says(under_way: Rotation) -> list[str]:
    """By whom each finished step was done."""
    shown = (
        Knowledge.objects.filter(version=under_way.version_id, how=Knowledge.How.ROTATION)
        .select_related("person")
        .order_by("at", "pk")
        .first()
    )
    names = [under_way.started_by.name]
    names += [shown.person.name] if shown else []
    names += [under_way.claimed_by.name] if shown and under_way.claimed_by else []
    return names


def _context(person: Employee, credential: Credential, **more: Any) -> dict[str, Any]:
    picture = pictures.of(credential)
    told = why.Why([picture.due]) if picture.due else None
    return {
        "credential": credential,
        "account": credential.account,
        "picture": picture,
        "rotation": picture.rotation,
        "why": told.of(picture.due) if told and picture.due else [],
        "steps": _steps(picture.rotation),
        "form": OwnPasswordForm(person=person),
        **more,
    }


@require_safe
@staff
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the rotation of this password stands, and its next step."""
    found, person = seen(request, pk), person_of(request)
    _require_it(person)
    return secretive(render(request, "credentials/rotate.html", _context(person, found)))


def _under_way(credential: Credential) -> Rotation:
    found = rotation.open_rotation(credential)
    if found is None:
        raise Stale(_("No rotation of this password is open any more. Look at the account's page."))
    return found


@require_POST
@staff
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Make and seal the new password."""
    found = seen(request, pk)
    try:
        rotation.start(actor=person_of(request), credential=found, reason=request.POST.get("reason", ""))
    except Stale as stale:
        messages.warning(request, str(stale))
    else:
        messages.success(request, _("A new password is made and sealed. Nobody has seen it yet."))
    return redirect("credentials:rotate", pk=pk)


@sensitive_post_parameters()
@staff
@sensitive_variables()
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The current and the new password, after one's own. Only by POST."""
    found, person = seen(request, pk), person_of(request)
    if request.method != "POST":
        return redirect("credentials:rotate", pk=pk)
    _require_it(person)
    form = OwnPasswordForm(request.POST, person=person)
    if not form.is_valid():
        return secretive(render(request, "credentials/rotate.html", _context(person, found, form=form)))
    shown = rotation.show(actor=person, rotation=_under_way(found))
    context = _context(person, found, shown=shown)
    return secretive(render(request, "credentials/rotation_shown.html", context))


@require_POST
@staff
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """The platform has the new password."""
    found = seen(request, pk)
    try:
        rotation.claim_changed(actor=person_of(request), rotation=_under_way(found))
    except Stale as stale:
        messages.warning(request, str(stale))
    else:
        text = _("Written down. Now sign in there with the new password, and say that it opens.")
        messages.success(request, text)
    return redirect("credentials:rotate", pk=pk)


@require_POST
@staff
def verify(request: HttpRequest, pk: int) -> HttpResponse:
    """The new password opens the account: it becomes current."""
    found = seen(request, pk)
    try:
        done = _under_way(found)
        rotation.verify(actor=person_of(request), rotation=done)
    except Stale as stale:
        messages.warning(request, str(stale))
        return redirect("credentials:rotate", pk=pk)
    text = _("Version %(number)d of the password of %(account)s is current since %(time)s.")
    names = {"number": done.version.number, "account": found.account.display, "time": why.hour(clock.now())}
    messages.success(request, text % names)
    return redirect("credentials:credential", pk=pk)


@staff
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the rotation up, after a page that says what that means."""
    found, person = seen(request, pk), person_of(request)
    _require_it(person)
    try:
        under_way = _under_way(found)
        if request.method != "POST":
            return render(request, "credentials/cancel.html", _context(person, found))
        rotation.cancel(actor=person, rotation=under_way)
    except Stale as stale:
        messages.warning(request, str(stale))
        return redirect("credentials:rotate", pk=pk)
    current = vault.current_version(vault.item_of(found))
    assert current is not None
    text = _("The rotation is cancelled. Version %(number)d is current, as before.")
    messages.success(request, text % {"number": current.number})
    return redirect("credentials:credential", pk=pk)
