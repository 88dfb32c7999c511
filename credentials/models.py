"""The vault and custody: what is sealed, who holds access on what ground, and who knows which version.

Policy, Administrative Policy, third bullet: the login and password are shared and kept up to date with the Director of
Public Information, the Director of Information Technology and the Department Director or designees.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from guardian.models import UserObjectPermissionBase

from accounts.models import Account
from audit import clock
from audit.ledger import Ref
from audit.states import StateField, Stateful
from employees.models import Employee


class Credential(models.Model):
    """The owner login of an account. The login name is plain; all that opens it lies in secret items."""

    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="credential")
    login = models.CharField(max_length=254, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        permissions = (("reveal_credential", _("May reveal the secrets of this credential")),)

    def __str__(self) -> str:
        return str(self.account)

    def audit_ref(self) -> Ref:
        return Ref("credentials.credential", str(self.pk), self.account.display)


class CredentialUserObjectPermission(UserObjectPermissionBase):
    """guardian's row for one person and one credential: the projection of custody of the shared login."""

    content_object = models.ForeignKey(Credential, on_delete=models.CASCADE)


class SecretItem(models.Model):
    """One secret of a credential, versioned for itself."""

    class Kind(models.TextChoices):
        PASSWORD = "password", _("Password")
        TOTP_SEED = "totp_seed", _("Seed of the one-time codes")
        RECOVERY_CODES = "recovery_codes", _("Recovery codes")
        SECURITY_ANSWERS = "security_answers", _("Security answers")

    credential = models.ForeignKey(Credential, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(max_length=20, choices=Kind)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("credential", "kind"), name="one_item_of_a_kind"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.credential}"


class SecretVersion(Stateful):
    """One value of a secret item, sealed. The id is made before sealing, because the token is bound to it.

    `current_from` and `current_until` bound when the platform accepted it as far as the vault knows.
    """

    class State(models.TextChoices):
        STAGED = "staged", _("Staged")
        CURRENT = "current", _("Current")
        PREVIOUS = "previous", _("Previous")
        RETIRED = "retired", _("Retired")
        ABANDONED = "abandoned", _("Abandoned")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(SecretItem, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = StateField(max_length=10, choices=State)
    token = models.BinaryField()
    key_id = models.CharField(max_length=16)
    created_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    current_from = models.DateTimeField(null=True)
    current_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ("item", "number")
        constraints = (
            models.UniqueConstraint(fields=("item", "number"), name="version_number_once"),
            models.UniqueConstraint(
                fields=("item",), condition=Q(state="current"), name="one_current_version"
            ),
            models.UniqueConstraint(fields=("item",), condition=Q(state="staged"), name="one_staged_version"),
        )

    def __str__(self) -> str:
        return f"version {self.number}"


class Rotation(Stateful):
    """The replacing of a current version, step by step. One open rotation per item, held by the database."""

    class State(models.TextChoices):
        STAGED = "staged", _("New password made")
        SHOWN = "shown", _("New password shown")
        CLAIMED = "claimed", _("Said to be changed on the platform")
        VERIFIED = "verified", _("Verified")
        CANCELLED = "cancelled", _("Cancelled")

    OPEN = (State.STAGED, State.SHOWN, State.CLAIMED)

    item = models.ForeignKey(SecretItem, on_delete=models.PROTECT, related_name="rotations")
    version = models.OneToOneField(SecretVersion, on_delete=models.PROTECT, related_name="rotation")
    state = StateField(max_length=10, choices=State)
    reason = models.CharField(max_length=300, blank=True)
    started_by = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    claimed_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    claimed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-started_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("item",),
                condition=Q(state__in=("staged", "shown", "claimed")),
                name="one_open_rotation",
            ),
        )

    def __str__(self) -> str:
        return f"rotation to {self.version}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


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


class Knowledge(models.Model):
    """A person came to know a version: one row each time it was shown, set or told. Never ends for that version."""

    class How(models.TextChoices):
        REVEAL = "reveal", _("revealed it")
        SET = "set", _("set it")
        ROTATION = "rotation", _("saw it while rotating")
        TOLD = "told", _("was told")

    version = models.ForeignKey(SecretVersion, on_delete=models.PROTECT, related_name="knowledge")
    person = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="knowledge")
    how = models.CharField(max_length=10, choices=How)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("at", "pk")
        verbose_name_plural = "knowledge"
        indexes = (models.Index(fields=("person", "version"), name="knowledge_of_person"),)

    def __str__(self) -> str:
        return f"{self.person} {self.get_how_display()}"


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
        """A platform role that was given, has ended here, and whose removal there nobody has confirmed."""
        return (
            self.closed_at is not None
            and self.channel == self.Channel.PLATFORM_ROLE
            and self.present_confirmed_at is not None
            and self.removal_confirmed_at is None
        )

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


def replayed() -> list[tuple[type[models.Model], tuple[str, ...]]]:
    """The models that the ledger must be able to rebuild, and by which columns. Of a version, never its content."""
    columns: dict[type[models.Model], Any] = {
        SecretVersion: (
            "item_id",
            "number",
            "state",
            "key_id",
            "created_by_id",
            "current_from",
            "current_until",
        ),
        Rotation: ("item_id", "version_id", "state", "started_by_id", "started_at", "closed_at"),
        RotationReport: ("version_id", "reported_by_id", "at"),
        Knowledge: ("version_id", "person_id", "how", "at", "recorded_at"),
        Custody: (
            "account_id",
            "person_id",
            "channel",
            "platform_role",
            "opened_at",
            "opened_by_id",
            "closed_at",
            "closed_by_id",
            "end_reason",
            "present_confirmed_at",
            "removal_confirmed_at",
        ),
        Grant: ("account_id", "person_id", "request_id", "start", "end", "given_at", "ended_at"),
        Ground: (
            "custody_id",
            "kind",
            "source_id",
            "authority",
            "effective_from",
            "effective_until",
            "opened_at",
            "closed_at",
            "end_reason",
        ),
    }
    return list(columns.items())
