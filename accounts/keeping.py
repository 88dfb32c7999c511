"""What an account's holders keep up: how its profile presents itself, and what it joined or follows.

Policy, Administrative Policy, second, fifth and seventh bullet. Rows are written by `accounts.profiles` and
`accounts.affiliations`.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit import guards
from audit.ledger import Ref
from employees.models import Employee


class ProfileReview(models.Model):
    """One look at a profile, item by item: before an account becomes public, and every year after."""

    class Kind(models.TextChoices):
        SET_UP = "set_up", _("Before it becomes public")
        YEARLY = "yearly", _("Yearly review")

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="profile_reviews")
    kind = models.CharField(max_length=6, choices=Kind)
    opened_at = models.DateTimeField()
    due = models.DateField(null=True)
    completed_at = models.DateTimeField(null=True)
    completed_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-pk",)
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("account",), condition=Q(completed_at=None), name="one_open_profile_review"
            ),
        )
        indexes = (models.Index(fields=("account", "completed_at"), name="profile_review_done"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.opened_at:%Y-%m-%d}"

    def audit_ref(self) -> Ref:
        return Ref("accounts.profilereview", str(self.pk), f"{self.account.display}: {self.kind}")


class ProfileFinding(models.Model):
    """What somebody saw of one item. A later row for the same item counts; none is changed."""

    class Answer(models.TextChoices):
        YES = "yes", _("Yes")
        NO = "no", _("Not yet")
        NOT_POSSIBLE = "not_possible", _("Not possible there")

    review = models.ForeignKey(ProfileReview, on_delete=models.PROTECT, related_name="findings")
    item = models.CharField(max_length=20)
    answer = models.CharField(max_length=12, choices=Answer)
    reason = models.CharField(max_length=400, blank=True)
    person = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.item}: {self.answer}"


class Affiliation(models.Model):
    """A group that an account joined or a page that it follows as the City, with the City's purpose.

    No request is needed; the PI Director may order it undone, and a holder says when it is.
    """

    class Kind(models.TextChoices):
        GROUP = "group", _("Joined a group")
        PAGE = "page", _("Follows a page")

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="affiliations")
    kind = models.CharField(max_length=5, choices=Kind)
    name = models.CharField(max_length=200)
    url = models.URLField(max_length=500)
    purpose = models.CharField(max_length=400)
    recorded_by = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    seen_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    seen_at = models.DateTimeField(null=True)
    ordered_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    ordered_at = models.DateTimeField(null=True)
    order_reason = models.CharField(max_length=400, blank=True)
    undone_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-recorded_at", "-pk")
        default_permissions = ()
        indexes = (
            models.Index(fields=("recorded_at",), name="affiliation_by_day"),
            models.Index(fields=("account",), condition=Q(undone_at=None), name="affiliation_standing"),
        )

    def __str__(self) -> str:
        return self.name

    def audit_ref(self) -> Ref:
        return Ref("accounts.affiliation", str(self.pk), f"{self.account.display}: {self.name}")

    @property
    def awaits_undoing(self) -> bool:
        """Ordered undone, and nobody has said yet that it is."""
        return self.ordered_at is not None and self.undone_at is None


guards.guard("accounts_profilefinding", "id")


def replayed() -> list[tuple[type[models.Model], tuple[str, ...]]]:
    """As `accounts.models.replayed`."""
    return [
        (ProfileReview, ("account_id", "kind", "opened_at", "due", "completed_at", "completed_by_id")),
        (ProfileFinding, ("review_id", "item", "answer", "person_id", "at")),
        (
            Affiliation,
            (
                *("account_id", "kind", "name", "url", "recorded_by_id", "recorded_at"),
                *("ordered_by_id", "ordered_at", "undone_by_id", "undone_at"),
            ),
        ),
    ]
