"""A campaign as a table: one row an item."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from credentials.models import Campaign
from credentials.reviews.progress import standings

COLUMNS = (
    "person",
    "employee_number",
    "title",
    "account",
    "department",
    "channel",
    "platform_role",
    "held_since",
    "grounds",
    "mandated",
    "times_revealed",
    "last_revealed",
    "last_revealed_version",
    "current_version",
    "knew_current_version",
    "state",
    "decided_by",
    "decided_as",
    "decided_at",
    "note",
    "escalated",
    "escalated_at",
    "left_to_do",
    "waived_by",
    "waived_at",
    "waiver_reason",
)


def rows(campaign: Campaign) -> Iterator[dict[str, Any]]:
    """The rows, by person and account. Keys are COLUMNS."""
    items = campaign.items.whole().order_by("person__name", "person", "account__name", "pk")
    for one in standings(items).values():
        item = one.item
        yield {
            "person": item.person.name,
            "employee_number": item.person.employee_number,
            "title": item.title,
            "account": item.account.reference,
            "department": item.account.department.name,
            "channel": item.channel,
            "platform_role": item.platform_role,
            "held_since": item.held_since,
            "grounds": "; ".join(ground["authority"] for ground in item.grounds),
            "mandated": item.mandated,
            "times_revealed": item.times_revealed,
            "last_revealed": item.last_revealed_at,
            "last_revealed_version": item.last_revealed_version,
            "current_version": item.current_version,
            "knew_current_version": item.knows_current,
            "state": one.state,
            "decided_by": item.decided_by.name if item.decided_by else None,
            "decided_as": item.decided_as,
            "decided_at": item.decided_at,
            "note": item.note,
            "escalated": item.level,
            "escalated_at": item.escalated_at,
            "left_to_do": "; ".join(left.text for left in one.left),
            "waived_by": item.waived_by.name if item.waived_by else None,
            "waived_at": item.waived_at,
            "waiver_reason": item.waiver_reason,
        }
