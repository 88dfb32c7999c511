"""What is due for rotation, the most urgent first. For Information Technology."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from credentials import dues
from credentials.dues import Due
from credentials.views import pictures, why
from credentials.views.doors import person_of, staff
from credentials.views.rotation import require_it
from employees.models import Employee

PAGE = 50
"""Due rotations on one page."""


@require_safe
@staff
def queue(request: HttpRequest) -> HttpResponse:
    """Every due rotation, the most urgent first."""
    require_it(person_of(request))
    every = dues.queue()
    chosen = _chosen(every, request)
    start = _start(chosen, request.GET.get("after", ""))
    page = chosen[start : start + PAGE]
    told = why.Why(page)
    left = _leavers(every)
    started = sum(1 for due in every if due.rotation is not None)
    filters = {name: request.GET.get(name, "") for name in ("reason", "platform", "department", "left")}
    context = {
        "rows": [
            {"due": due, "why": told.of(due), "step": pictures.step_of(due.rotation) + 1} for due in page
        ],
        "first": next((due for due in page if due.rotation is None), None),
        "count": len(every),
        "started": started,
        "waiting": len(every) - started,
        "shown": len(chosen),
        "filtered": any(filters.values()),
        "filters": filters,
        "leavers": why.last_days(left),
        "reasons": [(reason, dues.LABELS[reason]) for reason in dues.ORDER],
        "platforms": sorted({(one.account.platform.slug, one.account.platform.name) for one in every}),
        "departments": sorted({(one.account.department.name, one.account.department.code) for one in every}),
        "next_page": f"?{urlencode({**filters, 'after': page[-1].version.pk})}"
        if start + PAGE < len(chosen)
        else "",
        "first_page": f"?{urlencode(filters)}" if start else "",
    }
    return render(request, "credentials/queue.html", context)


def _chosen(every: list[Due], request: HttpRequest) -> list[Due]:
    """`every`, in its order, as far as the filters in the address want them."""
    wanted = request.GET.get
    return [
        due
        for due in every
        if wanted("reason", "") in ("", due.reason)
        and wanted("platform", "") in ("", due.account.platform.slug)
        and wanted("department", "") in ("", due.account.department.code)
        and (not wanted("left") or wanted("left") in {str(one.person.pk) for one in due.knowers})
    ]


def _start(chosen: list[Due], after: str) -> int:
    return next((place for place, due in enumerate(chosen, 1) if str(due.version.pk) == after), 0)


def _leavers(every: list[Due]) -> dict[Employee, int]:
    """Who left and is the cause of more than one, with how many."""
    counts: dict[Employee, int] = {}
    for due in every:
        for knower in due.knowers:
            if not knower.person.is_active:
                counts[knower.person] = counts.get(knower.person, 0) + 1
    return {person: count for person, count in counts.items() if count > 1}
