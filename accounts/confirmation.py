"""When public accounts were last found to follow the policy, and whether their yearly review is under way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, Q

from accounts.keeping import ProfileReview
from accounts.models import Account
from audit import clock


@dataclass(frozen=True)
class Confirmation:
    """The day of the last finding that all is in order, and whether a yearly review is begun and not finished."""

    last: date | None = None
    under_way: bool = False


def of(accounts: Sequence[Account]) -> dict[int, Confirmation]:
    """What is known of each of `accounts`, by id. One query, for none of them as for many."""
    told = {account.pk: Confirmation() for account in accounts}
    yearly = Q(completed_at=None, kind=ProfileReview.Kind.YEARLY)
    rows = (
        ProfileReview.objects.filter(account__in=[*told, -1])
        .order_by()
        .values("account")
        .annotate(last=Max("completed_at"), open=Count("pk", filter=yearly))
        .values_list("account", "last", "open")
    )
    for pk, last, under_way in rows:
        told[pk] = Confirmation(clock.day_of(last) if last else None, bool(under_way))
    return told
