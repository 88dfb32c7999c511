"""Searching the ledger, and one entry. For auditors and City officers."""

from __future__ import annotations

import json
import tempfile
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit import clock, when
from audit.actions import Verb
from audit.models import Entry
from credentials import entryfiles, entrysearch, exports, tables
from credentials.forms.looking import EntriesExportForm, EntriesForm
from credentials.views import asking
from credentials.views.doors import person_of, staff, whole
from employees import authority
from employees.stepup import needs_recent_factor, typed

PAGE = 50
"""Entries on one page, the newest first."""


def _require_reader(request: HttpRequest) -> None:
    authority.require(
        asking.reads_all(person_of(request)), _("The ledger is read by auditors and City officers.")
    )


@require_safe
@staff
def entries(request: HttpRequest) -> HttpResponse:
    """Entries by who, what, which act and when."""
    _require_reader(request)
    form = EntriesForm(request.GET, verbs=_acts())
    found = Entry.objects.none()
    if form.is_valid():
        found = entrysearch.search(wanted_of(form.cleaned_data))
    before = whole(request.GET.get("before", ""))
    if before:
        found = found.filter(index__lt=before)
    rows = list(found.defer("canonical", "leaf").order_by("-index")[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    filters = {name: value for name, value in request.GET.items() if name in form.fields and value}
    context = {
        "form": form,
        "rows": rows,
        "filtered": bool(filters),
        "last_index": last_index(),
        "next_page": f"?{urlencode({**filters, 'before': rows[-1].index})}" if more else "",
        "first_page": f"?{urlencode(filters)}" if before else "",
        "export": f"?{urlencode(filters)}" if exports.may_export(person_of(request)) else "",
    }
    return render(request, "credentials/entries.html", context)


def wanted_of(data: dict[str, Any]) -> entrysearch.Wanted:
    """What the form asks for."""
    return entrysearch.Wanted(
        actor=data["actor"].strip(),
        object=data["object"].strip(),
        verb=data["verb"],
        since=clock.start_of(data["since"]) if data["since"] else None,
        until=when.last_instant(data["until"]) if data["until"] else None,
    )


def _acts() -> list[tuple[str, Any]]:
    return [("", _("Any act")), *((one.value, one.value) for one in Verb)]


@staff
@needs_recent_factor(keep=True)
def export(request: HttpRequest) -> HttpResponseBase:
    """What a search finds, as a file. GET shows the filters, POST writes the file; the export itself is recorded."""
    person = person_of(request)
    if not exports.may_export(person):
        raise PermissionDenied(_("Entries are exported by people with the Auditor role."))
    if request.method == "POST":
        form = EntriesExportForm(request.POST, verbs=_acts())
        if form.is_valid():
            wanted = wanted_of(form.cleaned_data)
            raw = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
            entryfiles.write(
                actor=person, found=entrysearch.search(wanted), filters=wanted.as_data(),
                form=form.cleaned_data["form"], file=raw,
            )  # fmt: skip
            return tables.sent(raw, f"entries-{clock.today().isoformat()}", form.cleaned_data["form"])
    else:
        kept = (typed(request) or QueryDict()).dict()
        form = EntriesExportForm(initial={"form": "csv", **request.GET.dict(), **kept}, verbs=_acts())
    return render(request, "credentials/entries_export.html", {"form": form, "columns": entryfiles.COLUMNS})


@require_safe
@staff
def entry(request: HttpRequest, index: int) -> HttpResponse:
    """One entry with all that it holds, and the others of the same act."""
    _require_reader(request)
    found = Entry.objects.filter(index=index).first()
    if found is None:
        raise Http404
    content = json.loads(found.canonical)
    context = {
        "entry": found,
        "data": sorted(content.get("data", {}).items()),
        "canonical": json.dumps(content, indent=2, ensure_ascii=False, sort_keys=True),
        "leaf": bytes(found.leaf).hex(),
        "siblings": Entry.objects.filter(operation=found.operation, index__range=(index - PAGE, index + PAGE))
        .exclude(index=index)
        .defer("canonical", "leaf")
        .order_by("index"),
    }
    return render(request, "credentials/entry.html", context)


def last_index() -> int:
    """How many entries the ledger holds. One query on the primary key."""
    return int(Entry.objects.aggregate(last=Max("index"))["last"] or 0)


def exports_made() -> list[dict[str, Any]]:
    """The last exports with rows and hash, as the ledger has them. One query."""
    done = Entry.objects.filter(verb=Verb.EXPORT_COMPLETE).order_by("-index")[:10]
    return [{"entry": one, **_told(one.canonical)} for one in done]


def _told(canonical: str) -> dict[str, Any]:
    data = json.loads(canonical).get("data", {})
    return {"rows": data.get("rows"), "sha256": data.get("sha256"), "manifest": data.get("manifest")}


@require_safe
@staff
def manifest(request: HttpRequest, index: int) -> HttpResponse:
    """The manifest of an export, as its entry holds it."""
    _require_reader(request)
    found = Entry.objects.filter(index=index, verb=Verb.EXPORT_COMPLETE).first()
    content = _told(found.canonical)["manifest"] if found else None
    if content is None:
        raise Http404
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    name = f"manifest-{index}.json"
    return HttpResponse(
        text,
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
