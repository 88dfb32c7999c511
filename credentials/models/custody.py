"""Who holds access to which account, through which channel, on what ground.

Policy, Administrative Policy, first bullet: every account is administered by the two city-wide directors and the
Department Director or designees.
"""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from audit import clock
from audit.ledger import Ref
from employees.models import Employee


class GroundQuerySet(models.QuerySet["Ground"]):
    def in_force(self, at: datetime | None = None) -> Self:
        """Grounds that entitle at `at` (now by default), as recorded by then."""
        moment = at or clock.now()
        return self.filter(
            Q(effective_until=None) | Q(effective_until__gt=moment),
            Q(closed_at=None) | Q(closed_at__gt=moment),
            opened_at__lte=moment,
            effective_from__lte=moment,
        )


class CustodyQuerySet(models.QuerySet["Custody"]):
    def standing(self) -> Self:
        """Rows not closed: what guardian's permissions mirror, including those to come and those run out."""
        return self.filter(closed_at=None)

    def still_present(self) -> Self:
        """Platform roles that ended here, whose removal there nobody has confirmed.

        Also where nobody had confirmed the role: who was to have it may well be there. Only an account that was still
        being set up gave it to nobody who was not seen. Who holds a role there again is rightly there.
        """
        again = Custody.objects.filter(
            account=OuterRef("account"),
            person=OuterRef("person"),
            channel=OuterRef("channel"),
            closed_at=None,
        )
        return self.filter(
            Q(present_confirmed_at__isnull=False) | ~Q(account__state=Account.State.PROVISIONING),
            ~Exists(again),
            channel=Custody.Channel.PLATFORM_ROLE,
            closed_at__isnull=False,
            removal_confirmed_at=None,
        )

    def last_of_each(self) -> Self:
        """Of several roles that one person had on one account and that ended, the last: one look settles all."""
        later = Custody.objects.still_present().filter(
            Q(closed_at__gt=OuterRef("closed_at"))
            | Q(closed_at=OuterRef("closed_at"), pk__gt=OuterRef("pk")),
            account=OuterRef("account"),
            person=OuterRef("person"),
            channel=OuterRef("channel"),
        )
        return self.filter(~Exists(later))

    def in_force(self, at: datetime | None = None) -> Self:
        """Custodies with a ground in force at `at` (now by default)."""
        grounds = Ground.objects.in_force(at).filter(custody=OuterRef("pk"))
        return self.filter(Exists(grounds))


class Custody(models.Model):
    """A person holds access to an account through one channel, until the last ground ends."""

    class Channel(models.TextChoices):
        SHARED_LOGIN = "shared_login", _("Shared login")
        PLATFORM_ROLE = "platform_role", _("Role on the platform")

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="custodies")
    person = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="custodies")
    channel = models.CharField(max_length=14, choices=Channel)
    platform_role = models.CharField(max_length=60, blank=True)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    end_reason = models.CharField(max_length=200, blank=True)
    present_confirmed_at = models.DateTimeField(null=True)
    present_confirmed_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    removal_confirmed_at = models.DateTimeField(null=True)
    removal_confirmed_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")

    objects = CustodyQuerySet.as_manager()

    class Meta:
        ordering = ("account", "opened_at", "pk")
        verbose_name_plural = "custodies"
        constraints = (
            models.UniqueConstraint(
                fields=("account", "person", "channel"),
                condition=Q(closed_at=None),
                name="one_open_custody_a_channel",
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} holds {self.account}"

    @property
    def still_present(self) -> bool:
        """A platform role that has ended here, and whose removal there nobody has confirmed (see the queryset's)."""
        return (
            self.closed_at is not None
            and self.channel == self.Channel.PLATFORM_ROLE
            and self.removal_confirmed_at is None
            and self.leaves_traces
        )

    @property
    def leaves_traces(self) -> bool:
        """Whether a platform role may be there: it was seen, or the account was at work."""
        return self.present_confirmed_at is not None or self.account.state != Account.State.PROVISIONING

    def audit_ref(self) -> Ref:
        return Ref("credentials.custody", str(self.pk), f"{self.person.name} holds {self.account.display}")


class Grant(models.Model):
    """What an approved request gave one person: access to one account from a day to a day."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="grants")
    person = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="grants")
    request_id = models.CharField(max_length=40)
    request_text = models.CharField(max_length=200)
    start = models.DateField()
    end = models.DateField(null=True)
    given_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    given_at = models.DateTimeField()
    ended_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("given_at", "pk")

    def __str__(self) -> str:
        return f"{self.request_text}: {self.person}"

    def audit_ref(self) -> Ref:
        return Ref("credentials.grant", str(self.pk), f"{self.person.name}, {self.request_text}")


class Ground(models.Model):
    """What entitles to a custody. Its dates never change: a change closes it and opens another."""

    class Kind(models.TextChoices):
        APPOINTMENT = "appointment", _("Appointment")
        ACTING = "acting", _("Acting appointment")
        DESIGNATION = "designation", _("Designation")
        REQUEST = "request", _("Approved request")

    custody = models.ForeignKey(Custody, on_delete=models.PROTECT, related_name="grounds")
    kind = models.CharField(max_length=12, choices=Kind)
    source_id = models.CharField(max_length=40)
    authority = models.TextField()
    effective_from = models.DateTimeField()
    effective_until = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=200, blank=True)

    objects = GroundQuerySet.as_manager()

    class Meta:
        ordering = ("opened_at", "pk")
        indexes = (models.Index(fields=("custody", "closed_at"), name="ground_of_custody"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.authority}"
