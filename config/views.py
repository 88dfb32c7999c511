"""The pages that span all rooms: Yours today, and whether the system runs."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from audit import clock, condition
from audit.actions import Verb
from audit.models import Entry
from config import today as waiting
from employees import authority, outbox, showing
from employees.models import Employee


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
    yours = waiting.gather(person)
    return render(
        request,
        "config/today.html",
        {
            "day": clock.today(),
            "tasks": yours.tasks,
            "news": yours.news,
            "runs_the_system": authority.is_information_technology(person),
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
    """One word for each line of Status, for a monitor: 200 while each is fine, else 503."""
    lines = condition.lines()
    return JsonResponse(
        {line.name: line.condition.word for line in lines},
        status=200 if all(line.condition.fine for line in lines) else 503,
    )


@login_required
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """Does the system run? One line for each thing that could stop it, and what to do. For Information Technology."""
    _for_it(request)
    lines = condition.lines()
    context = {
        "lines": lines,
        "wrong": [line for line in lines if not line.condition.fine],
        "mails": outbox.troubled(),
        "given_up": outbox.state().given_up,
    }
    return render(request, "config/status.html", context)


@login_required
@require_POST
def mail_again(request: HttpRequest) -> HttpResponse:
    """Put what was given up back into the queue."""
    count = outbox.try_again(actor=_for_it(request))
    text = ngettext("%(count)d mail is in the queue again.", "%(count)d mails are in the queue again.", count)
    messages.success(request, text % {"count": count})
    return redirect("config:status")


def _for_it(request: HttpRequest) -> Employee:
    person = request.user
    assert isinstance(person, Employee)
    if not authority.is_information_technology(person):
        raise PermissionDenied
    return person
