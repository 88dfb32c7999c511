"""Recording, confirming, refusing, ending and carrying over what gives people seats and roles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock
from audit.denials import absent
from audit.errors import NotPermitted, Refused
from employees import instruments, kinds, papers, rules, services, showing
from employees.forms import (
    AppointmentForm,
    DesignationForm,
    EndForm,
    PaperForm,
    ReasonForm,
    RoleForm,
    SubstituteForm,
    refusal_into,
)
from employees.models import Designation, Employee, Instrument
from employees.stepup import needs_recent_factor
from employees.views.doors import seen, sent, staff, viewer_of

Act = Callable[..., Any]

RECORD: dict[str, tuple[type[PaperForm], Act, str]] = {
    "appointment": (AppointmentForm, services.record_appointment, "holder"),
    "designation": (DesignationForm, services.record_designation, "designee"),
    "role": (RoleForm, services.record_role, "holder"),
}
CONFIRM: dict[str, Act] = {
    "appointment": services.confirm_appointment,
    "designation": services.confirm_designation,
    "role": services.confirm_role,
}
REFUSE: dict[str, Act] = {
    "appointment": services.refuse_appointment,
    "designation": services.refuse_designation,
    "role": services.refuse_role,
}
END: dict[str, Act] = {
    "appointment": services.end_appointment,
    "designation": services.end_designation,
    "role": services.end_role,
}


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The form that records an appointment, a designation or a role for one person."""
    viewer, person = viewer_of(request), seen(request, pk)
    form_class, act, field = RECORD[kind]
    _may_record(viewer, person, kind)
    form = form_class(sent(request), viewer=viewer)
    if request.method == "POST" and form.is_valid():
        try:
            act(actor=viewer, **{field: person}, **form.cleaned_data)
        except NotPermitted:
            raise
        except Refused as error:
            refusal_into(form, error)
        else:
            text = _("Recorded. It takes effect once another registry clerk or officer confirms it.")
            messages.success(request, text)
            return redirect("employees:person", pk=pk)
    context = {"person": person, "kind": kind, "form": form}
    return render(request, "employees/record.html", context, status=422 if form.errors else 200)


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def substitute(request: HttpRequest) -> HttpResponse:
    """An officer on leave names who acts for some days; the office stays theirs."""
    viewer = viewer_of(request)
    if not showing.offices_of(viewer).exists():
        raise NotPermitted(_("You hold no office, so there is nobody to name in your place."))
    form = SubstituteForm(sent(request), viewer=viewer)
    if request.method == "POST" and form.is_valid():
        try:
            services.record_appointment(actor=viewer, acting=True, **form.cleaned_data)
        except NotPermitted:
            raise
        except Refused as error:
            refusal_into(form, error)
        else:
            text = _("Recorded. %(name)s acts once a registry clerk or another officer has confirmed it.")
            messages.success(request, text % {"name": form.cleaned_data["holder"].name})
            return redirect(settings.LOGIN_REDIRECT_URL)
    named = showing.substitutes_of(viewer)
    context = {"form": form, "named": named, "home": settings.LOGIN_REDIRECT_URL}
    return render(request, "employees/substitute.html", context, status=422 if form.errors else 200)


def _may_record(viewer: Employee, person: Employee, kind: str) -> None:
    """Turn away whoever could not finish the form. Raises NotPermitted."""
    if kind == "designation":
        rules.not_oneself(viewer, person)
        if not showing.departments_for(viewer):
            raise NotPermitted(_("Only Department Directors and registry clerks record designations."))
        return
    rules.records(viewer, person)


@staff
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """What was recorded and waits for a second person, and what a new Director can carry over."""
    viewer = viewer_of(request)
    rows = showing.lines(viewer, instruments.waiting())
    carry = showing.to_carry(viewer)
    if not rules.is_registrar(viewer):
        directed = rules.directed_by(viewer)
        if not showing.will_direct(viewer):
            raise NotPermitted(_("What waits to be confirmed is for registry clerks and officers."))
        rows = [line for line in rows if _concerns(line.paper, viewer, directed)]
    context = {
        "lines": rows,
        "carry": carry,
        "registrar": rules.is_registrar(viewer),
        "yours": sum(1 for line in rows if line.confirms),
    }
    return render(request, "employees/waiting.html", context)


def _concerns(paper: Instrument, viewer: Employee, directed: set[int]) -> bool:
    if isinstance(paper, Designation) and paper.department_id in directed:
        return True
    return paper.recorded_by_id == viewer.pk


