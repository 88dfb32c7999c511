"""Pages for those who ask: their requests, one request, its conversation, withdrawing it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from approvals import attachments, effects, services, story
from approvals.authorities import Seats, standing
from approvals.deadlines import due_on, is_overdue
from approvals.forms import CommentForm, WithdrawForm
from approvals.models import Attachment, Request, RequestQuerySet
from approvals.moves import next_move, to_decide, to_mend
from approvals.transitions import OPEN, Act, Authority, Status, acts_from, transition
from approvals.wording import TONES, consequence, sentence
from audit.denials import absent
from audit.errors import Invalid, NotPermitted, Refused
from employees import authority
from employees.models import Employee

PAGE = 50
"""Requests on one page of the list."""


def person_of(http: HttpRequest) -> Employee:
    assert isinstance(http.user, Employee)
    return http.user


def visible(http: HttpRequest, number: str) -> Request:
    """The request of this number; somebody else's is as if it were not there."""
    found = Request.objects.visible_to(person_of(http)).whole().filter(number=number).first()
    if found is None:
        raise absent(hidden=Request.objects.filter(number=number).exists())
    return found


@login_required
def requests(http: HttpRequest) -> HttpResponse:
    """Own requests and the department's; all of them for officers and staff roles."""
    person = person_of(http)
    visible = Request.objects.visible_to(person)
    state = http.GET.get("state", "")
    chosen = _in_state(visible, state)
    totals = visible.aggregate(open=Count("pk", filter=Q(status__in=OPEN)), all=Count("pk"))
    rows = list(_after(chosen, http.GET.get("before", "")).whole()[: PAGE + 1])
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    seats = Seats(rows)
    return render(
        http,
        "approvals/requests.html",
        {
            "rows": [
                {"request": row, "move": next_move(row, seats), "tone": TONES[row.status]} for row in rows
            ],
            "states": [("open", _("Open")), *Status.choices],
            "state": state,
            "waiting": to_decide(person).count(),
            "unfinished": to_mend(person).count(),
            "open_count": totals["open"],
            "all_count": totals["all"],
            "shown_count": chosen.count(),
            "everything": authority.sees_everything(person),
            "may_ask": bool(authority.departments_of(person)),
            "next_page": f"?{urlencode({'state': state, 'before': rows[-1].pk})}" if more else "",
            "first_page": f"?{urlencode({'state': state})}" if http.GET.get("before") else "",
        },
    )


def _in_state(rows: RequestQuerySet, state: str) -> RequestQuerySet:
    if state == "open":
        return rows.open()
    return rows.filter(status=state) if state in Status.values else rows


def _after(rows: RequestQuerySet, before: str) -> RequestQuerySet:
    """The page after the request with the id `before`: by key, so that a later page costs what the first does."""
    return rows.filter(pk__lt=int(before)) if before.isdecimal() and len(before) < 19 else rows


@login_required
def request_page(http: HttpRequest, number: str) -> HttpResponse:
    """Where it stands, whose turn it is, what was said."""
    return _page(http, visible(http, number), CommentForm())


def _page(http: HttpRequest, request: Request, form: CommentForm) -> HttpResponse:
    person, move = person_of(http), next_move(request)
    decisions = list(request.decisions.select_related("person"))
    context: dict[str, Any] = {
        "request_": request,
        "tone": TONES[request.status],
        "move": move,
        "mine": bool(move) and person in move.people if move else False,
        "decides": _directs(person, request),
        "steps": story.steps(request, move, decisions, due_on(request)),
        "events": story.events(request),
        "form": form,
        "may_edit": _may(person, request, Act.EDIT),
        "may_withdraw": _may(person, request, Act.WITHDRAW),
        "may_comment": not request.is_closed and services.may_comment(person, request),
        "reasons": [row for row in decisions if row.after == request.status][-1:],
        "missing": story.set_up(request),
        "due": None if request.is_closed else due_on(request),
        "overdue": not request.is_closed and is_overdue(request),
        "subjects": effects.subjects(request) if request.listed else [],
        "sentence": sentence(request),
        "endorsed": request.status == Status.AWAITING_DECISION,
    }
    return render(http, "approvals/request.html", context, status=422 if form.errors else 200)


def _may(person: Employee, request: Request, act: Act) -> bool:
    if transition(request.status, act) is None:
        return False
    try:
        standing(person, request, act)
    except NotPermitted:
        return False
    return True


def is_possible(person: Employee, request: Request, act: Act) -> bool:
    """Whether its state allows `act`. Raises NotPermitted where it does and it is not the person's to do."""
    if transition(request.status, act) is None:
        return False
    standing(person, request, act)
    return True


def _directs(person: Employee, request: Request) -> bool:
    """Whether a director's act on `request` is the person's to do, now."""
    acts = [
        act
        for act in acts_from(request.status)
        if _who(request, act) in (Authority.DIRECTOR, Authority.DECIDER)
    ]
    return bool(acts) and _may(person, request, acts[0])


def _who(request: Request, act: Act) -> Authority | None:
    row = transition(request.status, act)
    return row.who if row else None


@login_required
@require_POST
def comment(http: HttpRequest, number: str) -> HttpResponse:
    """Write to everybody on the request, or attach a file; what was written stays in the box when it is refused."""
    request = visible(http, number)
    form = CommentForm(http.POST, http.FILES)
    if form.is_valid():
        text, file = form.cleaned_data["text"], form.cleaned_data["file"]
        try:
            services.say(actor=person_of(http), request=request, text=text, file=file)
        except NotPermitted:
            raise
        except Invalid as error:
            form.add_error("file" if "file" in error.fields else "text", str(error))
        except Refused as error:
            form.add_error("text", str(error))
        else:
            messages.success(
                http,
                _("“%(name)s” is attached to the request.") % {"name": file.name}
                if file
                else _("Your comment is on the request."),
            )
            return redirect(request)
    return _page(http, request, form)


@login_required
@require_GET
def download(http: HttpRequest, number: str, pk: int) -> FileResponse:
    """A file beside a request: to be saved, never shown by the browser as a page of this site."""
    found = visible(http, number).attachments.filter(pk=pk).first()
    if found is None:
        raise absent(hidden=Attachment.objects.filter(pk=pk).exists())
    response = FileResponse(
        attachments.storage().open(found.stored),
        as_attachment=True,
        filename=found.name,
        content_type=found.content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
def withdraw(http: HttpRequest, number: str) -> HttpResponse:
    """Take an open request back, with a reason."""
    request, person = visible(http, number), person_of(http)
    if not is_possible(person, request, Act.WITHDRAW):
        messages.error(http, _("This request cannot be withdrawn now."))
        return redirect(request)
    form, set_up = WithdrawForm(http.POST or None), request.status == Status.APPROVED
    if http.method == "POST" and form.is_valid():
        try:
            services.withdraw(actor=person, request=request, text=form.cleaned_data["text"])
        except Invalid as error:
            form.add_error("text", str(error))
        except NotPermitted:
            raise
        except Refused as error:
            messages.error(http, str(error))
            return redirect(request)
        else:
            gone = _("Withdrawn. Its account is given up with it.")
            messages.success(http, gone if set_up else _("Withdrawn. Nothing else happens with it."))
            return redirect(request)
    context = {"form": form, "request_": request, "consequence": consequence(Act.WITHDRAW, request)}
    return render(http, "approvals/withdraw.html", context)
