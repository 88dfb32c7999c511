"""Requests and what became of them.

Policy, Administrative Policy, first bullet: establishment and use of every account are subject to approval by the
Director of Public Information and Community Engagement. The department's endorsement before it is the City's addition.
"""

from __future__ import annotations

import hashlib
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import PURPOSES, Account, Platform
from approvals.reminding import Reminder
from approvals.transitions import CLAIMING, CLOSED, OPEN, Act, Status
from audit import canonical, guards
from audit.ledger import Ref
from audit.states import StateField, Stateful
from employees import authority
from employees.models import Appointment, Department, Employee


class RequestQuerySet(models.QuerySet["Request"]):
    def open(self) -> Self:
        """Drafts, and what awaits an act of its requester or of a director."""
        return self.filter(status__in=OPEN)

    def closed(self) -> Self:
        return self.filter(status__in=CLOSED)

    def visible_to(self, person: Employee) -> Self:
        """Own ones and those of the departments one speaks for; all for officers and staff roles."""
        if authority.sees_everything(person):
            return self
        return self.filter(Q(created_by=person) | Q(department__in=authority.departments_of(person)))

    def whole(self) -> Self:
        """With everything that a line or a page about a request names, in one query."""
        return self.select_related("platform", "department", "created_by", "poster", "backup", "account")


class Request(Stateful):
    """A department asks for something that needs approval. What is asked depends on `kind`.

    A draft may be incomplete; `key` is the canonical form of the handle, empty while there is none.
    """

    class Kind(models.TextChoices):
        NEW_ACCOUNT = "new_account", _("New account")

    number = models.CharField(max_length=12, unique=True)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.NEW_ACCOUNT)
    status = StateField(max_length=20, choices=Status, default=Status.DRAFT)
    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, null=True, related_name="requests")
    handle = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=300, blank=True)
    name = models.CharField(max_length=200, blank=True)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="requests")
    purposes = models.JSONField(default=list)
    audience = models.CharField(max_length=300, blank=True)
    justification = models.TextField(blank=True)
    poster = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    backup = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    login_email = models.EmailField(blank=True)
    access_until = models.DateField(null=True)
    created_by = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="requests")
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    status_since = models.DateTimeField()
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="requests")

    objects = RequestQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("platform", "key"),
                condition=Q(status__in=CLAIMING) & ~Q(key=""),
                name="one_open_request_a_handle",
            ),
        )
        indexes = (
            models.Index(fields=("status", "status_since"), name="request_by_status"),
            models.Index(fields=("department", "status"), name="request_of_department"),
        )

    def __str__(self) -> str:
        return f"Request {self.number}"

    @property
    def shown_handle(self) -> str:
        """The handle as people write it on the platform, else the proposed name."""
        from accounts import canonical as handles

        shown = handles.shown(self.platform.slug, self.handle) if self.platform and self.handle else ""
        return shown or self.name or str(_("An account not named yet"))

    @property
    def display(self) -> str:
        """`@handle on Instagram`: the request's headline."""
        if self.platform is None:
            return self.shown_handle
        return _("%(handle)s on %(platform)s") % {
            "handle": self.shown_handle,
            "platform": self.platform.label,
        }

    @property
    def purpose_labels(self) -> list[str]:
        return [str(label) for code, label in PURPOSES if code in self.purposes]

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def is_closed(self) -> bool:
        return self.status in CLOSED

    def asked(self) -> dict[str, Any]:
        """What is asked, as plain data: what is endorsed and decided upon, and nothing else."""
        return {
            "kind": self.kind,
            "platform": self.platform_id,
            "key": self.key,
            "handle": self.handle,
            "name": self.name,
            "department": self.department_id,
            "purposes": sorted(self.purposes),
            "audience": self.audience,
            "justification": self.justification,
            "poster": self.poster_id,
            "backup": self.backup_id,
            "login_email": self.login_email,
            "access_until": self.access_until,
        }

    def content_hash(self) -> str:
        """SHA-256 of what is asked, as canonical JSON, in hexadecimal."""
        return hashlib.sha256(canonical.line(self.asked()).encode()).hexdigest()

    def get_absolute_url(self) -> str:
        return reverse("approvals:request", args=[self.number])

    def audit_ref(self) -> Ref:
        return Ref("approvals.request", str(self.pk), f"Request {self.number}, {self.display}")


class Series(models.Model):
    """The last number given in a year. Its row's lock makes numbers unique and without gaps."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "series"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.year}-{self.last:04d}"


class Decision(models.Model):
    """One act on a request: by whom, in which capacity, on which content. The database refuses any change.

    `person` is empty for what the system does. `reasons` are codes of `approvals.reasons`; `text` is free.
    """

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="decisions")
    act = models.CharField(max_length=10, choices=Act)
    before = models.CharField(max_length=20, choices=Status)
    after = models.CharField(max_length=20, choices=Status)
    person = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="decisions")
    capacity = models.CharField(max_length=400, blank=True)
    capacity_kind = models.CharField(max_length=20, blank=True)
    acting = models.BooleanField(default=False)
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, null=True, related_name="+")
    reasons = models.JSONField(default=list)
    text = models.TextField(blank=True)
    content_hash = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "pk")
        default_permissions = ()
        indexes = (models.Index(fields=("person", "act", "request"), name="decision_of_person"),)

    def __str__(self) -> str:
        return f"{self.request}: {self.get_act_display()}"

    def audit_ref(self) -> Ref:
        return Ref("approvals.decision", str(self.pk), f"{self.request}, {self.act}")

    @property
    def reason_labels(self) -> list[str]:
        from approvals.reasons import labels

        return labels(self.reasons)


guards.guard(Decision._meta.db_table, "id")


class Comment(models.Model):
    """One contribution to the conversation. Its text never enters the ledger."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+")
    author_title = models.CharField(max_length=400, blank=True)
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "pk")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.author} on {self.request}"


def replayed() -> list[tuple[type[models.Model], tuple[str, ...]]]:
    """The models that the ledger must be able to rebuild, and by which columns: ids, dates and codes, no free text."""
    return [
        (
            Request,
            (
                *("number", "kind", "status", "platform_id", "handle", "key", "department_id", "purposes"),
                *("poster_id", "backup_id", "access_until", "created_by_id", "created_at"),
                *("submitted_at", "status_since", "account_id"),
            ),
        ),
        (
            Decision,
            (
                *("request_id", "act", "before", "after", "person_id", "capacity", "capacity_kind", "acting"),
                *("appointment_id", "reasons", "content_hash", "at"),
            ),
        ),
        (Reminder, ("request_id", "kind", "since", "at")),
    ]
