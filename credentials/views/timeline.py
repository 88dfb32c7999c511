"""The history of an account or a person as a picture, and the same in a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from audit import clock
from audit.denials import absent
from credentials import drawing, exports, history, timeline
from credentials.models import Ground
from credentials.timeline import Held, History, Line, Opened, Without
from credentials.views import asking, entries
from credentials.views.doors import person_of, staff, whole
from credentials.views.why import shown_day
from employees.models import Employee

LEGEND = (
    (Ground.Kind.APPOINTMENT, Ground.Kind.APPOINTMENT.label),
    (Ground.Kind.ACTING, Ground.Kind.ACTING.label),
    (Ground.Kind.DESIGNATION, Ground.Kind.DESIGNATION.label),
    (Ground.Kind.REQUEST, Ground.Kind.REQUEST.label),
    (timeline.WITHOUT, gettext_lazy("Knew without authority")),
)

MOST = 200
"""Accounts of one person in one picture."""


class WindowForm(forms.Form):
    """From which day to which; left empty: from the first event to today."""

    since = forms.DateField(label=gettext_lazy("From"), required=False)
    until = forms.DateField(label=gettext_lazy("Until"), required=False)

    def days(self) -> tuple[date | None, date | None]:
        """The days asked for; nothing where they make no period."""
        if not self.is_valid():
            return None, None
        since, until = self.cleaned_data["since"], self.cleaned_data["until"]
        if since and since > clock.today():
            since = None
        return since, None if since and until and until < since else until


@dataclass(frozen=True)
class Row:
    """One ground of one line, with what happened while it held; or what somebody knew who held nothing."""

    line: Line
    held: Held | None
    reveals: tuple[datetime, ...]
    emergencies: tuple[Opened, ...]
    without: tuple[Without, ...]

    @property
    def ground(self) -> str:
        if self.held is not None:
            return self.held.label
        if self.emergencies:
            return _("Break-glass, no custody")
        return _("No custody, while rotating") if self.line.handled else _("No custody")

    @property
    def since(self) -> datetime | None:
        if self.held is not None:
            return self.held.span.start
        known = (*self.reveals, *(one.at for one in self.emergencies), *self.line.handled)
        return min((*known, *(one.span.start for one in self.without)), default=None)

    @property
    def days_without(self) -> int:
        days: set[date] = set()
        for one in self.without:
            days |= one.span.days
        return len(days)

    @property
    def so_far(self) -> bool:
        return any(one.goes_on for one in self.without)

    @property
    def knew(self) -> str:
        return ", ".join(text for _number, text in sorted(self.line.knew.items()))


def rows_of(found: History) -> list[Row]:
    """The picture in a table: what happened from one ground's beginning to the next one's stands with it."""
    rows = []
    for line in found.lines:
        starts = [held.span.start for held in line.held] or [found.start]
        for place, start in enumerate(starts):
            first = found.start if place == 0 else start
            following = starts[place + 1] if place + 1 < len(starts) else None

            def here(at: datetime, first: datetime = first, following: datetime | None = following) -> bool:
                return first <= at and (following is None or at < following)

            rows.append(
                Row(
                    line,
                    line.held[place] if line.held else None,
                    tuple(at for at in line.reveals if here(at)),
                    tuple(one for one in line.emergencies if here(one.at)),
                    tuple(one for one in line.without if here(one.span.start)),
                )
            )
    return rows


def sentence(found: History) -> tuple[str, str]:
    """The answer, and what is so today."""
    count = found.days_without
    if not found.lines:
        return _("Nobody held it or knew its password in this time."), ""
    if not count:
        return _("Nobody knew the current password without authority."), ""
    head = ngettext(
        "On %(count)d of %(days)d days somebody knew the current password without authority.",
        "On %(count)d of %(days)d days somebody knew the current password without authority.",
        count,
    ) % {"count": count, "days": found.days}
    if not found.today:
        return head, _("It is not so today.")
    names = ", ".join(
        _("%(name)s, since %(day)s") % {"name": line.title, "day": shown_day(clock.day_of(one.span.start))}
        for line, one in found.today
    )
    return head, _("It is so today: %(names)s. A rotation is due.") % {"names": names}


def _context(request: HttpRequest, found: History, form: WindowForm, title: str) -> dict[str, Any]:
    if not form.is_bound:
        form.initial = {"since": clock.day_of(found.start), "until": clock.day_of(found.end)}
    rows = rows_of(found)
    answer, now = sentence(found)
    return {
        "form": form,
        "title": title,
        "found": found,
        "rows": rows,
        "answer": answer,
        "now": now,
        "wide": drawing.draw(found, drawing.WIDE, title=title) if found.lines else "",
        "narrow": drawing.draw(found, drawing.NARROW, title=title) if found.lines else "",
        "legend": [(drawing.swatch(kind), label) for kind, label in LEGEND],
        "lines": len({row.line.key for row in rows}),
        "may_export": exports.may_export(person_of(request)),
        "last_entry": entries.last_index(),
        "today": clock.today(),
    }


@require_safe
@staff
def of_account(request: HttpRequest, pk: int) -> HttpResponse:
    """Who held this account, and when. For others than its history's readers it is as if it were not there."""
    account = asking.scope(person_of(request)).filter(pk=pk).first()
    if account is None:
        raise absent(hidden=None)
    form = WindowForm(request.GET or None)
    since, until = form.days()
    found = timeline.of_account(account, since=since, until=until)
    people = sorted(((line.key, line.title) for line in found.lines), key=lambda one: one[1])
    only = whole(request.GET.get("person", ""))
    if only in {key for key, _name in people}:
        found.lines = [line for line in found.lines if line.key == only]
    title = _("Who held %(name)s, and when") % {"name": account.display}
    context = _context(request, found, form, title)
    context |= {"account": account, "people": people, "only": only}
    return render(request, "credentials/timeline.html", context)


@require_safe
@staff
def of_person(request: HttpRequest, pk: int) -> HttpResponse:
    """What this person held and knew, account by account, as far as the reader may see."""
    within = asking.scope(person_of(request))
    person = Employee.objects.filter(pk=pk).first()
    if person is None:
        raise absent(hidden=None)
    form = WindowForm(request.GET or None)
    since, until = form.days()
    allowed = set(within.values_list("pk", flat=True))
    accounts = [account for account in history.accounts_of(person) if account.pk in allowed]
    found = timeline.of_person(person, accounts[:MOST], since=since, until=until)
    title = _("What %(name)s held, and when") % {"name": person.name}
    context = _context(request, found, form, title)
    context |= {"person": person, "beyond": max(len(accounts) - MOST, 0)}
    return render(request, "credentials/timeline.html", context)
