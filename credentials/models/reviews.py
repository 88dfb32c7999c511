"""Access reviews: from time to time somebody who answers for it says of every custody whether it stays.

Policy, Administrative Policy, first bullet: accounts are administered by the seats that the policy names, and by nobody
else for longer than somebody vouches for it.
"""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from audit import clock
from audit.ledger import Ref
from audit.states import StateField, Stateful
from credentials.models.custody import Custody
from employees.models import Employee


class Campaign(Stateful):
    """One review of all custody. What it lists is frozen at the moment it opens."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    title = models.CharField(max_length=120)
    state = StateField(max_length=8, choices=State)
    starts = models.DateField()
    due = models.DateField()
    by_cadence = models.BooleanField(default=False)
    planned_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    planned_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-starts", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(due__gte=F("starts")), name="review_due_after_start"),
            models.UniqueConstraint(
                fields=("state",), condition=Q(state="open"), name="one_open_review_campaign"
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def overdue(self) -> bool:
        return self.state == self.State.OPEN and clock.today() > self.due

    def get_absolute_url(self) -> str:
        return reverse("credentials:review", args=[self.pk])

    def audit_ref(self) -> Ref:
        return Ref("credentials.campaign", str(self.pk), self.title)


class ItemQuerySet(models.QuerySet["ReviewItem"]):
    def whole(self) -> Self:
        """With all that a page says of an item."""
        return self.select_related(
            "campaign", "person", "account__platform", "account__department", "custody", "decided_by",
            "escalated_by", "waived_by",
        )  # fmt: skip

    def undecided(self) -> Self:
        """Neither kept nor removed, and not ended by something else since."""
        return self.filter(decision="", custody__closed_at=None)


class ReviewItem(models.Model):
    """One custody as it stood when the campaign opened, and what its reviewer decided.

    `grounds` is a list of `{"kind", "source", "authority", "until"}`. `level` is how many steps up the item was
    escalated. Notes stay out of the ledger: people type into them what they should not.
    """

    class Decision(models.TextChoices):
        KEPT = "kept", _("Kept")
        REMOVED = "removed", _("To be removed")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="items")
    custody = models.ForeignKey(Custody, on_delete=models.PROTECT, related_name="reviews")
    person = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="reviewed")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="reviews")
    title = models.CharField(max_length=200, blank=True)
    channel = models.CharField(max_length=14, choices=Custody.Channel)
    platform_role = models.CharField(max_length=60, blank=True)
    held_since = models.DateTimeField()
    grounds = models.JSONField(default=list)
    mandated = models.BooleanField(default=False)
    times_revealed = models.PositiveIntegerField(default=0)
    last_revealed_at = models.DateTimeField(null=True)
    last_revealed_version = models.PositiveIntegerField(null=True)
    knows_current = models.BooleanField(default=False)
    current_version = models.PositiveIntegerField(null=True)
    level = models.PositiveSmallIntegerField(default=0)
    decision = models.CharField(max_length=7, choices=Decision, blank=True)
    decided_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_as = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=300, blank=True)
    escalated_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    escalated_at = models.DateTimeField(null=True)
    escalation_note = models.CharField(max_length=300, blank=True)
    waived_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    waived_at = models.DateTimeField(null=True)
    waiver_reason = models.CharField(max_length=300, blank=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering = ("person__name", "account__name", "pk")
        constraints = (
            models.UniqueConstraint(fields=("campaign", "custody"), name="custody_reviewed_once"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("person")), name="nobody_reviews_themselves"
            ),
            models.CheckConstraint(
                condition=Q(waived_by=None) | ~Q(waived_by=F("person")), name="nobody_waives_their_own"
            ),
        )
        indexes = (models.Index(fields=("campaign", "decision"), name="review_item_by_decision"),)

    def __str__(self) -> str:
        return f"{self.person}, {self.account}"

    @property
    def never_used(self) -> bool:
        """Holds the shared login and never opened it. What somebody does in a platform role is not seen here."""
        return self.channel == Custody.Channel.SHARED_LOGIN and not self.times_revealed

    @property
    def note_to_keep(self) -> bool:
        """Whether keeping it wants a note: never used, and not a seat that the policy itself mandates."""
        return self.never_used and not self.mandated

    @property
    def ended_meanwhile(self) -> bool:
        """Undecided, and its custody has ended by something else: nothing is left to decide."""
        return not self.decision and self.custody.closed_at is not None

    def audit_ref(self) -> Ref:
        return Ref("credentials.reviewitem", str(self.pk), f"{self.person.name}, {self.account.display}")
