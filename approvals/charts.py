"""The page of figures: charts drawn on the server, each with its table beneath, so that no mouse is wanted."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from approvals import figures as counted
from approvals.models import Request
from employees import authority
from employees.models import Employee


@login_required
@require_safe
def figures(http: HttpRequest) -> HttpResponse:
    """Of the requests that the person may see."""
    person = http.user
    assert isinstance(person, Employee)
    told = counted.of(Request.objects.visible_to(person))
    steps = counted.bars((step.label, step.median, counted.days_text(step.median)) for step in told.steps)
    months = counted.bars((month.label, month.submitted, str(month.submitted)) for month in told.months)
    departments = counted.bars((one.name, one.submitted, str(one.submitted)) for one in told.departments)
    context = {
        "figures": told,
        "median": counted.days_text(told.median),
        "whole": authority.sees_everything(person),
        "step_bars": steps,
        "month_bars": months,
        "department_bars": departments,
        "heights": {
            "steps": _heights(steps),
            "months": _heights(months),
            "departments": _heights(departments),
        },
    }
    return render(http, "approvals/figures.html", context)


def _heights(bars: list[counted.Bar]) -> dict[str, int]:
    """Of the chart for a wide page and of the one for a telephone."""
    count = max(len(bars), 1)
    return {"wide": count * counted.ROW, "narrow": count * counted.NARROW_ROW}