@staff
@require_POST
@needs_recent_factor("employees:waiting")
def confirm(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Give a waiting paper effect."""
    paper = _paper(request, kind, pk)
    try:
        CONFIRM[kind](actor=viewer_of(request), **{kind: paper})
    except NotPermitted:
        raise
    except Refused as error:
        messages.error(request, str(error))
    else:
        text = _("Confirmed: {paper}. It takes effect {day}.")
        day = papers.day(max(paper.start, clock.today()))
        messages.success(request, text.format(paper=paper.audit_ref().text, day=day))
    return redirect("employees:waiting")


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def refuse(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Close a waiting paper for good, with a reason."""
    viewer, paper = viewer_of(request), _paper(request, kind, pk)
    rules.refuses(viewer, paper)
    form = ReasonForm(sent(request))
    done = _try(request, form, REFUSE[kind], actor=viewer, **{kind: paper})
    if done or not paper.waits:
        messages.success(request, _("Refused: {paper}.").format(paper=paper.audit_ref().text))
        return redirect("employees:waiting")
    context = {"paper": paper, "person": paper.person, "kind": kind, "form": form}
    return render(request, "employees/refuse.html", context, status=422 if form.errors else 200)


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """End a paper after a day, with a reason, once the consequences were shown."""
    viewer, paper = viewer_of(request), _paper(request, kind, pk)
    if paper.effective_from is None or paper.is_over():
        messages.info(request, _("This is over already."))
        return redirect("employees:person", pk=paper.person.pk)
    refusal = _hindrance(request, paper)
    form = EndForm(sent(request), initial={"last_day": clock.today()})
    if not refusal and _try(request, form, END[kind], actor=viewer, **{kind: paper}):
        assert paper.effective_until is not None
        text = _("{paper} ends after {day}.") if not paper.is_over() else _("{paper} has ended.")
        day = papers.day(form.cleaned_data["last_day"])
        messages.success(request, text.format(paper=paper.audit_ref().text, day=day))
        if not rules.sees(viewer, paper.person):  # a designee from elsewhere, who is none any more
            return redirect("employees:people")
        return redirect("employees:person", pk=paper.person.pk)
    context = {
        "paper": paper,
        "person": paper.person,
        "kind": kind,
        "form": form,
        "refusal": refusal,
        "consequences": showing.ending(paper),
        "through": showing.through(paper),
    }
    return render(request, "employees/end.html", context, status=422 if form.errors else 200)


def _hindrance(request: HttpRequest, paper: Instrument) -> str:
    """Why the viewer may not end it, for the page that says so. Raises NotPermitted once they try."""
    try:
        rules.ends(viewer_of(request), paper)
    except NotPermitted as error:
        if request.method == "POST":
            raise
        return str(error)
    except Refused as error:
        return str(error)
    return ""


@staff
@require_POST
@needs_recent_factor("employees:waiting")
def carry(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a predecessor's designation stand under the viewer's own appointment."""
    viewer = viewer_of(request)
    found = next((pair for pair in showing.to_carry(viewer) if pair[0].pk == pk), None)
    if found is None:
        raise absent(hidden=Designation.objects.filter(pk=pk).exists())
    designation, appointment = found
    try:
        services.carry_designation(actor=viewer, designation=designation, appointment=appointment)
    except NotPermitted:
        raise
    except Refused as error:
        messages.error(request, str(error))
    else:
        text = _("Carried over: {name} stays designee under your appointment.")
        messages.success(request, text.format(name=designation.designee.name))
    return redirect("employees:waiting")


def _try(request: HttpRequest, form: Form, act: Act, **values: Any) -> bool:
    """Do `act` with what the form says, if it was sent and says enough; what is refused stands in the form."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        act(**values, **form.cleaned_data)
    except NotPermitted:
        raise
    except Refused as error:
        refusal_into(form, error)
        return False
    return True


def _paper(request: HttpRequest, kind: str, pk: int) -> Instrument:
    """The paper, for who may see the person it concerns or recorded it."""
    model = showing.KINDS[kind]
    paper: Instrument = get_object_or_404(model._default_manager.select_related(*kinds.RELATED[model]), pk=pk)
    viewer = viewer_of(request)
    directs = isinstance(paper, Designation) and paper.department_id in rules.directed_by(viewer)
    if not (rules.sees(viewer, paper.person) or paper.recorded_by_id == viewer.pk or directs):
        raise absent(hidden=paper)
    return paper
