"""Somebody leaves: everything that ends, shown before one confirms."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock
from audit.errors import NotPermitted, Refused
from employees import consequences, papers, rules, separation, services, showing
from employees.consequences import Section
from employees.forms import LeavingForm, refusal_into
from employees.models import Appointment, Designation, Employee, Employment, Instrument, Role
from employees.views import departed
from employees.views.doors import seen, sent, staff, viewer_of


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def leaving(request: HttpRequest, pk: int) -> HttpResponse:
    """What ends when this person leaves, and the button. A day to come is recorded; today or earlier ends it now."""
    viewer, person = viewer_of(request), seen(request, pk)
    if not person.is_active:
        if request.method == "POST":
            messages.info(request, _("{name} has left already.").format(name=person.name))
        return departed.follow(request, person)
    rules.separates(viewer, person)
    period = Employment.objects.filter(employee=person, ended_at=None).first()
    form = LeavingForm(sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            text = _leave(viewer, person, form.cleaned_data["last_day"], form.cleaned_data["reason"])
        except NotPermitted:
            raise
        except Refused as error:
            refusal_into(form, error)
        else:
            messages.success(request, text)
            left = form.cleaned_data["last_day"] <= clock.today()
            return redirect("employees:leaving" if left else "employees:person", pk=pk)
    last_day = _day(request) or (period.end if period else None) or clock.today()
    if not form.is_bound:
        form = LeavingForm(initial={"last_day": last_day})
    sections = [*consequences.of(person), *_own_sections(person, last_day)]
    context = {
        "person": person,
        "period": period,
        "last_day": last_day,
        "today": clock.today(),
        "form": form,
        "figures": [_shown(section) for section in sections if section.rows],
        "sentences": [section.sentence for section in sections if section.sentence],
        "tasks": sum(section.tasks for section in sections),
        "last_of_it": bool(_last_of_it(person)),
        "may_clear": period is not None and period.end is not None and rules.is_registrar(viewer),
    }
    return render(request, "employees/leaving.html", context, status=422 if form.errors else 200)


@staff
@require_safe
def if_left(request: HttpRequest, pk: int) -> HttpResponse:
    """What would end, become due and stay vacant if this person left today. Nothing is recorded."""
    person = seen(request, pk)
    if not person.is_active:
        messages.info(request, _("{name} has left already.").format(name=person.name))
        return redirect("employees:person", pk=pk)
    sections = [*consequences.of(person), *_own_sections(person, clock.today())]
    context = {
        "person": person,
        "figures": [_shown(section) for section in sections if section.rows],
        "sentences": [section.sentence for section in sections if section.sentence],
        "tasks": sum(section.tasks for section in sections),
        "last_of_it": bool(_last_of_it(person)),
        "now": clock.now(),
        "may_separate": not rules.refusal(rules.separates, viewer_of(request), person),
    }
    return render(request, "employees/if_left.html", context)


@staff
@require_POST
def stays(request: HttpRequest, pk: int) -> HttpResponse:
    """Clear a last day that lies ahead."""
    viewer, person = viewer_of(request), seen(request, pk)
    try:
        services.set_last_day(actor=viewer, employee=person, last_day=None)
    except NotPermitted:
        raise
    except Refused as error:
        messages.error(request, str(error))
    else:
        text = _("{name} stays: the last day was cleared. What the papers give holds on.")
        messages.success(request, text.format(name=person.name))
    return redirect("employees:person", pk=pk)


def _leave(viewer: Employee, person: Employee, last_day: date, reason: str) -> str:
    name = person.name
    if last_day > clock.today():
        services.set_last_day(actor=viewer, employee=person, last_day=last_day)
        text = _("{day} is recorded as {name}’s last day. Access stops by itself at its end.")
        return text.format(name=name, day=papers.day(last_day))
    services.separate(actor=viewer, employee=person, last_day=last_day, reason=reason)
    return _("{name} was separated. Access has ended; rotations that are due stand in the queue.").format(
        name=name
    )


def _shown(section: Section) -> dict[str, Any]:
    """A section with the column's name beside every cell, as cards on a phone have it."""
    rows = [
        {"cells": list(zip(section.columns, row, strict=True)), "act": section.acts.get(place)}
        for place, row in enumerate(section.rows)
    ]
    first, _space, rest = section.sentence.partition(" ")
    number, label = (first, rest) if first.isdecimal() else (str(len(rows)), section.title)
    return {
        "title": section.title,
        "columns": section.columns,
        "rows": rows,
        "number": number,
        "label": label,
    }


def _day(request: HttpRequest) -> date | None:
    """The last day that the address or the form names."""
    try:
        return parse_date(request.POST.get("last_day") or request.GET.get("last_day") or "")
    except ValueError:
        return None


def _last_of_it(person: Employee) -> list[Role]:
    held = Role.objects.in_force().filter(holder=person, name=Role.Name.INFORMATION_TECHNOLOGY)
    return [role for role in held if rules.refusal(rules.not_the_last_of_it, role)]


def _own_sections(person: Employee, last_day: date) -> list[Section]:
    ends = separation.what_ends(person)
    held = [paper for paper in ends if paper.person.pk == person.pk]
    lapsing = [paper for paper in ends if isinstance(paper, Designation) and paper.designee_id != person.pk]
    vacant = [
        paper
        for paper in held
        if isinstance(paper, Appointment) and paper.in_force() and showing.is_left_vacant(paper)
    ]
    return [_papers(held), _vacant(vacant, lapsing, last_day)]


def _papers(held: list[Instrument]) -> Section:
    rows = []
    for paper in held:
        since = _("since {day}").format(day=papers.day(paper.start))
        what = _("Is refused: it was never confirmed") if paper.waits else _("Ends")
        rows.append([paper.title, f"{paper.instrument} · {since}", what])
    count = len(rows)
    text = ngettext(
        "%(count)d office, designation or role ends", "%(count)d offices, designations and roles end", count
    )
    return Section(
        title=_("Offices, designations and roles"),
        columns=[_("What"), _("By which paper"), _("What happens")],
        rows=rows,
        sentence=text % {"count": count} if rows else "",
    )


def _vacant(vacant: list[Appointment], lapsing: list[Designation], last_day: date) -> Section:
    rows = [
        [
            paper.title,
            _("No successor and nobody acting is recorded"),
            _("The seat stays empty until somebody is appointed"),
        ]
        for paper in vacant
    ]
    acts = {
        place: (_("Name an acting holder"), reverse("employees:fill", args=[paper.office_id]))
        for place, paper in enumerate(vacant)
    }
    for designation in lapsing:
        maker = designation.made_under.holder.name
        made = _("Made by {name}, {paper}").format(name=maker, paper=designation.instrument)
        lapses = _("Lapses, unless the successor carries it over by {day}").format(day=papers.day(last_day))
        if last_day <= clock.today():
            lapses = _("Lapses at once; it takes a new one")
        rows.append([_("Designation of {name}").format(name=designation.designee.name), made, lapses])
    parts = []
    if vacant:
        text = ngettext("%(count)d seat is left vacant", "%(count)d seats are left vacant", len(vacant))
        parts.append(text % {"count": len(vacant)})
    if lapsing:
        text = ngettext(
            "%(count)d designation of somebody else lapses",
            "%(count)d designations of others lapse",
            len(lapsing),
        )
        parts.append(text % {"count": len(lapsing)})
    return Section(
        title=_("Leaves vacant"),
        columns=[_("Seat"), _("Why"), _("What happens")],
        rows=rows,
        sentence=", ".join(parts),
        tasks=len(vacant),
        acts=acts,
    )
