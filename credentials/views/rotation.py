"""One rotation, step by step. For Information Technology."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from audit.errors import Stale
from credentials import entitlement, rotation, vault
from credentials.models import Credential, Knowledge, Rotation
from credentials.views import pictures, runs, why
from credentials.views.doors import person_of, secretive, seen, staff
from employees import authority
from employees.models import Employee
from employees.stepup import needs_recent_factor


def require_it(person: Employee) -> None:
    authority.require(
        entitlement.may_rotate(person), _("Shared passwords are rotated by Information Technology.")
    )


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
        **more,
    }


@require_safe
@staff
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the rotation of this password stands, and its next step."""
    found, person = seen(request, pk), person_of(request)
    require_it(person)
    context = _context(person, found, run=runs.of(request, found))
    return render(request, "credentials/rotate.html", context)


def _under_way(credential: Credential) -> Rotation:
    found = rotation.open_rotation(credential)
    if found is None:
        raise Stale(_("No rotation of this password is open any more. Look at the account's page."))
    return found


@require_POST
@staff
@needs_recent_factor("credentials:rotate")
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Make and seal the new password."""
    found = seen(request, pk)
    require_it(person_of(request))
    try:
        rotation.start(actor=person_of(request), credential=found)
    except Stale as stale:
        messages.warning(request, str(stale))
    else:
        messages.success(request, _("A new password is made and sealed. Nobody has seen it yet."))
    return redirect("credentials:rotate", pk=pk)


@sensitive_post_parameters()
@staff
@needs_recent_factor("credentials:rotate")
@sensitive_variables()
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The current and the new password, after a second factor. Only by POST."""
    found, person = seen(request, pk), person_of(request)
    if request.method != "POST":
        return redirect("credentials:rotate", pk=pk)
    require_it(person)
    shown = rotation.show(actor=person, rotation=_under_way(found))
    context = _context(person, found, shown=shown, run=runs.of(request, found))
    return secretive(render(request, "credentials/rotation_shown.html", context))


@require_POST
@staff
@needs_recent_factor("credentials:rotate")
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """The platform has the new password."""
    found = seen(request, pk)
    require_it(person_of(request))
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
@needs_recent_factor("credentials:rotate")
def verify(request: HttpRequest, pk: int) -> HttpResponse:
    """The new password opens the account: it becomes current."""
    found = seen(request, pk)
    require_it(person_of(request))
    try:
        done = _under_way(found)
        rotation.verify(actor=person_of(request), rotation=done)
    except Stale as stale:
        messages.warning(request, str(stale))
        return redirect("credentials:rotate", pk=pk)
    text = _("Version %(number)d of the password of %(account)s is current since %(time)s.")
    names = {"number": done.version.number, "account": found.account.display, "time": why.hour(clock.now())}
    messages.success(request, text % names)
    return redirect(runs.after(request, found, reverse("credentials:credential", args=[pk])))


@staff
@needs_recent_factor()
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the rotation up, after a page that says what that means."""
    found, person = seen(request, pk), person_of(request)
    require_it(person)
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
