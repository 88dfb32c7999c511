"""Searching the ledger, and one entry. For auditors and City officers."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django.db.models import Max, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import about
from accounts import services as accounts
from audit import clock
from audit.actions import Verb
from audit.errors import Invalid
from audit.models import Entry
from credentials.forms import EntriesForm
from credentials.views import asking
from credentials.views.doors import person_of, staff, whole
from employees import authority
from employees.models import Employee

PAGE = 50
"""Entries on one page, the newest first."""

SYSTEM = "system"
"""What one types to find the acts of system jobs."""

NAMESAKES = 50
"""People of one name whose acts are searched together."""


def _require_reader(request: HttpRequest) -> None:
    authority.require(
        asking.reads_all(person_of(request)), _("The ledger is read by auditors and City officers.")
    )


@require_safe
@staff
def entries(request: HttpRequest) -> HttpResponse:
    """Entries by who, what, which act and when."""
    _require_reader(request)
    form = EntriesForm(request.GET, verbs=[("", _("Any act")), *((one.value, one.value) for one in Verb)])
    found = Entry.objects.none()
    if form.is_valid():
        found = _search(form.cleaned_data)
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
    }
    return render(request, "credentials/entries.html", context)


def _search(wanted: dict[str, Any]) -> QuerySet[Entry]:
    found = Entry.objects.all()
    if wanted["actor"]:
        found = found.filter(actor_id__in=_actors(wanted["actor"].strip()))
    if wanted["object"]:
        found = found.filter(_objects(wanted["object"].strip()))
    if wanted["verb"]:
        found = found.filter(verb=wanted["verb"])
    if wanted["since"]:
        found = found.filter(at__gte=clock.start_of(wanted["since"]))
    if wanted["until"]:
        found = found.filter(at__lt=clock.end_of(wanted["until"]))
    return found


def _actors(text: str) -> list[str]:
    """Ids of whom `text` names: by reference, else by name. System jobs have the empty id."""
    if text.lower() == SYSTEM:
        return [""]
    try:
        return [str(Employee.objects.by_reference(text).pk)]
    except Employee.DoesNotExist:
        people = Employee.objects.filter(name__icontains=text).values_list("pk", flat=True)[:NAMESAKES]
        return [str(pk) for pk in people]


def _objects(text: str) -> Q:
    """An account with all that belongs to it, or a person, by reference; else what the thing was called at the time.

    References are looked up by index; a part of a name reads entry after entry, the newest first.
    """
    try:
        account = accounts.find(text) if ":" in text else None
    except Invalid:
        account = None
    if account is not None:
        found = Q()
        for kind, ids in about.things(account):
            found |= Q(object_type=kind, object_id__in=ids)
        return found
    try:
        person = Employee.objects.by_reference(text)
    except Employee.DoesNotExist:
        return Q(object_text__icontains=text)
    return Q(object_type="employees.employee", object_id=str(person.pk))


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
