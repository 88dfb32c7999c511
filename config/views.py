"""The pages that span all rooms: Yours today, and whether the system runs."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from audit import clock
from audit.actions import Verb
from audit.models import Entry
from config import today as waiting
from credentials import keyring
from employees import showing
from employees.models import Employee

DAILY_AT_LEAST = timedelta(hours=26)


@login_required
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """What waits for the person who has signed in, and what they did this week."""
    person = request.user
    assert isinstance(person, Employee)
    week = clock.now() - timedelta(days=7)
    mine = Entry.objects.filter(actor_id=str(person.pk), at__gte=week).exclude(verb=Verb.ACCESS_DENY)
    # What custody did because of an act is not an act of the person's own.
    done = mine.exclude(verb__startswith="credentials.custody.").order_by("-index")
    return render(
        request,
        "config/today.html",
        {
            "day": clock.today(),
            "tasks": waiting.tasks(person),
            "done": done[:5],
            "officer": showing.offices_of(person).exists(),
        },
    )


@login_required
@require_safe
def who_can_do_what(request: HttpRequest) -> HttpResponse:
    """What each seat and role may do, in a department's words."""
    return render(request, "config/who_can_do_what.html")


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the database answers, the vault has its keys and the daily run keeps its time; else 503 and which."""
    state = {"database": _database(), "vault": _vault(), "daily": "unknown"}
    if state["database"] == "ok":
        state["daily"] = _daily()
    return JsonResponse(state, status=200 if set(state.values()) <= {"ok", "never ran"} else 503)


def _database() -> str:
    try:
        Entry.objects.order_by("index").values_list("index", flat=True).first()
    except DatabaseError:
        return "does not answer"
    return "ok"


def _vault() -> str:
    try:
        keyring.load()
    except keyring.VaultUnavailable:
        return "no keys"
    return "ok"


def _daily() -> str:
    last = Entry.objects.filter(verb=Verb.DAILY_RUN).order_by("-index").values_list("at", flat=True).first()
    if last is None:
        return "never ran"
    return "ok" if clock.now() - last < DAILY_AT_LEAST else "late"
