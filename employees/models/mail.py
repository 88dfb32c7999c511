"""What people are told: news that waits for the day's digest, and the digests that went out.

The mails themselves are rows of django-post-office's outbox.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from employees.models.people import Employee


class Notice(models.Model):
    """One thing that a person is told on Yours today and in the next digest. `told_on` is that digest's day."""

    person = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="notices")
    subject = models.CharField(max_length=200)
    text = models.TextField()
    at = models.DateTimeField()
    told_on = models.DateField(null=True)

    class Meta:
        ordering = ("-at", "-pk")
        indexes = (
            models.Index(fields=("person",), condition=Q(told_on=None), name="notice_untold"),
            models.Index(fields=("person", "told_on"), name="notice_told"),
        )

    def __str__(self) -> str:
        return self.subject


class Digest(models.Model):
    """The one digest of a person and day: the row is what makes a second one impossible."""

    person = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="digests")
    day = models.DateField()
    at = models.DateTimeField()
    message_id = models.CharField(max_length=255)

    class Meta:
        ordering = ("-day", "pk")
        constraints = (models.UniqueConstraint(fields=("person", "day"), name="one_digest_a_day"),)

    def __str__(self) -> str:
        return f"{self.person}, {self.day}"
