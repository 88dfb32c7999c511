"""The page on which directors decide: one request with all that bears on it, reasons, the mail that goes, the buttons.

Every button is a row of the table of transitions; its address takes what the page's one form holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import health
from accounts.models import Account
from approvals import effects, facts, mails, reasons, services, story
from approvals.authorities import Seats, Standing, standing
from approvals.deadlines import due_on, is_overdue
from approvals.forms import DecisionForm, mail_field
from approvals.kinds import Kind
from approvals.models import Decision, Request
from approvals.moves import next_move
from approvals.transitions import TABLE, Act, Authority, Status, acts_from, needs_reason, transition
from approvals.wording import TONES, consequence, past, sentence
from audit.denials import absent
from audit.errors import ConflictOfInterest, Invalid, NotPermitted, Refused
from employees import authority, policy, stepup
from employees.models import Employee

if TYPE_CHECKING:
    from approvals.admin import RequestAdmin

SERVICES: dict[Act, Callable[..., Decision]] = {
    Act.ENDORSE: services.endorse,
    Act.DECLINE: services.decline,
    Act.TAKE: services.take,
    Act.APPROVE: services.approve,
    Act.RETURN: services.return_for_changes,
    Act.DENY: services.deny,
}
ORDER = (Act.ENDORSE, Act.APPROVE, Act.RETURN, Act.TAKE, Act.DECLINE, Act.DENY)
"""Of the buttons: what ends a request stands last, by itself."""
SIMILAR = 5
"""Earlier requests shown beside one that is to be decided."""


@dataclass(frozen=True)
class Button:
    """One act that the viewer may do now, with the mail that would go."""

    act: Act
    url: str
    mail: mails.Mail | None = None

    @property
    def css(self) -> str:
        if self.act in (Act.DENY, Act.DECLINE):
            return "oa-acts__deny"
        return "oa-acts__first" if self.act in (Act.APPROVE, Act.ENDORSE) else ""

    @property
    def subject_name(self) -> str:
        return mail_field(self.act, "subject")

    @property
    def mail_name(self) -> str:
        return mail_field(self.act, "mail")

    @property
    def tab(self) -> str:
        return {
            Act.APPROVE: _("If you approve"),
            Act.RETURN: _("If you return it"),
            Act.DENY: _("If you deny"),
            Act.DECLINE: _("If you decline"),
        }.get(self.act, "")


class _Shown:
    """The mail of one button: as it was typed, else as it is drafted."""

    def __init__(self, button: Button, typed: QueryDict) -> None:
        assert button.mail is not None
        self.button, self.draft = button, button.mail
        self.subject = typed.get(button.subject_name) or button.mail.subject
        self.text = typed.get(button.mail_name) or button.mail.text


def page(admin: RequestAdmin, http: HttpRequest, object_id: str) -> HttpResponse:
    """What is asked, the department's accounts, similar requests, the conversation, and the decision."""
    return _page(admin, http, _found(admin, http, object_id))


def act(admin: RequestAdmin, http: HttpRequest, object_id: str, name: str) -> HttpResponse:
    """One act. POST does it; GET shows its form alone, as after confirming that it is oneself."""
    if name not in [act.value for act in SERVICES]:
        raise Http404
    request, done = _found(admin, http, object_id), Act(name)
    possible = transition(request.status, done) is not None
    if not possible and http.method != "POST":  # by POST the service says who was first
        messages.error(http, _("It is “%(status)s” by now.") % {"status": request.get_status_display()})
        return redirect("admin:approvals_request_change", request.pk)
    capacity = Standing("", "")
    try:
        if possible:
            capacity = standing(_person(http), request, done)
    except NotPermitted as error:
        messages.error(http, str(error))
        return _page(admin, http, request, status=403)
    if http.method == "POST" and not stepup.used_recently(http):
        return stepup.send_to_confirm(http, http.path, keep=True)
    kept = stepup.typed(http) if http.method == "GET" else None
    form = _form_of(http.POST or kept, request, done, _person(http), capacity)
    if http.method != "POST":
        return _form(admin, http, request, done, form)
    return _do(admin, http, request, done, form, capacity)


def _form_of(
    data: QueryDict | None, request: Request, done: Act, person: Employee, capacity: Standing
) -> DecisionForm:
    initial = {"seen": request.content_hash()}
    if (
        done == Act.TAKE and data is not None
    ):  # reasons are for the decision itself, and stay on the page till then
        data = data.copy()
        data.setlist("reasons", [])
    if done in mails.ACTS:
        drafted = mails.draft(request, done, by=person.name, title=capacity.title)
        initial |= {mail_field(done, "subject"): drafted.subject, mail_field(done, "mail"): drafted.text}
    return DecisionForm(done, data, kind=request.kind, initial=initial)


