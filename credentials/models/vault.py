"""What is sealed: credentials, their secret items and versions, rotations, and who knows which version.

Policy, Administrative Policy, third bullet: the login and password are shared and kept up to date with the Director of
Public Information, the Director of Information Technology and the Department Director or designees.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from guardian.models import UserObjectPermissionBase

from accounts.models import Account
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


class Sealed(models.Model):
    """A row whose content is sealed. The id is made before sealing, because the token is bound to it.

    `seal_counter` is sealed in, too, and grows with every sealing of the row; the ledger tells of each after the
    first, so that a token that was replaced does not open again (see `credentials.seals`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token = models.BinaryField()
    key_id = models.CharField(max_length=16)
    seal_counter = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True


class SecretVersion(Sealed, Stateful):
    """One value of a secret item, sealed.

    `current_from` and `current_until` bound when the platform accepted it as far as the vault knows. `digest` is keyed
    and tells that a password was used before; `mistyped_for` is the version that put a mistyped one right; `pieces` is
    how many recovery codes it holds.
    """

    class State(models.TextChoices):
        STAGED = "staged", _("Staged")
        CURRENT = "current", _("Current")
        PREVIOUS = "previous", _("Previous")
        RETIRED = "retired", _("Retired")
        ABANDONED = "abandoned", _("Abandoned")

    # Indexes of its own would be written with every sealing; `version_number_once` serves the item.
    item = models.ForeignKey(SecretItem, on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    state = StateField(max_length=10, choices=State)
    digest = models.CharField(max_length=64, blank=True)
    pieces = models.PositiveSmallIntegerField(default=1)
    mistyped_for = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="puts_right"
    )
    created_by = models.ForeignKey(
        Employee, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
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
        # Not `db_index`: PostgreSQL would get a second one for LIKE, and every sealing would pay for it.
        indexes = (models.Index(fields=("digest",), name="version_of_digest", condition=~Q(digest="")),)

    def __str__(self) -> str:
        return f"version {self.number}"


class Knowledge(models.Model):
    """A person came to know a version: one row each time it was shown, set or told. Never ends for that version."""

    class How(models.TextChoices):
        REVEAL = "reveal", _("revealed it")
        SET = "set", _("set it")
        ROTATION = "rotation", _("saw it while rotating")
        VERIFIED = "verified", _("signed in with it to verify it")
        TOLD = "told", _("was told")
        EMERGENCY = "emergency", _("opened it in an emergency")
        CARRIED = "carried", _("knew it by an earlier version")
        CARRIED_IT = "carried_it", _("knew it by an earlier version")

    CARRIED_OVER = (How.CARRIED, How.CARRIED_IT)
    """Not opened under this number: the same password again, or one that puts a mistyped one right."""

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
