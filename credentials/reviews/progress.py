"""What is left of a removal: the paper to end, the platform to clear, the password to rotate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext as _

from credentials import dues
from credentials.models import Ground, ReviewItem
from credentials.reviews.reviewers import Reviewers


@dataclass
class Left:
    """One thing that a removal still waits for: `who` does it, at `url`."""

    text: str
    who: str
    url: str
    kind: str


@dataclass
class Standing:
    """How far one item has come."""

    item: ReviewItem
    left: list[Left] = field(default_factory=list)

    @property
    def state(self) -> str:
        """open, kept, removing, removed, waived or ended."""
        item = self.item
        if item.decision == ReviewItem.Decision.KEPT:
            return "kept"
        if item.decision == ReviewItem.Decision.REMOVED:
            return "waived" if self.left and item.waived_at else "removing" if self.left else "removed"
        return "ended" if item.ended_meanwhile else "open"

    @property
    def hinders(self) -> bool:
        """Whether the campaign cannot close because of it."""
        return self.state in ("open", "removing")

    @property
    def label(self) -> str:
        return {
            "open": _("To decide"),
            "kept": _("Kept"),
            "removing": _("Being removed"),
            "removed": _("Removed"),
            "waived": _("Waived"),
            "ended": _("Ended meanwhile"),
        }[self.state]

    @property
    def tone(self) -> str:
        return {"open": "info", "removing": "warn", "kept": "ok", "removed": "ok"}.get(self.state, "plain")


def standings(items: Iterable[ReviewItem]) -> dict[int, Standing]:
    """How far each item has come, by its id. A fixed number of queries for removals; none without."""
    every = {item.pk: Standing(item) for item in items}
    removed = [
        standing.item for standing in every.values() if standing.item.decision == ReviewItem.Decision.REMOVED
    ]
    if not removed:
        return every
    custodies = {item.custody_id for item in removed}
    grounds: dict[int, list[Ground]] = defaultdict(list)
    for ground in Ground.objects.in_force().filter(custody__in=custodies):
        grounds[ground.custody_id].append(ground)
    accounts = {item.account_id: item.account for item in removed}
    knows = {
        (knower.person.pk, due.account.pk) for due in dues.queue(accounts.values()) for knower in due.knowers
    }
    for item in removed:
        left = every[item.pk].left
        left += [_paper(item, ground) for ground in grounds[item.custody_id]]
        item.custody.account = item.account  # read already
        if item.custody.still_present:
            left.append(_presence(item))
        if (item.person_id, item.account_id) in knows:
            left.append(_rotation(item))
    return every


def _paper(item: ReviewItem, ground: Ground) -> Left:
    designation = ground.kind == Ground.Kind.DESIGNATION
    return Left(
        text=_("End the {ground}: {authority}").format(
            ground=str(ground.get_kind_display()).lower(), authority=ground.authority
        ),
        who=_("the Department Director, or a registry clerk")
        if designation
        else _("a registry clerk or a City officer"),
        url=reverse("employees:person", args=[item.person_id]),
        kind="designation" if designation else "appointment",
    )


def _presence(item: ReviewItem) -> Left:
    return Left(
        text=_("Remove {name} on {platform} and confirm it").format(
            name=item.person.name, platform=item.account.platform.name
        ),
        who=_("Information Technology, or another holder"),
        url=reverse("credentials:custody"),
        kind="presence",
    )


def _rotation(item: ReviewItem) -> Left:
    return Left(
        text=_("Rotate the password that {name} knows").format(name=item.person.name),
        who=_("Information Technology"),
        url=reverse("credentials:queue"),
        kind="rotation",
    )


def waiting_removals() -> list[Standing]:
    """Removals of the open campaign that have not come to their end and were not waived."""
    removed = ReviewItem.objects.whole().filter(
        campaign__state="open", decision=ReviewItem.Decision.REMOVED, waived_at=None
    )
    return [standing for standing in standings(removed).values() if standing.left]


def mine(campaign_id: int, person_id: int, reviewers: Reviewers) -> list[int]:
    """Ids of the undecided items whose turn it is for this person. One query."""
    rows = (
        ReviewItem.objects.filter(campaign=campaign_id)
        .undecided()
        .order_by("person__name", "person", "account__name", "pk")
        .values_list("pk", "person_id", "account__department_id", "level")
    )
    steps: dict[tuple[int, int, int], set[int]] = {}
    found = []
    for pk, person, department, level in rows:
        key = (department, person, level)
        if key not in steps:
            step = reviewers.step(department=department, person=person, level=level)
            steps[key] = {one.pk for one in step.people} if step else set()
        if person_id in steps[key]:
            found.append(pk)
    return found
