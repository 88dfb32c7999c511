"""Planning a campaign, and opening it: what is held is listed as it stands at that moment, and frozen."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Min, Q
from django.utils.translation import gettext as _

from audit import clock
from audit.actions import Verb
from audit.errors import Invalid
from audit.ledger import record, service
from audit.states import move
from audit.text import clean_line
from credentials.models import Campaign, Custody, Ground, Knowledge, ReviewItem, SecretItem, SecretVersion
from credentials.reviews.closing import require_overseer
from employees.models import Employee

SEATS = (Ground.Kind.APPOINTMENT, Ground.Kind.ACTING)
"""Grounds that the policy itself mandates: the two city-wide directors' and the Department Director's seats."""

AHEAD = 400
"""So many days ahead a campaign may be planned."""


@service
def plan(
    *, actor: Employee | None, title: str, starts: date, due: date, by_cadence: bool = False
) -> Campaign:
    """Plan a campaign that opens on `starts`; one that starts today opens at once. Raises NotPermitted, Invalid."""
    if actor is not None:
        require_overseer(actor)
    name = clean_line(title, field="title", max_length=120)
    today = clock.today()
    if starts < today or starts > today + timedelta(days=AHEAD):
        raise Invalid(
            _("A review begins today or later, and within {days} days.").format(days=AHEAD),
            fields={"starts": _("today or a day soon after")},
        )
    if due <= starts:
        raise Invalid(
            _("Leave the reviewers at least a day."), fields={"due": _("a day after the review begins")}
        )
    if starts == today and Campaign.objects.filter(state=Campaign.State.OPEN).exists():
        raise Invalid(
            _("Another review is open. Close it first, or let this one begin later."),
            fields={"starts": _("a day after the open review is closed")},
        )
    campaign = Campaign.objects.create(
        title=name, state=Campaign.State.PLANNED, starts=starts, due=due,
        by_cadence=by_cadence, planned_by=actor, planned_at=clock.now(),
    )  # fmt: skip
    record(Verb.REVIEW_PLAN, actor=actor, obj=campaign, facts=[campaign], due=due)
    if starts == today:
        _open(actor, campaign)
    return campaign


@service
def open_due(*, actor: Employee | None = None) -> Campaign | None:
    """Open the planned campaign whose day has come, or the one that the cadence asks for; none while one is open."""
    if Campaign.objects.filter(state=Campaign.State.OPEN).exists():
        return None
    today = clock.today()
    planned = Campaign.objects.filter(state=Campaign.State.PLANNED, starts__lte=today).order_by(
        "starts", "pk"
    )
    campaign = planned.first()
    if campaign is not None:
        _open(actor, campaign)
        return campaign
    day = next_by_cadence()
    if day is None or day > today or Campaign.objects.filter(state=Campaign.State.PLANNED).exists():
        return None
    return plan(
        actor=actor,
        title=_("Access review of {month}").format(month=f"{today:%B %Y}"),
        starts=today,
        due=today + timedelta(days=settings.REVIEW_DAYS),
        by_cadence=True,
    )


def next_by_cadence() -> date | None:
    """The day on which the cadence asks for a campaign; None with no cadence, or while nobody has held anything."""
    months = int(settings.REVIEW_EVERY_MONTHS)
    if not months:
        return None
    last = Campaign.objects.exclude(state=Campaign.State.PLANNED).aggregate(last=Max("starts"))["last"]
    if last is None:
        first = Custody.objects.aggregate(first=Min("opened_at"))["first"]
        last = clock.day_of(first) if first else None
    return _months_after(last, months) if last else None


def _months_after(day: date, months: int) -> date:
    """The same day so many months later; the month's last day where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    following = date(day.year + years + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    last = (following - timedelta(days=1)).day
    return date(day.year + years, month + 1, min(day.day, last))


def _open(actor: Employee | None, campaign: Campaign) -> None:
    now = clock.now()
    move(campaign, "state", old=Campaign.State.PLANNED, new=Campaign.State.OPEN, opened_at=now)
    items = ReviewItem.objects.bulk_create(_snapshot(campaign))
    people = len({item.person_id for item in items})
    record(Verb.REVIEW_OPEN, actor=actor, obj=campaign, facts=[campaign], items=len(items), people=people)
    for _person, listed in groupby(items, key=lambda item: item.person_id):
        some = list(listed)
        record(Verb.REVIEW_LIST, actor=None, obj=some[0].person, facts=some, campaign=campaign.pk)


def _snapshot(campaign: Campaign) -> list[ReviewItem]:
    """An item for every custody in force, person by person. Five queries, however many there are."""
    held = (
        Custody.objects.in_force()
        .filter(person__is_active=True)
        .select_related("person", "account__platform")
        .order_by("person__name", "person", "account__name", "pk")
    )
    grounds: dict[int, list[Ground]] = defaultdict(list)
    for ground in Ground.objects.in_force().order_by("effective_from", "pk"):
        grounds[ground.custody_id].append(ground)
    revealed = _reveals()
    current = _current()
    known = set(
        Knowledge.objects.filter(
            version__state=SecretVersion.State.CURRENT, version__item__kind=SecretItem.Kind.PASSWORD
        )
        .order_by()
        .values_list("person_id", "version__item__credential__account_id")
    )
    return [
        _item(campaign, custody, grounds[custody.pk], revealed, current.get(custody.account_id), known)
        for custody in held
    ]


def _reveals() -> dict[tuple[int, int], Any]:
    """By person and account: how often they revealed, when last, and the newest password version of those."""
    account = "version__item__credential__account_id"
    rows = (
        Knowledge.objects.filter(how=Knowledge.How.REVEAL)
        .order_by()
        .values_list("person_id", account)
        .annotate(
            count=Count("pk"),
            last=Max("at"),
            number=Max("version__number", filter=Q(version__item__kind=SecretItem.Kind.PASSWORD)),
        )
    )
    return {(person, of): (count, last, number) for person, of, count, last, number in rows}


def _current() -> dict[int, int]:
    """The number of the current password version by account."""
    rows = SecretVersion.objects.filter(
        state=SecretVersion.State.CURRENT, item__kind=SecretItem.Kind.PASSWORD
    ).order_by()
    return dict(rows.values_list("item__credential__account_id", "number"))


def _item(
    campaign: Campaign,
    custody: Custody,
    grounds: list[Ground],
    revealed: dict[tuple[int, int], Any],
    current: int | None,
    known: set[tuple[int, int]],
) -> ReviewItem:
    key = custody.person_id, custody.account_id
    count, last, number = revealed.get(key, (0, None, None))
    return ReviewItem(
        campaign=campaign,
        custody=custody,
        person=custody.person,
        account=custody.account,
        title=custody.person.title,
        channel=custody.channel,
        platform_role=custody.platform_role,
        held_since=custody.opened_at,
        grounds=[
            {
                "kind": ground.kind,
                "source": ground.source_id,
                "authority": ground.authority,
                "until": clock.day_of(ground.effective_until - timedelta(microseconds=1)).isoformat()
                if ground.effective_until
                else None,
            }
            for ground in grounds
        ],
        mandated=any(ground.kind in SEATS for ground in grounds),
        times_revealed=count,
        last_revealed_at=last,
        last_revealed_version=number,
        knows_current=key in known,
        current_version=current,
    )
