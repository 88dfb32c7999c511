"""Closing a campaign, and waiving the end of a removal over one's own name."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import clock
from audit.actions import Verb
from audit.errors import ConflictOfInterest, Refused, Stale
from audit.ledger import record, service
from audit.states import move
from audit.text import clean_line
from credentials.models import Campaign, ReviewItem
from credentials.reviews.progress import standings
from employees import authority
from employees.models import Employee

REASON_LENGTH = 300


def may_oversee(person: Employee) -> bool:
    """City-wide officers plan, waive and close."""
    return authority.is_officer(person)


def require_overseer(actor: Employee) -> authority.Capacity:
    """The city-wide office in which `actor` acts. Raises NotPermitted."""
    seat = authority.holds(actor, *authority.CITY_OFFICES)
    authority.require(seat, _("Access reviews are planned, waived and closed by City officers."))
    assert seat is not None
    return seat


@service
def waive(*, actor: Employee, item: ReviewItem, reason: str) -> ReviewItem:
    """Let a campaign close although this removal has not come to its end. Signed by a City officer, with a reason.

    Raises NotPermitted, ConflictOfInterest, Stale, Invalid.
    """
    seat = require_overseer(actor)
    if item.person_id == actor.pk:
        raise ConflictOfInterest(_("Nobody waives the removal of their own access."))
    text = clean_line(reason, field="reason", max_length=REASON_LENGTH)
    standing = standings([item])[item.pk]
    if item.campaign.state != Campaign.State.OPEN or standing.state != "removing":
        raise Stale(_("There is nothing left to waive here."))
    changes: dict[str, Any] = {"waived_by": actor, "waived_at": clock.now(), "waiver_reason": text}
    if not ReviewItem.objects.filter(pk=item.pk, waived_at=None).update(**changes):
        raise Stale(_("Somebody else waived this just now."))
    for name, value in changes.items():
        setattr(item, name, value)
    record(
        Verb.REVIEW_WAIVE,
        actor=actor,
        obj=item,
        facts=[item],
        capacity=seat.as_data(),
        left=[one.kind for one in standing.left],
        campaign=item.campaign_id,
    )
    return item


@service
def close(*, actor: Employee, campaign: Campaign) -> Campaign:
    """Close a campaign in which everything is decided and every removal has come to its end or was waived.

    Raises NotPermitted, Stale, Refused (saying what is left).
    """
    seat = require_overseer(actor)
    if campaign.state != Campaign.State.OPEN:
        raise Stale(_("This review is not open."))
    # Those who decide lock the items they decide about; a campaign closes on what all of them committed.
    every = list(campaign.items.select_for_update(of=("self",), no_key=True).whole().order_by("pk"))
    found = list(standings(every).values())
    counts = {name: sum(1 for one in found if one.state == name) for name in STATES}
    if counts["open"] or counts["removing"]:
        raise Refused(hindrance(counts["open"], counts["removing"]))
    move(
        campaign, "state", old=Campaign.State.OPEN, new=Campaign.State.CLOSED,
        closed_by=actor, closed_at=clock.now(),
    )  # fmt: skip
    record(
        Verb.REVIEW_CLOSE, actor=actor, obj=campaign, facts=[campaign], capacity=seat.as_data(), counts=counts
    )
    return campaign


STATES = ("open", "kept", "removing", "removed", "waived", "ended")


def hindrance(undecided: int, removing: int) -> str:
    """Why a campaign cannot close, in a sentence; empty when it can."""
    parts = []
    if undecided:
        parts.append(
            ngettext("{count} decision is missing", "{count} decisions are missing", undecided).format(
                count=undecided
            )
        )
    if removing:
        parts.append(
            ngettext(
                "{count} removal has not come to its end",
                "{count} removals have not come to their end",
                removing,
            ).format(count=removing)
        )
    return _("It cannot close yet: {what}.").format(what=_(" and ").join(parts)) if parts else ""
