"""The registry: platforms with their capability, and the City's official accounts on them."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast, Concat, Upper
from django.utils.translation import gettext_lazy as _

from accounts import keeping, resemblance
from accounts.keeping import Affiliation as Affiliation
from accounts.keeping import ProfileFinding as ProfileFinding
from accounts.keeping import ProfileReview as ProfileReview
from audit import clock
from audit.ledger import Ref
from audit.states import StateField, Stateful
from employees.models import Department, Designation, Employee


class Platform(models.Model):
    """A social network, and how its addresses, handles and passwords look.

    `hosts` are exact host names, the first canonical; for a federated platform they are empty and the host is part of
    the handle. `password_rules` are `min`, `max` (characters) and `symbols`. Rows are shipped from the catalogue.
    """

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    label = models.CharField(max_length=60, help_text=_("As pages write it: “X (Twitter)”."))
    aliases = models.JSONField(default=list)
    hosts = models.JSONField(default=list)
    federated = models.BooleanField(default=False)
    case_sensitive = models.BooleanField(default=False)
    handle_pattern = models.TextField()
    password_rules = models.JSONField(default=dict)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.label

    def audit_ref(self) -> Ref:
        return Ref("accounts.platform", str(self.pk), self.name)


class Capability(models.Model):
    """What a platform offers from a date on: an owner login that someone must hold, and roles given to people.

    `roles` is a list of `{"name": str, "full_control": bool, "may_grant": bool}`.
    """

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="capabilities")
    since = models.DateField()
    owner_login = models.BooleanField()
    roles = models.JSONField(default=list)

    class Meta:
        ordering = ("platform", "since")
        verbose_name_plural = "capabilities"
        constraints = (models.UniqueConstraint(fields=("platform", "since"), name="one_capability_a_day"),)

    def __str__(self) -> str:
        return f"{self.platform.name} since {self.since}"


class AccountQuerySet(models.QuerySet["Account"]):
    def live(self) -> Self:
        """Not retired: somebody must hold them."""
        return self.exclude(state=Account.State.RETIRED)

    def to_adopt(self) -> Self:
        """Imported, in use, and no department has answered for them by an approved request."""
        return self.live().filter(origin=Account.Origin.IMPORT, adopted_at=None)

    def public(self) -> Self:
        """What a resident may see: active, and attested or come through approval."""
        return self.filter(state=Account.State.ACTIVE).filter(
            Q(attested_at__isnull=False) | Q(origin=Account.Origin.REQUEST)
        )

    def once_public(self) -> Self:
        """Those that are or were official in public: attested, or approved and set up. No drafts."""
        return self.filter(
            Q(attested_at__isnull=False) | Q(origin=Account.Origin.REQUEST, activated_at__isnull=False)
        )

    def with_topics(self) -> Self:
        """Lets `purposes_text` be asked for: JSON's own lookups are not on every database."""
        return self.annotate(purposes_text=Cast("purposes", models.TextField()))


class AccountManager(models.Manager["Account"]):
    """Leaves out the column that exists for searching alone: it repeats what the others say."""

    def get_queryset(self) -> AccountQuerySet:
        return AccountQuerySet(self.model, using=self._db).defer("searchable")


class Account(Stateful):
    """One official presence of the City on a platform. `key` is the canonical form that decides sameness."""

    class State(models.TextChoices):
        PROVISIONING = "provisioning", _("Being set up")
        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")
        RETIRED = "retired", _("Retired")

    class Origin(models.TextChoices):
        IMPORT = "import", _("Imported")
        REQUEST = "request", _("Approved request")

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="accounts")
    handle = models.CharField(max_length=200)
    key = models.CharField(max_length=300, editable=False)
    url = models.URLField(max_length=500)
    platform_account_id = models.CharField(max_length=100, blank=True)
    name = models.CharField(max_length=200)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="accounts")
    also_for = models.ManyToManyField(Department, blank=True, related_name="also_accounts")
    short_description = models.CharField(max_length=1000, blank=True)
    long_description = models.TextField(blank=True)
    language = models.CharField(max_length=60, blank=True)
    contacts = models.JSONField(default=list, blank=True)
    notes = models.TextField(blank=True)
    tags = models.JSONField(default=list, blank=True)
    purposes = models.JSONField(default=list, blank=True)
    audience = models.CharField(max_length=300, blank=True)
    opened_on = models.DateField(null=True, blank=True)
    state = StateField(max_length=12, choices=State)
    origin = models.CharField(max_length=8, choices=Origin)
    request_text = models.CharField(max_length=60, blank=True, help_text=_("Number of the approved request."))
    attested_at = models.DateTimeField(null=True, blank=True)
    attested_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    activated_at = models.DateTimeField(null=True, blank=True)
    adopted_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    listed_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the registry that it was imported from took it in.")
    )
    changed_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When its public description changed last.")
    )
    searchable = models.GeneratedField(
        expression=Upper(
            Concat(
                *(
                    "name",
                    Value(" "),
                    "handle",
                    Value(" "),
                    "short_description",
                    Value(" "),
                    "long_description",
                ),
                *(Value(" "), Cast("tags", models.TextField())),
                output_field=models.TextField(),
            )
        ),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = AccountManager.from_queryset(AccountQuerySet)()

    class Meta:
        ordering = ("name", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("platform", "key"), condition=~Q(state="retired"), name="one_live_account_a_handle"
            ),
            models.UniqueConstraint(
                fields=("platform", "platform_account_id"),
                condition=~Q(state="retired") & ~Q(platform_account_id=""),
                name="one_live_account_a_platform_id",
            ),
        )
        indexes = (
            models.Index(fields=("state", "department"), name="account_by_department"),
            models.Index(fields=("platform", "key"), name="account_by_key"),
        )

    def __str__(self) -> str:
        return self.display

    @property
    def display(self) -> str:
        """`@handle on X`: how pages and entries call it."""
        return f"{self.shown_handle} on {self.platform.name}"

    @property
    def shown_handle(self) -> str:
        """The handle as people write it, with `@` where the platform has it; the name where it has no handle."""
        from accounts import canonical

        return canonical.shown(self.platform.slug, self.handle) or self.name

    @property
    def official_since(self) -> date | None:
        """The day from which it counts as the City's: when it was opened, else when it was attested or activated."""
        moment = self.attested_at or self.activated_at
        return self.opened_on or (clock.day_of(moment) if moment else None)

    @property
    def shown_address(self) -> str:
        """The address as an app's address bar shows it."""
        return self.url.removeprefix("https://").removeprefix("www.")

    @property
    def awaits_adoption(self) -> bool:
        """Imported, and its department has not answered for it by an approved request yet."""
        return self.origin == self.Origin.IMPORT and not self.adopted_at and self.state != self.State.RETIRED

    @property
    def awaits_attestation(self) -> bool:
        """Imported, and the PI Director has not said yet that it is the City's."""
        return self.state == self.State.ACTIVE and self.origin == self.Origin.IMPORT and not self.attested_at

    @property
    def reference(self) -> str:
        """`platform:handle`, as commands take it."""
        return f"{self.platform.slug}:{self.handle}"

    def audit_ref(self) -> Ref:
        return Ref("accounts.account", str(self.pk), self.display)


