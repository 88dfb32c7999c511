"""Access reviews: opened by date or cadence, decided by who answers for it, closed when all removals have ended."""

from credentials.reviews.closing import close, may_oversee, waive
from credentials.reviews.deciding import Choice, decide, escalate
from credentials.reviews.opening import open_due, plan
from credentials.reviews.progress import Standing, standings
from credentials.reviews.reviewers import Reviewers

__all__ = [
    "Choice",
    "Reviewers",
    "Standing",
    "close",
    "decide",
    "escalate",
    "may_oversee",
    "open_due",
    "plan",
    "standings",
    "waive",
]
