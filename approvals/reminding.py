"""What the daily run has said about a request that waits: once each for every time it came to wait."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Reminder(models.Model):
    """`since` is the request's `status_since`: the wait that this was said about."""

    class Kind(models.TextChoices):
        DUE = "due", _("Reminded")
        OVERDUE = "overdue", _("Escalated")
        EXPIRING = "expiring", _("Warned that it expires")

    request = models.ForeignKey("approvals.Request", on_delete=models.PROTECT, related_name="reminders")
    kind = models.CharField(max_length=10, choices=Kind)
    since = models.DateTimeField()
    at = models.DateTimeField()
    told = models.CharField(max_length=400, blank=True, help_text=_("Names of whom it was said to."))

    class Meta:
        ordering = ("at", "pk")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("request", "kind", "since"), name="one_reminder_of_a_kind"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.at:%Y-%m-%d}"
