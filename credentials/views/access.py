"""Who could, who did, who knew; and the access history as a file. For auditors and officers."""

from __future__ import annotations

import tempfile
from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Account
from audit import clock, when
from audit.errors import Invalid
from credentials import exports, history, posting, records, seats, tables
from credentials.forms import answer
from credentials.forms.looking import AskForm, ExportForm
from credentials.views import asking, asof, entries
from credentials.views.doors import person_of, staff, whole
from employees.models import Department, Employee
from employees.stepup import needs_recent_factor, typed

PAGE = 50
"""Accounts of one person on one page."""


@require_safe
@staff
def access(request: HttpRequest) -> HttpResponse:
    """One account or one person at one moment: entitled, had revealed, knew."""
    person = person_of(request)
    within = asking.scope(person)
    asked = "q" in request.GET
    form = AskForm(request.GET) if asked else AskForm(initial={"on": clock.today()})
    context: dict[str, Any] = {
        "form": form,
        "reads_all": asking.reads_all(person),
        "may_export": exports.may_export(person),
        "may_review": True,
        "may_see_records": records.may_see(person),
    }
    if not (asked and form.is_valid()):
        return render(request, "credentials/access.html", context)
    try:
        meant = asking.resolve(form.cleaned_data["q"].strip(), within)
    except Invalid as invalid:
        answer(form, invalid)
        return render(request, "credentials/access.html", context)
    on, hour = form.cleaned_data["on"], form.cleaned_data["at"]
    at = when.at_time(on, hour)
    context |= {"at": at, "moment": _moment(on, hour), "on": on, "address": _address(on, hour)}
    if meant.account is not None:
        context |= _of_account(meant.account, at, context["moment"])
        return render(request, "credentials/access_account.html", context)
    if meant.person is not None:
        context |= _of_person(meant.person, within, at, whole(request.GET.get("start", "")))
        return render(request, "credentials/access_person.html", context)
    if meant.department is not None:
        start = whole(request.GET.get("start", ""))
        context |= _of_department(meant.department, within, at, context["moment"], start)
        return render(request, "credentials/access_department.html", context)
    return render(request, "credentials/access.html", {**context, "meant": meant})


def _moment(on: date, hour: time | None) -> str:
    """“On Aug 20, 2026, at the end of the day”; today without an hour is now."""
    day = date_format(on, "DATE_FORMAT")
    if hour is not None:
        return _("On %(day)s, at %(hour)s") % {"day": day, "hour": time_format(hour, "TIME_FORMAT")}
    if on == clock.today():
        return _("Today, %(day)s, as of now") % {"day": day}
    return _("On %(day)s, at the end of the day") % {"day": day}


def _address(on: date, hour: time | None) -> str:
    return urlencode({"on": on.isoformat(), "at": hour.strftime("%H:%M") if hour else ""})


def _of_account(account: Account, at: datetime, moment: str) -> dict[str, Any]:
    found = history.as_of(account, at)
    rows = asof.rows([found])
    return {
        "account": account,
        "answer": found,
        "rows": rows,
        "verdict": asof.verdict(found, rows, moment),
        "seats": seats.of_account(account, at=at),
        "posting": posting.could_have(account, at),
        "only_that_day": _only_that_day(found),
        "last_entry": entries.last_index(),
    }


def _of_department(
    department: Department, within: QuerySet[Account], at: datetime, moment: str, start: int
) -> dict[str, Any]:
    """Every account of a department at one moment, PAGE of them on one page."""
    accounts = within.filter(department=department).order_by("name", "pk")
    total = accounts.count()
    answers = history.as_of_accounts(list(accounts[start : start + PAGE]), at)
    shown = asof.rows(answers)
    by_account = [(one, [row for row in shown if row.answer is one]) for one in answers]
    wrong = {row.person.pk for row in shown if row.without_authority}
    return {
        "department": department,
        "parts": [(one, some, asof.verdict(one, some, moment)) for one, some in by_account],
        "total": total,
        "here": len(answers),
        "people": len({row.person.pk for row in shown}),
        "without": len(wrong),
        "next_start": start + PAGE if start + PAGE < total else 0,
        "paged": total > PAGE,
    }


def _only_that_day(found: history.AsOf) -> list[history.Item]:
    """Who held at some time of that day, and not at the moment asked for."""
    then = {item.person.pk for item in found.entitled}
    return [item for item in found.held_that_day if item.person.pk not in then]


def _of_person(person: Employee, within: Any, at: datetime, start: int) -> dict[str, Any]:
    allowed = set(within.values_list("pk", flat=True))
    every = [account for account in history.accounts_of(person) if account.pk in allowed]
    page = every[start : start + PAGE]
    rows = asof.rows(history.as_of_accounts(page, at, person=person), [person])
    return {
        "person": person,
        "rows": rows,
        "total": len(every),
        "entitled": sum(1 for row in rows if row.entitled),
        "knew": sum(1 for row in rows if row.knew),
        "without": sum(1 for row in rows if row.without_authority),
        "next_start": start + PAGE if start + PAGE < len(every) else 0,
        "paged": len(every) > PAGE,
    }


@staff
@needs_recent_factor(keep=True)
def export(request: HttpRequest) -> HttpResponseBase:
    """The access history as a file. GET shows the filters, POST writes the file; the export itself is recorded."""
    person = person_of(request)
    if not exports.may_export(person):
        raise PermissionDenied(_("Access history is exported by people with the Auditor role."))
    if request.method == "POST":
        form = ExportForm(request.POST)
        if form.is_valid():
            return _file(person, form.cleaned_data)
    else:
        kept = (typed(request) or QueryDict()).dict()
        form = ExportForm(
            initial={**request.GET.dict(), **kept, "form": kept.get("form") or request.GET.get("form", "csv")}
        )
    context = {"form": form, "columns": exports.COLUMNS, "earlier": entries.exports_made()}
    return render(request, "credentials/export.html", context)


def _file(person: Employee, data: dict[str, Any]) -> FileResponse:
    """Written whole before the first byte is sent: what the ledger says of it is what was sent."""
    filters = exports.Filters(
        account=data["account"],
        person=data["employee"],
        department=data["department"],
        since=clock.start_of(data["since"]) if data["since"] else None,
        until=when.last_instant(data["until"]) if data["until"] else None,
    )
    raw = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    exports.write(actor=person, filters=filters, form=data["form"], file=raw)
    return tables.sent(raw, f"access-history-{clock.today().isoformat()}", data["form"])
