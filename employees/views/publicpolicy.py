"""The policy as residents read it: the version in force, those before it, and what changed. No sign-in."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from audit import clock
from employees import changes, policy
from employees.models import PolicyVersion


def published() -> list[PolicyVersion]:
    """Every version without its text, the newest first."""
    return list(PolicyVersion.objects.defer("text").order_by("-number"))


@gzip_page
@require_safe
def in_force(http: HttpRequest) -> HttpResponse:
    """The version in force today."""
    version = policy.in_force()
    return _page(http, version, current=version)


@gzip_page
@require_safe
def version(http: HttpRequest, number: int) -> HttpResponse:
    """One version, whether it is in force, was, or will be."""
    found = get_object_or_404(PolicyVersion, number=number)
    return _page(http, found, current=policy.in_force())


def _page(http: HttpRequest, found: PolicyVersion | None, *, current: PolicyVersion | None) -> HttpResponse:
    versions = published()
    older = [one for one in versions if found and one.number < found.number]
    context = {
        "version": found,
        "is_current": found is not None and found == current,
        "current": current,
        "is_coming": found is not None and found.effective > clock.today(),
        "sections": policy.sections_of(found) if found else [],
        "versions": versions,
        "has_older": bool(older),
        "short": http.build_absolute_uri(reverse("employees:policy_short")).partition("://")[2],
    }
    return render(http, "employees/policy.html", context)


@gzip_page
@require_safe
def changed(http: HttpRequest, number: int) -> HttpResponse:
    """What changed from the version before to this one."""
    found = get_object_or_404(PolicyVersion, number=number)
    before = PolicyVersion.objects.filter(number__lt=number).order_by("-number").first()
    if before is None:
        raise Http404
    made = changes.between(policy.sections_of(before), policy.sections_of(found))
    return render(
        http, "employees/policy_changes.html", {"version": found, "before": before, "changes": made}
    )


@require_safe
def short(http: HttpRequest) -> HttpResponse:
    """The short address for profiles (policy, Administrative Policy, seventh bullet)."""
    return redirect("employees:policy", permanent=True)
