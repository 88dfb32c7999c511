"""Requests for public records, and legal holds."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from audit import clock
from audit.ledger import Ref
from audit.states import StateField, Stateful
from employees.models import Department, Employee


class RecordsRequest(Stateful):
    """Somebody asked for records of access (Kansas Open Records Act and its like).

    `number` is the one that the City's clerk gave it. Who asks is not kept here: the law wants no reason, and we no
    names. `received_on` counts as the day before the first of the business days.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ANSWERED = "answered", _("Answered")

    number = models.CharField(max_length=40, unique=True)
    received_on = models.DateField()
    due_on = models.DateField()
    subject = models.CharField(max_length=300)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, related_name="+")
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    state = StateField(max_length=8, choices=State)
    recorded_by = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    answered_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    rows = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ("state", "due_on", "pk")

    def __str__(self) -> str:
        return self.number

    @property
    def overdue(self) -> bool:
        return self.state == self.State.OPEN and clock.today() > self.due_on

    def get_absolute_url(self) -> str:
        return reverse("credentials:records_request", args=[self.pk])

    def audit_ref(self) -> Ref:
        return Ref("credentials.recordsrequest", str(self.pk), f"Records request {self.number}")


class LegalHold(models.Model):
    """A matter for which nothing of an account may be disposed of, until somebody releases it."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="legal_holds")
    matter = models.CharField(max_length=200)
    placed_by = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    released_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)
    release_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("-placed_at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("account", "matter"), condition=Q(released_at=None), name="one_open_hold_a_matter"
            ),
        )

    def __str__(self) -> str:
        return f"{self.account}: {self.matter}"

    def audit_ref(self) -> Ref:
        return Ref("credentials.legalhold", str(self.pk), f"{self.account.display}, {self.matter}")
