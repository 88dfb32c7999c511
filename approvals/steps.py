"""The steps in which each kind of request is written, as data: the form, its indicator and the review read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from approvals.asked import lacking, of
from approvals.kinds import Kind
from approvals.models import Request

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

REVIEW = "review"


@dataclass(frozen=True)
class Step:
    """One page of the form. `slug` is its place in the address."""

    slug: str
    title: StrOrPromise
    fields: tuple[str, ...]


FIRST = _("What you ask for")
LAST = _("Review and submit")

_DETAILS = _("The account and why")
STEPS: dict[str, tuple[Step, ...]] = {
    Kind.NEW_ACCOUNT: (
        Step("account", _("The account"), ("platform", "handle", "name")),
        Step("purpose", _("What it is for"), ("purposes", "audience", "justification")),
        Step("people", _("People and login"), ("poster", "backup", "access_until", "login_email")),
    ),
    Kind.ADOPT: (Step("accounts", _("The accounts and why"), ("listed", "justification")),),
    Kind.RENAME: (Step("account", _("The account and its handle"), ("account", "handle", "justification")),),
    Kind.TRANSFER: (Step("account", _DETAILS, ("account", "to_department", "justification")),),
    Kind.SUSPEND: (Step("account", _DETAILS, ("account", "justification")),),
    Kind.REINSTATE: (Step("account", _DETAILS, ("account", "justification")),),
    Kind.CLOSE: (Step("account", _DETAILS, ("account", "justification")),),
    Kind.ACCESS: (
        Step("account", _("Account, person and day"), ("account", "poster", "access_until", "justification")),
    ),
}


def of_kind(kind: str) -> tuple[Step, ...]:
    return STEPS[kind]


def step(request: Request, slug: str) -> Step | None:
    """The step at `slug`, or None where this kind has none."""
    return next((one for one in STEPS[request.kind] if one.slug == slug), None)


def after(request: Request, slug: str) -> str:
    """The slug that follows `slug`."""
    slugs = [one.slug for one in STEPS[request.kind]] + [REVIEW]
    return slugs[slugs.index(slug) + 1]


def before(request: Request, slug: str) -> str:
    """The slug that comes before `slug`; empty for the first."""
    slugs = [one.slug for one in STEPS[request.kind]] + [REVIEW]
    place = slugs.index(slug)
    return slugs[place - 1] if place else ""


def first_incomplete(request: Request) -> str:
    """The step where something is missing, else the review."""
    missing = lacking(of(request))
    for one in STEPS[request.kind]:
        if any(name in missing for name in one.fields):
            return one.slug
    return REVIEW


@dataclass(frozen=True)
class Segment:
    """One segment of USWDS's step indicator. `state` is complete, current, incomplete (passed over) or empty."""

    title: StrOrPromise
    state: str


def indicator(request: Request | None, slug: str) -> dict[str, object]:
    """What the step indicator shows while one is at `slug` (empty: choosing the kind)."""
    steps = STEPS[request.kind] if request is not None else ()
    names: list[tuple[str, StrOrPromise]] = [("", FIRST), *((one.slug, one.title) for one in steps)]
    if request is None:
        return {"segments": [Segment(FIRST, "current")], "number": 1, "total": 0, "title": FIRST}
    names.append((REVIEW, LAST))
    missing = lacking(of(request))
    wanting = {one.slug for one in steps if any(name in missing for name in one.fields)}
    here = [name for name, _title in names].index(slug)
    segments = [
        Segment(title, _state(place, here, name in wanting)) for place, (name, title) in enumerate(names)
    ]
    return {"segments": segments, "number": here + 1, "total": len(names), "title": names[here][1]}


def _state(place: int, here: int, wanting: bool) -> str:
    if place == here:
        return "current"
    if place > here:
        return ""
    return "incomplete" if wanting else "complete"
