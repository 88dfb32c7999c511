"""What else of an account is sealed or recorded: notes, used recovery codes, stale copies, and every way into it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from audit.ledger import Ref
from credentials.models.vault import Credential, Sealed, SecretItem, SecretVersion
from employees.models import Employee


class SealedNote(Sealed):
    """The notes of a credential, sealed without versions: what is written over is gone."""

    credential = models.OneToOneField(Credential, on_delete=models.PROTECT, related_name="note")
    changed_by = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"notes of {self.credential}"


class DigestKey(Sealed):
    """The key of the digests that tell whether a password was used before. Made at random, sealed like a secret."""

    only = models.BooleanField(default=True, editable=False, unique=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(only=True), name="one_digest_key"),)

    def __str__(self) -> str:
        return "the key of digests"


class RecoveryCodeUse(models.Model):
    """A recovery code was handed out: each one once."""

    version = models.ForeignKey(SecretVersion, on_delete=models.PROTECT, related_name="code_uses")
    position = models.PositiveSmallIntegerField()
    used_by = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+")
    used_at = models.DateTimeField()

    class Meta:
        ordering = ("version", "position")
        constraints = (models.UniqueConstraint(fields=("version", "position"), name="recovery_code_once"),)

    def __str__(self) -> str:
        return f"code {self.position}"


class StaleCopy(models.Model):
    """Somebody changed a secret on the platform and the vault doesn't have the new one yet.

    One after another may: whoever did, knows what it was set to.
    """

    item = models.ForeignKey(SecretItem, on_delete=models.PROTECT, related_name="stale")
    reason = models.CharField(max_length=300)
    reported_by = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("reported_at",)
        verbose_name_plural = "stale copies"
        constraints = (
            models.UniqueConstraint(
                fields=("item", "reported_by"), condition=Q(settled_at=None), name="said_stale_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.item} is stale"


class WayInQuerySet(models.QuerySet["WayIn"]):
    """Reads of ways in."""

    def standing(self) -> WayInQuerySet:
        """Those that have not been taken off the account."""
        return self.filter(ended_at=None)


class WayIn(models.Model):
    """Something other than the secrets of the vault that opens the account, or gets it back.

    `detail` says which: the address, the number, the name of the app or portfolio. `holder` is the person in whose
    hands it is; a shared mailbox or a company account has none. `personal`: it is the holder's own and not the City's.
    """

    class Kind(models.TextChoices):
        RECOVERY_MAILBOX = "recovery_mailbox", _("Recovery mailbox")
        RECOVERY_PHONE = "recovery_phone", _("Recovery phone")
        PASSKEY = "passkey", _("Passkey")
        SECURITY_KEY = "security_key", _("Security key")
        CONNECTED_APP = "connected_app", _("Connected app")
        CARRIER = "carrier", _("Portfolio or company account that carries it")

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="ways_in")
    kind = models.CharField(max_length=20, choices=Kind)
    detail = models.CharField(max_length=200)
    holder = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="ways_in")
    personal = models.BooleanField(default=False)
    since = models.DateField()
    recorded_by = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    ended_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    objects = WayInQuerySet.as_manager()

    class Meta:
        ordering = ("kind", "since", "pk")
        verbose_name_plural = "ways in"
        indexes = (models.Index(fields=("holder", "ended_at"), name="way_in_of_holder"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.account}"

    def audit_ref(self) -> Ref:
        return Ref("credentials.wayin", str(self.pk), f"{self.get_kind_display()} of {self.account.display}")