class SkeletonField(models.CharField):  # type: ignore[type-arg]
    """What a handle looks like at a glance: worked out whenever the row is written, by whichever way."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        assert isinstance(model_instance, Handle)
        value = resemblance.word_of(model_instance.account.platform.slug, model_instance.handle)
        setattr(model_instance, self.attname, value)
        return value


class Handle(models.Model):
    """A handle that an account bears or bore, from a date to a date."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="handles")
    handle = models.CharField(max_length=200)
    key = models.CharField(max_length=300)
    skeleton = SkeletonField(max_length=200, editable=False, default="")
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("account", "since", "pk")
        indexes = (
            models.Index(fields=("key",), name="handle_by_key"),
            models.Index(fields=("skeleton",), name="handle_by_skeleton"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(until=None) | Q(since=None) | Q(until__gte=F("since")), name="handle_until_after"
            ),
        )

    def __str__(self) -> str:
        return self.handle

    @property
    def shown(self) -> str:
        """The handle as people write it, or as the platform numbers it."""
        return self.shown_at(self.account)

    def shown_at(self, account: Account) -> str:
        """As `shown`, where the account is at hand with its platform."""
        from accounts import canonical

        return canonical.shown(account.platform.slug, self.handle) or self.handle


class DesignatedAccount(models.Model):
    """An account that a designation names; designations for the whole department have none."""

    designation = models.ForeignKey(Designation, on_delete=models.PROTECT, related_name="named_accounts")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="named_in")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("designation", "account"), name="account_named_once"),)

    def __str__(self) -> str:
        return f"{self.designation}: {self.account}"


from accounts.strangers import ImpostorReport as ImpostorReport  # noqa: E402
from accounts.strangers import Neighbour as Neighbour  # noqa: E402

PURPOSES: tuple[tuple[str, Any], ...] = (
    ("announcements", _("Announcements of the City")),
    ("events", _("Community events")),
    ("visitors", _("Information for visitors")),
    ("photos", _("Photos")),
    ("jobs", _("Job opportunities")),
    ("news", _("Municipal news")),
    ("residents", _("Information and resources for residents")),
    ("engagement", _("Engaging with citizens where they are")),
)
"""What the City uses social media for (policy, Overview, third paragraph)."""


def replayed() -> list[tuple[type[models.Model], tuple[str, ...]]]:
    """The models that the ledger must be able to rebuild, and by which columns."""
    return [
        (Capability, ("platform_id", "since", "owner_login", "roles")),
        (
            Account,
            (
                *(
                    "platform_id",
                    "handle",
                    "key",
                    "url",
                    "platform_account_id",
                    "department_id",
                    "state",
                    "origin",
                ),
                *("request_text", "attested_at", "attested_by_id", "activated_at", "adopted_at"),
                "created_at",
            ),
        ),
        (Handle, ("account_id", "handle", "key", "since", "until")),
        (DesignatedAccount, ("designation_id", "account_id")),
        (
            Neighbour,
            ("platform_id", "handle", "key", "url", "owner", "added_by_id", "added_at", "removed_at"),
        ),
        (ImpostorReport, ("number", "platform_id", "received_at", "outcome", "decided_by_id", "decided_at")),
        *keeping.replayed(),
    ]
