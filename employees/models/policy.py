"""The Social Media Policy, version by version, and who acknowledged which. Neither is ever changed or deleted."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import Self

from django.db import models

from audit import clock, guards
from audit.ledger import Ref
from employees.models.people import Employee


class PolicyQuerySet(models.QuerySet["PolicyVersion"]):
    def in_effect(self, on: date | None = None) -> Self:
        """Versions whose day has come, the one in force first."""
        return self.filter(effective__lte=on or clock.today()).order_by("-effective", "-number")


class PolicyVersion(models.Model):
    """One wording of the policy, in force from `effective` until the next one is. Plain text: see `employees.clauses`.

    `digest` is the SHA-256 of the text: the ledger carries it in the text's place.
    """

    number = models.PositiveIntegerField(unique=True)
    title = models.CharField(max_length=200)
    text = models.TextField()
    digest = models.CharField(max_length=64)
    effective = models.DateField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")

    objects = PolicyQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)

    def __str__(self) -> str:
        return f"{self.title}, version {self.number}"

    def audit_ref(self) -> Ref:
        return Ref("employees.policyversion", str(self.pk), str(self))

    @staticmethod
    def digest_of(text: str) -> str:
        return sha256(text.encode()).hexdigest()


class Acknowledgement(models.Model):
    """A person has read a version and said so."""

    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="acknowledgements")
    person = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="acknowledgements")
    at = models.DateTimeField()

    class Meta:
        ordering = ("-at", "-pk")
        constraints = (models.UniqueConstraint(fields=("version", "person"), name="acknowledged_once"),)

    def __str__(self) -> str:
        return f"{self.person}, version {self.version_id}"


guards.guard("employees_policyversion", "id")
guards.guard("employees_acknowledgement", "id")
