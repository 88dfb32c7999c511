"""Access reviews: the list, and one campaign person by person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from audit import clock
from audit.errors import Invalid, NotPermitted, Refused
from credentials import exports, reviews
from credentials.forms import answer
from credentials.models import Campaign, ReviewItem
from credentials.reviews import Choice, Reviewers, Standing, closing, opening, progress
from credentials.views.doors import person_of, staff, whole
from employees import authority
from employees.models import Employee
from employees.stepup import needs_recent_factor, send_to_confirm, typed, used_recently

PEOPLE = 20
"""People on one page."""

VIEWS = ("mine", "all", "removals")


class PlanForm(forms.Form):
    """What the campaign is called, when it begins, and until when it is decided."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=120)
    starts = forms.DateField(
        label=gettext_lazy("Begins"),
        help_text=gettext_lazy("What is held is listed as it stands on that day. Today begins at once."),
    )
    due = forms.DateField(label=gettext_lazy("To be decided by"))


@dataclass
class Group:
    """One person with the items that are shown."""

    person: Employee
    title: str
    standings: list[Standing] = field(default_factory=list)
    errors: dict[int, str] = field(default_factory=dict)

    @property
    def to_decide(self) -> list[Standing]:
        return [one for one in self.standings if one.state == "open"]


def may_enter(person: Employee) -> bool:
    """Who decides in reviews by a seat, and auditors."""
    return authority.is_auditor(person) or bool(authority.capacities(person))


def sees_all(person: Employee) -> bool:
    """Auditors and City officers see every item; Directors what waits for them and what they decided."""
    return authority.is_auditor(person) or authority.is_officer(person)


def _require(person: Employee) -> None:
    authority.require(may_enter(person), _("Access reviews are for Directors, City officers and auditors."))


