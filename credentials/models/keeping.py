"""That custody is kept up to date: who took note of which version, and who broke the glass.

Policy, Administrative Policy, third bullet: "the login and password must be shared and kept up-to date".
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.ledger import Ref
from credentials.models.contents import RecoveryCodeUse
from credentials.models.vault import SecretVersion
from employees.models import Employee


class Receipt(models.Model):
    """A custodian has taken note of a version without opening it. Who opened it needs none: knowing says more."""

    version = models.ForeignKey(SecretVersion, on_delete=models.PROTECT, related_name="receipts")
    person = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="receipts")
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "pk")
        constraints = (
            models.UniqueConstraint(fields=("version", "person"), name="one_receipt_of_a_version"),
        )

    def __str__(self) -> str:
        return f"{self.person} took note of {self.version}"


class EmergencyAccess(models.Model):
    """Somebody without custody opened one secret in an emergency, for a reason, until `until`; another one reviews it.

    The reason and the note stay out of the ledger: people type into sentences what they should not.
    """

    class Finding(models.TextChoices):
        JUSTIFIED = "justified", _("Justified")
        NOT_JUSTIFIED = "unjustified", _("Not justified")

    version = models.ForeignKey(SecretVersion, on_delete=models.PROTECT, related_name="emergencies")
    person = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="emergencies")
    # The recovery code that was handed out, where it was one: showing it again hands out no other.
    code_use = models.OneToOneField(
        RecoveryCodeUse, on_delete=models.PROTECT, null=True, related_name="emergency"
    )
    reason = models.CharField(max_length=300)
    opened_at = models.DateTimeField()
    until = models.DateTimeField()
    reviewed_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    finding = models.CharField(max_length=11, choices=Finding, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("opened_at", "pk")
        verbose_name_plural = "emergency accesses"
        constraints = (
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("person")), name="somebody_else_reviews"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} in an emergency, {self.version}"

    def audit_ref(self) -> Ref:
        account = self.version.item.credential.account
        return Ref("credentials.emergency", str(self.pk), f"{self.person.name}, {account.display}")
