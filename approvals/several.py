"""Several requests at once: chosen in the list, one act, one reason; each is checked, decided and recorded singly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from approvals.authorities import Seats, standing
from approvals.deciding import SERVICES
from approvals.forms import SeveralForm
from approvals.models import Request
from approvals.transitions import Act, sources
from approvals.wording import TONES, consequence, past, sentence
from audit.errors import NotPermitted, Refused
from employees import stepup
from employees.models import Employee

if TYPE_CHECKING:
    from approvals.admin import RequestAdmin

MOST = 50
"""Requests decided in one go."""
ACTS = (Act.ENDORSE, Act.DECLINE, Act.APPROVE, Act.RETURN, Act.DENY)


@dataclass(frozen=True)
class Result:
    """What became of one row."""

    request: Request
    done: bool
    text: str


def page(admin: RequestAdmin, http: HttpRequest) -> HttpResponse:
    """Choose the act, give the reason, see a result for each row."""
    if not admin.seated(http):
        raise PermissionDenied
    person = http.user
    assert isinstance(person, Employee)
    chosen = http.POST if http.method == "POST" else http.GET
    rows = _rows(person, chosen.getlist("request"))
    if not rows:
        messages.error(http, _("Tick the requests that you want to decide."))
        return redirect("admin:approvals_request_changelist")
    may = {row.pk: _may(person, row, Seats([row])) for row in rows}
    acts = [act for act in ACTS if any(act in allowed for allowed in may.values())]
    name = chosen.get("act", "")
    done = Act(name) if name in [act.value for act in ACTS] else None
    context: dict[str, Any] = {
        "title": _("Decide several requests"),
        "rows": [
            {"request": row, "sentence": sentence(row), "tone": TONES[row.status], "seen": row.content_hash()}
            for row in rows
        ],
        "acts": acts,
        "act": done,
    }
    if done is None:
        return admin.page(http, "several.html", context)
    context |= {"consequences": [(row, consequence(done, row)) for row in rows]}
    form = SeveralForm(done, http.POST if http.method == "POST" else stepup.typed(http))
    context["form"] = form
    if http.method != "POST" or not form.is_valid():
        return admin.page(http, "several.html", context, 422 if http.method == "POST" else 200)
    if not stepup.used_recently(http):
        back = reverse("admin:approvals_request_several")
        return stepup.send_to_confirm(http, f"{back}?{_query(rows, done)}", keep=True)
    results = [_decide(person, row, done, http, form.cleaned_data) for row in rows]
    context |= {
        "results": results,
        "count": sum(result.done for result in results),
        "title": _("What was decided"),
    }
    return admin.page(http, "several_done.html", context)


def _query(rows: list[Request], act: Act) -> str:
    return urlencode([("act", act.value), *(("request", str(row.pk)) for row in rows)])


def _rows(person: Employee, ids: list[str]) -> list[Request]:
    chosen = {int(one) for one in ids if one.isascii() and one.isdecimal() and len(one) < 19}
    rows = Request.objects.visible_to(person).whole().filter(pk__in=chosen)
    return list(rows.order_by("status_since", "pk")[:MOST])


def _may(person: Employee, request: Request, seats: Seats) -> set[Act]:
    allowed = set()
    for act in ACTS:
        if request.status not in sources(act):
            continue
        try:
            standing(person, request, act, seats)
        except NotPermitted:
            continue
        allowed.add(act)
    return allowed


def _decide(person: Employee, request: Request, act: Act, http: HttpRequest, given: dict[str, Any]) -> Result:
    """One service call, its own transaction: what is refused here leaves the others as they are."""
    try:
        SERVICES[act](
            actor=person,
            request=request,
            seen=http.POST.get(f"seen-{request.pk}", ""),
            reasons=given["reasons"],
            text=given["text"],
            note=given["note"],
        )
    except Refused as error:
        return Result(request, False, str(error))
    return Result(request, True, _("You %(past)s.") % {"past": past(act, request.kind)})