def campaign_seen(request: HttpRequest, pk: int) -> Campaign:
    _require(person_of(request))
    return get_object_or_404(Campaign.objects.select_related("closed_by", "planned_by"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@staff
def campaigns(request: HttpRequest) -> HttpResponse:
    """Every campaign, and planning one."""
    person = person_of(request)
    _require(person)
    oversees = reviews.may_oversee(person)
    today = clock.today()
    form = PlanForm(
        request.POST if request.method == "POST" else None,
        initial={
            "title": _("Access review of %(month)s") % {"month": f"{today:%B %Y}"},
            "starts": today,
            "due": today + timedelta(days=settings.REVIEW_DAYS),
        },
    )
    if request.method == "POST":
        closing.require_overseer(person)
        if form.is_valid():
            try:
                made = reviews.plan(actor=person, **form.cleaned_data)
            except Refused as refusal:
                answer(form, refusal)
            else:
                return redirect(made)
    rows = list(Campaign.objects.all()[:100])
    context = {
        "form": form,
        "rows": rows,
        "oversees": oversees,
        "open": next((row for row in rows if row.state == Campaign.State.OPEN), None),
        "every_months": settings.REVIEW_EVERY_MONTHS,
        "next_by_cadence": opening.next_by_cadence(),
    }
    return render(request, "credentials/reviews.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff
def review(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One campaign, person by person. POST decides about what was chosen of one person."""
    person = person_of(request)
    campaign = campaign_seen(request, pk)
    errors: dict[int, str] = {}
    status = 200
    if request.method == "POST" and not used_recently(request):
        return send_to_confirm(request, request.get_full_path(), keep=True)
    if request.method == "POST":
        try:
            done = reviews.decide(actor=person, campaign=campaign, choices=_choices(request.POST))
        except Invalid as invalid:
            status = 422
            errors = {int(name): text for name, text in invalid.fields.items() if name.isdecimal()}
            messages.error(request, _("Nothing was saved yet: %(why)s") % {"why": str(invalid)})
        except NotPermitted:
            raise
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect(request.get_full_path())
        else:
            messages.success(request, _told(done))
            return redirect(request.get_full_path())
    return render(request, "credentials/review.html", _page(request, campaign, person, errors), status=status)


def _choices(posted: Any) -> list[Choice]:
    """What was chosen: `act-7` and `note-7` for item 7; items without a choice are left for later."""
    found = []
    for name, act in posted.items():
        number = whole(name.removeprefix("act-")) if name.startswith("act-") else 0
        if number and act:
            found.append(Choice(number, act, posted.get(f"note-{number}", "")))
    if not found:
        raise Invalid(_("choose for at least one line what is to become of it."))
    return found


def _told(done: Sequence[ReviewItem]) -> str:
    kept = sum(1 for item in done if item.decision == ReviewItem.Decision.KEPT)
    removed = sum(1 for item in done if item.decision == ReviewItem.Decision.REMOVED)
    return _("%(name)s: %(kept)d kept, %(removed)d to be removed, %(up)d sent up.") % {
        "name": done[0].person.name,
        "kept": kept,
        "removed": removed,
        "up": len(done) - kept - removed,
    }


def _page(
    request: HttpRequest, campaign: Campaign, person: Employee, errors: dict[int, str]
) -> dict[str, Any]:
    reviewers = Reviewers()
    everything = sees_all(person)
    mine = set(progress.mine(campaign.pk, person.pk, reviewers)) if campaign.state == "open" else set()
    view = request.GET.get("show", "")
    if view not in VIEWS:
        view = "mine" if mine or not everything else "all"
    start = whole(request.GET.get("start", ""))
    items = _shown(campaign, person, view, mine, everything)
    groups, following = _groups(items, start, reviewers, errors)
    counts = _counts(campaign)
    # What was chosen before one was sent to confirm with the second factor is chosen still.
    kept = typed(request) if request.method == "GET" else None
    posted: Any = request.POST if errors else kept or {}
    return {
        "campaign": campaign,
        "view": view,
        "groups": groups,
        "mine": mine,
        "mine_people": len(set(ReviewItem.objects.filter(pk__in=mine).values_list("person", flat=True))),
        "counts": counts,
        "sees_all": everything,
        "oversees": reviews.may_oversee(person),
        "may_export": exports.may_export(person) or reviews.may_oversee(person),
        "hindrance": closing.hindrance(counts["open"], counts["removing"]),
        "next": f"?{urlencode({'show': view, 'start': following})}" if following else "",
        "first": f"?{urlencode({'show': view})}" if start else "",
        "posted": posted,
        "viewer": person,
    }


def _shown(
    campaign: Campaign, person: Employee, view: str, mine: set[int], everything: bool
) -> list[tuple[int, int]]:
    """Ids of items and their people, in the page's order."""
    items = campaign.items.order_by("person__name", "person", "account__name", "pk")
    if view == "mine":
        items = items.filter(pk__in=mine)
    elif not everything:
        items = items.filter(decided_by=person) | items.filter(pk__in=mine)
    if view == "removals":
        items = items.filter(decision=ReviewItem.Decision.REMOVED)
    return list(items.values_list("pk", "person_id"))


def _groups(
    items: Sequence[tuple[int, int]], start: int, reviewers: Reviewers, errors: dict[int, str]
) -> tuple[list[Group], int]:
    """The people of one page, and where the next begins (0: nowhere)."""
    people = list(dict.fromkeys(person for _item, person in items))
    here = set(people[start : start + PEOPLE])
    rows = (
        ReviewItem.objects.whole()
        .filter(pk__in=[pk for pk, person in items if person in here])
        .order_by("person__name", "person", "account__name", "pk")
    )
    found = reviews.standings(rows)
    groups = []
    for one, some in groupby(found.values(), key=lambda standing: standing.item.person):
        standings = list(some)
        for standing in standings:
            if standing.state == "open":
                standing.item.waits_for = reviewers.waits_for(standing.item)  # type: ignore[attr-defined]
                standing.item.can_go_up = reviewers.can_go_up(standing.item)  # type: ignore[attr-defined]
        groups.append(Group(one, standings[0].item.title, standings, errors))
    following = start + PEOPLE if start + PEOPLE < len(people) else 0
    return groups, following


def _counts(campaign: Campaign) -> Counter[str]:
    """How many items are in which state. Removals are looked at one by one: there are few."""
    rows = campaign.items.values_list("decision", "custody__closed_at")
    found: Counter[str] = Counter()
    for decision, closed_at in rows:
        if decision != ReviewItem.Decision.REMOVED:
            found["kept" if decision else "ended" if closed_at else "open"] += 1
        found["all"] += 1
    removed = campaign.items.whole().filter(decision=ReviewItem.Decision.REMOVED)
    found.update(one.state for one in reviews.standings(removed).values())
    return found


@require_POST
@staff
@needs_recent_factor("credentials:review")
def close(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Close the campaign: everything is decided, and every removal has come to its end or was waived."""
    campaign = campaign_seen(request, pk)
    try:
        reviews.close(actor=person_of(request), campaign=campaign)
    except NotPermitted:
        raise
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(campaign)
    messages.success(request, _("The review is closed. This is its certificate."))
    return redirect("credentials:review_certificate", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@staff
@needs_recent_factor()
def waive(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Sign that a campaign may close although this removal has not come to its end."""
    person = person_of(request)
    _require(person)
    closing.require_overseer(person)
    item = get_object_or_404(ReviewItem.objects.whole(), pk=pk)
    if request.method != "POST":  # back from confirming with the second factor
        return redirect(f"{item.campaign.get_absolute_url()}?show=removals")
    try:
        reviews.waive(actor=person, item=item, reason=request.POST.get(f"reason-{pk}", ""))
    except NotPermitted:
        raise
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Waived, over your name."))
    return redirect(f"{item.campaign.get_absolute_url()}?show=removals")