def _do(
    admin: RequestAdmin,
    http: HttpRequest,
    request: Request,
    done: Act,
    form: DecisionForm,
    capacity: Standing,
) -> HttpResponse:
    if not form.is_valid():
        return _form(admin, http, request, done, form)
    given = form.cleaned_data
    completed = _completed(http, request, done, form, capacity)
    if completed is not None:
        messages.warning(
            http, _("Nothing was done yet. The mail names your reasons now: read it, then press once more.")
        )
        return _form(admin, http, request, done, completed)
    try:
        SERVICES[done](
            actor=_person(http),
            request=request,
            seen=given["seen"],
            reasons=given["reasons"],
            text=given["text"],
            note=given["note"],
            mail=form.mail(),
        )
    except NotPermitted as error:
        messages.error(http, str(error))
        return _page(admin, http, _found(admin, http, str(request.pk)), status=403)
    except Invalid as error:
        names = {"mail_subject": mail_field(done, "subject"), "mail_text": mail_field(done, "mail")}
        at = next((names.get(name, name) for name in error.fields), "")
        form.add_error(at if at in form.fields else None, str(error))
        return _form(admin, http, request, done, form)
    except Refused as error:
        messages.error(http, str(error))
        return _back_to(http, request)
    said = {"what": request.display, "number": request.number, "past": past(done)}
    messages.success(http, _("Request %(number)s, %(what)s: you %(past)s.") % said)
    if done == Act.TAKE:
        return _back_to(http, request, without=("note",))  # that was recorded
    return redirect("admin:approvals_request_changelist")


def _back_to(http: HttpRequest, request: Request, *, without: Sequence[str] = ()) -> HttpResponse:
    """To the request's page, with what was ticked and typed."""
    url = reverse("admin:approvals_request_change", args=[request.pk])
    stepup.keep_typed(http, url, without=without)
    return redirect(url)


def _completed(
    http: HttpRequest, request: Request, done: Act, form: DecisionForm, capacity: Standing
) -> DecisionForm | None:
    """The form with the mail composed anew, where it was left as drafted although reasons were given; else None.

    With its script the page puts them in as they are ticked; without, nobody sends a mail that they have not read.
    """
    given, mail = form.cleaned_data, form.mail()
    if mail is None or not (given["reasons"] or given["text"].strip()):
        return None
    person = _person(http)
    bare = mails.draft(request, done, by=person.name, title=capacity.title)
    if _words(mail.text) != _words(bare.text):
        return None
    whole = mails.draft(
        request, done, by=person.name, title=capacity.title, reasons=given["reasons"], text=given["text"]
    )
    data = http.POST.copy()
    data[mail_field(done, "mail")] = whole.text
    made = DecisionForm(done, data, kind=request.kind)
    made.is_valid()
    return made


def _words(text: str) -> list[str]:
    return text.split()


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
    person, seats = _person(http), Seats([request])
    buttons, hindrance = _buttons(person, request, seats)
    typed = (stepup.typed(http) if http.method == "GET" else http.POST) or QueryDict()
    accounts = list(Account.objects.live().filter(department=request.department).select_related("platform"))
    told = health.of(accounts)
    reads_notes = _reads_notes(person, request)
    events = story.events(request, internal=reads_notes)
    context: dict[str, Any] = {
        "title": _("Decide: %(what)s") % {"what": request.display} if buttons else request.display,
        "request_": request,
        "sentence": sentence(request),
        "tone": TONES[request.status],
        "move": next_move(request, seats),
        "endorsement": _endorsement(request),
        "accounts": [{"account": account, "health": told[account.pk]} for account in accounts],
        "people": _proposed(request),
        "due": due_on(request),
        "overdue": is_overdue(request),
        "subjects": effects.subjects(request) if request.listed else [],
        "similar": _similar(request),
        "events": events,
        "last": events[-1] if events else None,
        "decisions": _decisions(request, reads_notes),
        "buttons": buttons,
        "reasons": _offered(buttons, request.kind),
        "seen": request.content_hash(),
        "typed": typed,
        "ticked": typed.getlist("reasons"),
        "mails": [_Shown(button, typed) for button in buttons if button.mail],
        "copies": [one.name for one in mails.copies(request) if one.pk != request.created_by_id],
        "consequences": [(button.act.label, consequence(button.act, request)) for button in buttons],
        "hindrance": hindrance,
        "missing": story.set_up(request),
        "needs": any(needs_reason(button.act) for button in buttons),
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
        "copies": [one.name for one in mails.copies(request) if one.pk != request.created_by_id],
        "consequence": consequence(done, request),
    }
    return admin.page(http, "act.html", context, 422 if http.method == "POST" else 200)


