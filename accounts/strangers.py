"""Accounts that are not the City's: known neighbours, and those that residents report as impostors."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.ledger import Ref
from employees.models import Employee

ALPHABET = "23456789CDFGHJKMPQRTVWXY"
"""Of a report's number: no letter that reads as another, no vowel that makes a word."""


def new_number() -> str:
    """A number that nobody guesses: whoever has it reads the report's outcome."""
    drawn = [secrets.choice(ALPHABET) for _place in range(10)]
    return f"{''.join(drawn[:5])}-{''.join(drawn[5:])}"


class Neighbour(models.Model):
    """An account of somebody near the City, known to be theirs: the county, schools, an official's own page."""

    platform = models.ForeignKey("accounts.Platform", on_delete=models.PROTECT, related_name="+")
    handle = models.CharField(max_length=200)
    key = models.CharField(max_length=300)
    url = models.URLField(max_length=500)
    owner = models.CharField(max_length=200, help_text=_("Whose it is: “Reno County”."))
    added_by = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("owner", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("platform", "key"), condition=Q(removed_at=None), name="one_neighbour_a_handle"
            ),
        )

    def __str__(self) -> str:
        return f"{self.shown} on {self.platform.name}, {self.owner}"

    @property
    def shown(self) -> str:
        """The handle as people write it, or as the platform numbers it."""
        from accounts import canonical

        return canonical.shown(self.platform.slug, self.handle) or self.handle

    def audit_ref(self) -> Ref:
        return Ref("accounts.neighbour", str(self.pk), str(self))


class ImpostorReport(models.Model):
    """A resident says that an account poses as the City. `address` and `said` are their words, never in an entry.

    `platform` and `key` are empty where the address names no account that can be told apart.
    """

    class Outcome(models.TextChoices):
        OPEN = "open", _("Being looked at")
        CONFIRMED = "confirmed", _("Not the City’s: it poses as the City")
        HARMLESS = "harmless", _("Not the City’s, and it does not pose as the City")
        OURS = "ours", _("It is the City’s own")
        UNCLEAR = "unclear", _("It could not be found")

    number = models.CharField(max_length=11, unique=True, default=new_number)
    address = models.CharField(max_length=500)
    said = models.TextField(blank=True)
    platform = models.ForeignKey("accounts.Platform", on_delete=models.PROTECT, null=True, related_name="+")
    key = models.CharField(max_length=300, blank=True)
    shown = models.CharField(max_length=500, help_text=_("How pages name it: never a link."))
    resembles = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OPEN)
    decided_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-received_at", "-pk")
        indexes = (
            models.Index(fields=("outcome", "received_at"), name="report_by_outcome"),
            models.Index(fields=("platform", "key"), name="report_by_key"),
        )

    def __str__(self) -> str:
        return self.number

    def audit_ref(self) -> Ref:
        return Ref("accounts.impostorreport", str(self.pk), self.number)
