"""What reviewers decide: kept, to be removed, or sent up. Nobody decides about themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from audit import clock
from audit.actions import Verb
from audit.errors import ConflictOfInterest, Invalid, NotPermitted, Refused, Stale
from audit.ledger import record, service
from audit.text import clean_line
from credentials import grants
from credentials.models import Campaign, Grant, Ground, ReviewItem
from credentials.reviews.reviewers import Reviewers
from employees import authority
from employees.models import Appointment, Employee

KEEP, REMOVE, ESCALATE = "keep", "remove", "escalate"
NOTE_LENGTH = 300


@dataclass(frozen=True)
class Choice:
    """What is to become of one item. A note is wanted for `remove`, `escalate`, and keeping what was never used."""

    item: int
    act: str
    note: str = ""


@service
def decide(*, actor: Employee, campaign: Campaign, choices: Sequence[Choice]) -> list[ReviewItem]:
    """Decide about items of `campaign`, all or none.

    Raises NotPermitted, ConflictOfInterest, Stale, Invalid with `fields` by the item's id.
    """
    if campaign.state != Campaign.State.OPEN:
        raise Stale(_("This review is not open."))
    wanted = {choice.item: choice for choice in choices}
    rows = ReviewItem.objects.select_for_update(of=("self",), no_key=True).filter(
        campaign=campaign, pk__in=wanted
    )
    items = list(rows.whole().order_by("pk"))
    if len(items) != len(wanted):
        raise Refused(_("Some of what you decided about is not part of this review."))
    reviewers = Reviewers()
    notes = {}
    problems = {}
    for item in items:
        choice = wanted[item.pk]
        _require_turn(actor, item, reviewers)
        try:
            notes[item.pk] = _note(item, choice)
        except Invalid as error:
            problems[str(item.pk)] = str(error)
    if problems:
        raise Invalid(next(iter(problems.values())), fields=problems)
    for item in items:
        seat = reviewers.seat_of(actor, item)
        assert seat is not None
        act = wanted[item.pk].act
        if act == ESCALATE:
            _escalate(actor, item, notes[item.pk], reviewers)
        else:
            _decide(actor, seat, item, act, notes[item.pk])
    removed = [item for item in items if item.decision == ReviewItem.Decision.REMOVED]
    if removed:
        _end_grants(actor, removed, campaign)
    return items


@service
def escalate(*, actor: Employee | None, items: Iterable[ReviewItem], note: str) -> int:
    """Send undecided items a step up where there is one: what the daily run does with overdue ones. Gives how many."""
    reviewers = Reviewers()
    count = 0
    for item in items:
        if reviewers.can_go_up(item):
            _escalate(actor, item, note, reviewers)
            count += 1
    return count


def escalate_overdue() -> int:
    """Send up what is undecided after the due day, and again each REVIEW_ESCALATION_DAYS."""
    campaign = Campaign.objects.filter(state=Campaign.State.OPEN, due__lt=clock.today()).first()
    if campaign is None:
        return 0
    since = clock.now() - timedelta(days=settings.REVIEW_ESCALATION_DAYS)
    waiting = campaign.items.whole().undecided()
    late = [item for item in waiting if item.escalated_at is None or item.escalated_at <= since]
    return escalate(actor=None, items=late, note=_("Overdue")) if late else 0


def _require_turn(actor: Employee, item: ReviewItem, reviewers: Reviewers) -> None:
    if item.person_id == actor.pk:
        raise ConflictOfInterest(_("Nobody decides about their own access."))
    if item.decision:
        raise Stale(
            _("{name} has decided about {item} already.").format(
                name=item.decided_by.name if item.decided_by else "", item=item
            )
        )
    if item.custody.closed_at is not None:
        raise Stale(_("The access of {item} has ended meanwhile.").format(item=item))
    if reviewers.seat_of(actor, item) is None:
        raise NotPermitted(
            _("It is not your turn: this waits for {who}.").format(who=reviewers.waits_for(item))
        )


def _note(item: ReviewItem, choice: Choice) -> str:
    if choice.act not in (KEEP, REMOVE, ESCALATE):
        raise Invalid(_("Choose to keep, to remove, or to send it up."))
    if not choice.note.strip():
        if choice.act == REMOVE:
            raise Invalid(_("Say why it is removed."))
        if choice.act == ESCALATE:
            raise Invalid(_("Say why somebody above should decide."))
        if item.note_to_keep:
            raise Invalid(_("It was never used. Say why it is kept all the same."))
    return clean_line(choice.note, field="note", max_length=NOTE_LENGTH, blank=True)


def _decide(actor: Employee, seat: Appointment, item: ReviewItem, act: str, note: str) -> None:
    keeps = act == KEEP
    decision = ReviewItem.Decision.KEPT if keeps else ReviewItem.Decision.REMOVED
    changes: dict[str, Any] = {
        "decision": decision, "decided_by": actor, "decided_at": clock.now(), "decided_as": seat.title[:200],
        "note": note,
    }  # fmt: skip
    if not ReviewItem.objects.filter(pk=item.pk, decision="").update(**changes):
        raise Stale(_("Somebody else decided about {item} just now.").format(item=item))
    for name, value in changes.items():
        setattr(item, name, value)
    record(
        Verb.REVIEW_KEEP if keeps else Verb.REVIEW_REMOVE,
        actor=actor,
        obj=item,
        facts=[item],
        capacity=authority.capacity(seat).as_data(),
        campaign=item.campaign_id,
    )


def _escalate(actor: Employee | None, item: ReviewItem, note: str, reviewers: Reviewers) -> None:
    if not reviewers.can_go_up(item):
        raise Refused(_("Nobody stands above you for {item}: decide about it.").format(item=item))
    changes: dict[str, Any] = {
        "level": item.level + 1, "escalated_by": actor, "escalated_at": clock.now(), "escalation_note": note,
    }  # fmt: skip
    if not ReviewItem.objects.filter(pk=item.pk, decision="", level=item.level).update(**changes):
        raise Stale(_("Somebody else decided about {item} just now.").format(item=item))
    for name, value in changes.items():
        setattr(item, name, value)
    record(Verb.REVIEW_ESCALATE, actor=actor, obj=item, facts=[item], campaign=item.campaign_id)


def _end_grants(actor: Employee, items: Sequence[ReviewItem], campaign: Campaign) -> None:
    """End what requests gave. Appointments and designations end by papers, and become tasks (`progress`)."""
    sources = [
        ground["source"] for item in items for ground in item.grounds if ground["kind"] == Ground.Kind.REQUEST
    ]
    given = list(Grant.objects.filter(pk__in=sources, ended_at=None))
    if given:
        grants.end(actor=actor, grants=given, reason=_("Removed in {title}").format(title=campaign.title))
    for item in items:
        item.custody.refresh_from_db()
