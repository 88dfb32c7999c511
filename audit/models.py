from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Installation(models.Model):
    """The one row that says which installation this is. Sealed secrets are bound to its id."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    only = models.BooleanField(default=True, editable=False, unique=True)
    demonstration = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(only=True), name="one_installation"),)

    def __str__(self) -> str:
        return str(self.id)


class Entry(models.Model):
    """One line of the ledger. Rows are only ever added, by `audit.ledger`; the database refuses all else.

    People and things are text and ids without foreign keys, so that an entry outlives them.
    """

    index = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    verb = models.CharField(max_length=60)
    actor_id = models.CharField(max_length=40, blank=True)
    actor_text = models.CharField(max_length=200, blank=True)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=40)
    object_text = models.CharField(max_length=400)
    operation = models.UUIDField()
    canonical = models.TextField()
    leaf = models.BinaryField(max_length=32)

    class Meta:
        verbose_name_plural = "entries"
        ordering = ("index",)
        indexes = (
            models.Index(fields=("object_type", "object_id", "index"), name="entry_of_object"),
            models.Index(fields=("actor_id", "index"), name="entry_of_actor"),
            models.Index(fields=("verb", "index"), name="entry_of_verb"),
        )

    def __str__(self) -> str:
        return f"{self.index} {self.verb}"


class Checkpoint(models.Model):
    """A signed note of how many entries the ledger held and their root hash. Only ever added, as entries are."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    note = models.TextField()
    made_at = models.DateTimeField()
    occasion = models.CharField(max_length=60)

    class Meta:
        ordering = ("size",)

    def __str__(self) -> str:
        return f"{self.size} {bytes(self.root).hex()[:12]}"


class Subtree(models.Model):
    """The hash over 256, 65,536 … entries that stand for ever, so that the next root needs few of them.

    `place` is the level (8, 16, 24) times 2^48 and the subtree's number. Verification computes them anew.
    """

    place = models.BigIntegerField(primary_key=True)
    hash = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"level {self.place >> 48} number {self.place & ((1 << 48) - 1)}"


class SecurityEvent(models.Model):
    """How often somebody failed to come in, by hour: counted, and thrown away in time.

    `about` is a person's type and id where the account is known, else a keyed hash of what was typed; never a name.
    Both `about` and `address` are empty in the row that takes what is beyond the bound on rows.
    """

    class Kind(models.TextChoices):
        SIGN_IN_KNOWN = "sign_in_known", _("Failed sign-in of a person who works here")
        SIGN_IN_UNKNOWN = "sign_in_unknown", _("Failed sign-in of somebody unknown")
        WRONG_CODE = "wrong_code", _("Wrong or used code of a second factor")
        SINGLE_SIGN_ON = "single_sign_on", _("Single sign-on that led to nobody")
        STAFF_PAGE = "staff_page", _("Staff page without sign-in")
        FORBIDDEN = "forbidden", _("Refused without sign-in")
        DENIED_AGAIN = "denied_again", _("Signed-in person turned away again and again")

    hour = models.DateTimeField()
    kind = models.CharField(max_length=20, choices=Kind)
    about = models.CharField(max_length=64, blank=True)
    address = models.CharField(max_length=45, blank=True)
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ("-hour", "-count", "pk")
        constraints = (
            models.UniqueConstraint(fields=("hour", "kind", "about", "address"), name="one_count_an_hour"),
        )

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H} {self.kind} {self.count}"
