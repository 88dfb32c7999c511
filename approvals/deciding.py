"""The pages on which directors decide: one request with all that bears on it, and one act with its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import health
from accounts.models import Account
from approvals import services, story
from approvals.authorities import Seats, standing
from approvals.forms import DecisionForm
from approvals.models import Decision, Request
from approvals.moves import next_move
from approvals.transitions import TABLE, Act, Authority, Status, acts_from, transition
from approvals.wording import TONES, consequence, past
from audit.denials import absent
from audit.errors import ConflictOfInterest, Invalid, NotPermitted, Refused
from employees import stepup
from employees.models import Employee

if TYPE_CHECKING:
    from approvals.admin import RequestAdmin

SERVICES: dict[Act, Callable[..., Decision]] = {
    Act.ENDORSE: services.endorse,
    Act.DECLINE: services.decline,
    Act.APPROVE: services.approve,
    Act.RETURN: services.return_for_changes,
    Act.DENY: services.deny,
}
SIMILAR = 5
"""Earlier requests shown beside one that is to be decided."""


@dataclass(frozen=True)
class Button:
    act: Act
    url: str

    @property
    def css(self) -> str:
        if self.act in (Act.DENY, Act.DECLINE):
            return "oa-acts__deny"
        return "oa-acts__first" if self.act in (Act.APPROVE, Act.ENDORSE) else ""


def page(admin: RequestAdmin, http: HttpRequest, object_id: str) -> HttpResponse:
    """What is asked, the department's accounts, similar requests, the conversation, and the buttons."""
    request = _found(admin, http, object_id)
    return _page(admin, http, request)


def act(admin: RequestAdmin, http: HttpRequest, object_id: str, name: str) -> HttpResponse:
    """The form of one act: its consequence, its reasons. POST does it."""
    if name not in [act.value for act in SERVICES]:
        raise Http404
    request, done = _found(admin, http, object_id), Act(name)
    possible = transition(request.status, done) is not None
    if not possible and http.method != "POST":  # by POST the service says who was first
        messages.error(http, _("It is “%(status)s” by now.") % {"status": request.get_status_display()})
        return redirect("admin:approvals_request_change", request.pk)
    try:
        if possible:
            standing(_person(http), request, done)
    except NotPermitted as error:
        messages.error(http, str(error))
        return _page(admin, http, request, status=403)
    if http.method == "POST" and not stepup.used_recently(http):
        return stepup.send_to_confirm(http, http.path, keep=True)
    kept = stepup.typed(http) if http.method == "GET" else None
    form = DecisionForm(done, http.POST or kept, initial={"seen": request.content_hash()})
    return (_do if http.method == "POST" else _form)(admin, http, request, done, form)


def _do(
    admin: RequestAdmin, http: HttpRequest, request: Request, done: Act, form: DecisionForm
) -> HttpResponse:
    if not form.is_valid():
        return _form(admin, http, request, done, form)
    given = form.cleaned_data
    try:
        SERVICES[done](
            actor=_person(http),
            request=request,
            seen=given["seen"],
            reasons=given["reasons"],
            text=given["text"],
        )
    except NotPermitted as error:
        messages.error(http, str(error))
        return _page(admin, http, _found(admin, http, str(request.pk)), status=403)
    except Invalid as error:
        form.add_error("text" if "text" in error.fields else None, str(error))
        return _form(admin, http, request, done, form)
    except Refused as error:
        messages.error(http, str(error))
        return redirect("admin:approvals_request_change", request.pk)
    said = {"what": request.display, "number": request.number, "past": past(done)}
    messages.success(http, _("Request %(number)s, %(what)s: you %(past)s.") % said)
    return redirect("admin:approvals_request_changelist")


def _person(http: HttpRequest) -> Employee:
    assert isinstance(http.user, Employee)
    return http.user


def _found(admin: RequestAdmin, http: HttpRequest, object_id: str) -> Request:
    rows = Request.objects.visible_to(_person(http)).whole()
    found = rows.filter(pk=int(object_id)).first() if object_id.isdecimal() and len(object_id) < 19 else None
    if found is None or not admin.has_view_permission(http, found):
        raise absent(hidden=object_id.isdecimal() and len(object_id) < 19 and _exists(int(object_id)))
    return found


def _exists(pk: int) -> bool:
    return Request.objects.filter(pk=pk).exists()


def _page(admin: RequestAdmin, http: HttpRequest, request: Request, status: int = 200) -> HttpResponse:
    seats = Seats([request])
    buttons, hindrance = _buttons(_person(http), request, seats)
    accounts = list(Account.objects.live().filter(department=request.department).select_related("platform"))
    told = health.of(accounts)
    events = story.events(request)
    context: dict[str, Any] = {
        "title": _("Decide: %(what)s") % {"what": request.display} if buttons else request.display,
        "request_": request,
        "tone": TONES[request.status],
        "move": next_move(request, seats),
        "endorsement": _endorsement(request),
        "accounts": [{"account": account, "health": told[account.pk]} for account in accounts],
        "people": [
            (person, role)
            for person, role in ((request.poster, _("Posts and monitors")), (request.backup, _("Takes over")))
            if person is not None
        ],
        "similar": _similar(request),
        "events": events,
        "last": events[-1] if events else None,
        "buttons": buttons,
        "consequences": [(button.act.label, consequence(button.act, request)) for button in buttons],
        "hindrance": hindrance,
        "missing": story.set_up(request),
    }
    return admin.page(http, "decide.html", context, status)


def _form(
    admin: RequestAdmin, http: HttpRequest, request: Request, done: Act, form: DecisionForm
) -> HttpResponse:
    context = {
        "title": _("%(act)s: %(what)s") % {"act": done.label, "what": request.display},
        "request_": request,
        "form": form,
        "act": done,
        "button": Button(done, ""),
        "consequence": consequence(done, request),
    }
    return admin.page(http, "act.html", context, 422 if http.method == "POST" else 200)


def _buttons(person: Employee, request: Request, seats: Seats) -> tuple[list[Button], str]:
    """The acts of the table that the viewer may do now, and why not where a conflict is in the way."""
    buttons, hindrance = [], ""
    for done in acts_from(request.status):
        if TABLE[Status(request.status), done].who not in (Authority.DIRECTOR, Authority.DECIDER):
            continue
        try:
            standing(person, request, done, seats)
        except ConflictOfInterest as error:
            hindrance = str(error)
        except NotPermitted:
            continue
        else:
            url = reverse("admin:approvals_request_act", args=[request.pk, done.value])
            buttons.append(Button(done, url))
    return buttons, hindrance


def _endorsement(request: Request) -> dict[str, Any] | None:
    """Who endorsed it last, and whether what is asked has changed since."""
    row = request.decisions.filter(act=Act.ENDORSE).select_related("person").order_by("-at", "-pk").first()
    return {"row": row, "unchanged": row.content_hash == request.content_hash()} if row is not None else None


def _similar(request: Request) -> list[Decision]:
    """The last decisions about the same platform or by the same department."""
    acts = (Act.APPROVE, Act.RETURN, Act.DENY, Act.DECLINE)
    rows = Decision.objects.filter(act__in=acts).exclude(request=request)
    same = rows.filter(request__department=request.department)
    if request.platform_id is not None:
        same = same | rows.filter(request__platform=request.platform)
    related = same.select_related("request__platform", "request__department")
    return list(related.order_by("-at", "-pk")[:SIMILAR])