def _reads_notes(person: Employee, request: Request) -> bool:
    """Internal notes are for whoever holds an office, and not for those whose request it is."""
    return person.pk != request.created_by_id and bool(authority.capacities(person))


def _buttons(person: Employee, request: Request, seats: Seats) -> tuple[list[Button], str]:
    """The acts of the table that the viewer may do now, and why not where a conflict is in the way."""
    buttons, hindrance = [], ""
    for done in sorted(set(acts_from(request.status)) & set(SERVICES), key=ORDER.index):
        if TABLE[Status(request.status), done].who not in (Authority.DIRECTOR, Authority.DECIDER):
            continue
        if done == Act.TAKE and request.reviewer_id == person.pk:
            continue
        try:
            capacity = standing(person, request, done, seats)
        except ConflictOfInterest as error:
            hindrance = str(error)
        except NotPermitted:
            continue
        else:
            url = reverse("admin:approvals_request_act", args=[request.pk, done.value])
            mail = None
            if done in mails.ACTS:
                mail = mails.draft(request, done, by=person.name, title=capacity.title)
            buttons.append(Button(done, url, mail))
    return buttons, hindrance


def _offered(buttons: list[Button], kind: str) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The reasons to tick, for it and against it, as far as a button takes them."""
    groups = []
    for side, title, acts in (
        ("for", _("For it"), (Act.ENDORSE, Act.APPROVE)),
        ("against", _("Against it"), (Act.DECLINE, Act.RETURN, Act.DENY)),
    ):
        first = next((button.act for button in buttons if button.act in acts), None)
        if first is not None:
            groups.append((side, title, [(code, str(label)) for code, label in reasons.choices(first, kind)]))
    return groups


def people(request: Request) -> list[tuple[Employee, str]]:
    """Who is proposed, and for what."""
    if request.kind == Kind.ACCESS:
        return [(request.poster, _("Gets access"))] if request.poster else []
    pairs = ((request.poster, _("Posts and monitors")), (request.backup, _("Takes over")))
    return [(person, role) for person, role in pairs if person is not None]


def _proposed(request: Request) -> list[dict[str, Any]]:
    """The people proposed, for what, and whether each has acknowledged the policy in force."""
    rows = people(request)
    signed = policy.acknowledged([person for person, _role in rows])
    return [{"person": person, "role": role, "signed": signed.get(person.pk)} for person, role in rows]


def _endorsement(request: Request) -> dict[str, Any] | None:
    """Who endorsed it last, and what has changed since in what is asked."""
    row = request.decisions.filter(act=Act.ENDORSE).select_related("person").order_by("-at", "-pk").first()
    if row is None:
        return None
    unchanged = row.content_hash == request.content_hash()
    changes = [] if unchanged else facts.changes_since(row, request)
    return {"row": row, "unchanged": unchanged, "changes": changes}


def _decisions(request: Request, internal: bool) -> list[dict[str, Any]]:
    """The append-only rows: person, office, reasons, note, mail, content hash, time."""
    rows = request.decisions.select_related("person").order_by("-at", "-pk")
    now = request.content_hash()
    return [
        {
            "row": row,
            "past": past(Act(row.act), request.kind),
            "unchanged": row.content_hash == now,
            "note": row.note if internal else "",
        }
        for row in rows
    ]


def _similar(request: Request) -> list[Decision]:
    """The last decisions on the same kind of request about the same platform or by the same department."""
    acts = (Act.APPROVE, Act.RETURN, Act.DENY, Act.DECLINE)
    rows = Decision.objects.filter(act__in=acts, request__kind=request.kind).exclude(request=request)
    same = rows.filter(request__department=request.department)
    if request.platform_id is not None:
        same = same | rows.filter(request__platform=request.platform)
    related = same.select_related(
        *("request__platform", "request__department", "request__to_department", "request__poster"),
        "request__account__platform",
    )
    return list(related.order_by("-at", "-pk")[:SIMILAR])
