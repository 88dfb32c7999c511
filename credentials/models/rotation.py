"""Rotations, what each still wants done on the platform, and reports that one is needed."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.states import StateField, Stateful
from credentials.models.vault import SecretItem, SecretVersion
from employees.models import Employee


class RotationQuerySet(models.QuerySet["Rotation"]):
    """Reads."""

    def not_done(self) -> RotationQuerySet:
        """Open, or verified with something left on the closing list."""
        return self.filter(Q(state__in=Rotation.OPEN) | Q(state=Rotation.State.VERIFIED, closed_at=None))

    def list_open(self, since: datetime | None = None) -> RotationQuerySet:
        """Verified, with something left on the closing list: now, or at `since` or later.

        Who was signed in with an earlier password may be so still, until sessions and factors are looked through.
        """
        left = Q(closed_at=None) if since is None else Q(closed_at=None) | Q(closed_at__gte=since)
        return self.filter(left, state=Rotation.State.VERIFIED)

    def whole(self) -> RotationQuerySet:
        """With everything that a page tells of one."""
        return self.select_related(
            "item__credential__account__platform",
            "version",
            "started_by",
            "handed_to",
            "claimed_by",
            "verified_by",
        )


class Rotation(Stateful):
    """The replacing of a current version, step by step. One open rotation per item, held by the database.

    A verified one closes when its closing list is done (`ClosingStep`), a cancelled one at once.
    """

    class State(models.TextChoices):
        STAGED = "staged", _("New password made")
        SHOWN = "shown", _("New password shown")
        CLAIMED = "claimed", _("Said to be changed on the platform")
        UNKNOWN = "unknown", _("Not known which password the platform has")
        VERIFIED = "verified", _("Verified")
        CANCELLED = "cancelled", _("Cancelled")

    OPEN = (State.STAGED, State.SHOWN, State.CLAIMED, State.UNKNOWN)

    item = models.ForeignKey(SecretItem, on_delete=models.PROTECT, related_name="rotations")
    version = models.OneToOneField(SecretVersion, on_delete=models.PROTECT, related_name="rotation")
    state = StateField(max_length=10, choices=State)
    reason = models.CharField(max_length=300, blank=True)
    started_by = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    handed_to = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    claimed_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    claimed_at = models.DateTimeField(null=True)
    verified_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    verified_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    objects = RotationQuerySet.as_manager()

    class Meta:
        ordering = ("-started_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("item",),
                condition=Q(state__in=("staged", "shown", "claimed", "unknown")),
                name="one_open_rotation",
            ),
        )

    def __str__(self) -> str:
        return f"rotation to {self.version}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def in_hand(self) -> Employee:
        """Who is at it: to whom it was handed over last, else who started it."""
        return self.handed_to or self.started_by


class ClosingStep(models.Model):
    """One thing that a rotation wants done on the platform, and that it is: done, or not offered there."""

    class Step(models.TextChoices):
        PASSWORD = "password", _("The password is changed")
        SESSIONS = "sessions", _("Every other session is signed out")
        FACTORS = "factors", _("Second factors are only those of people who hold the account")
        RECOVERY = "recovery", _("Recovery mailbox and phone are the City’s")
        APPS = "apps", _("Connected apps are looked through")

    class Outcome(models.TextChoices):
        DONE = "done", _("Done")
        NOT_OFFERED = "not_offered", _("Not offered by the platform")

    rotation = models.ForeignKey(Rotation, on_delete=models.PROTECT, related_name="steps")
    step = models.CharField(max_length=10, choices=Step)
    outcome = models.CharField(max_length=12, choices=Outcome)
    by = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("rotation", "step"), name="closing_step_once"),)

    def __str__(self) -> str:
        return f"{self.get_step_display()}: {self.get_outcome_display()}"


class RotationReport(models.Model):
    """Somebody said that a version must be replaced: it stood in a shared document, say. Never expires for it."""

    version = models.ForeignKey(SecretVersion, on_delete=models.PROTECT, related_name="reports")
    reason = models.CharField(max_length=300)
    reported_by = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("at",)

    def __str__(self) -> str:
        return f"{self.version} reported"
