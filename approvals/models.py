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
from django.utils.translation import ngettext

from accounts.models import PURPOSES, Account, Platform
from approvals.kinds import ABOUT_ONE, CHANGES, Kind
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
        """Own ones and those of (or to) the departments one speaks for; all for officers and staff roles."""
        if authority.sees_everything(person):
            return self
        own = authority.departments_of(person)
        return self.filter(Q(created_by=person) | Q(department__in=own) | Q(to_department__in=own))

    def whole(self) -> Self:
        """With everything that a line or a page about a request names, in one query."""
        return self.select_related(
            *("platform", "department", "to_department", "created_by", "poster", "backup", "reviewer"),
            "account__platform",
        )


class Request(Stateful):
    """A department asks for something that needs approval. What is asked depends on `kind`.

    A draft may be incomplete; `key` is the canonical form of the handle, empty while there is none. `account` is what
    the request is about; for a new account, what came of it. `listed` are ids of the accounts to be adopted. `poster`
    is who would post, or who would get access. `reviewer` only marks who is on it.
    """

    Kind = Kind

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
    listed = models.JSONField(default=list)
    to_department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, related_name="incoming_requests"
    )
    created_by = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="requests")
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    status_since = models.DateTimeField()
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="requests")
    reviewer = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")

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
            models.UniqueConstraint(
                fields=("account",),
                condition=Q(status__in=CLAIMING, kind__in=CHANGES),
                name="one_open_change_an_account",
            ),
            models.UniqueConstraint(
                fields=("account", "poster"),
                condition=Q(status__in=CLAIMING, kind=Kind.ACCESS),
                name="one_open_access_a_person",
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
        """`@handle on Instagram`, and what is to become of it: the request's headline."""
        if self.kind == Kind.NEW_ACCOUNT:
            return self._named(self.shown_handle)
        if self.kind == Kind.ADOPT:
            return ngettext(
                "%(count)d imported account of %(department)s",
                "%(count)d imported accounts of %(department)s",
                len(self.listed),
            ) % {"count": len(self.listed), "department": self.department.name}
        about = self.account.display if self.account else str(_("An account not chosen yet"))
        more = {
            Kind.RENAME: (_("%(what)s to %(to)s"), self.shown_handle if self.handle else ""),
            Kind.TRANSFER: (_("%(what)s to %(to)s"), self.to_department.name if self.to_department else ""),
            Kind.ACCESS: (_("%(what)s for %(to)s"), self.poster.name if self.poster else ""),
        }
        text, to = more.get(Kind(self.kind), ("", ""))
        return text % {"what": about, "to": to} if to else about

    def _named(self, handle: str) -> str:
        if self.platform is None:
            return handle
        return _("%(handle)s on %(platform)s") % {"handle": handle, "platform": self.platform.label}

    @property
    def is_about_one(self) -> bool:
        """Whether it is about one account that is in the registry already."""
        return self.kind in ABOUT_ONE

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
            "account": self.account_id if self.is_about_one else None,
            "listed": sorted(self.listed),
            "to_department": self.to_department_id,
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

    `person` is empty for what the system does. `reasons` are codes of `approvals.reasons`; `text` is free and everybody
    on the request reads it, `note` is for officers alone. `mail_subject` and `mail_text` are exactly what was sent.
    `content` is what was decided upon, and `content_hash` its hash.
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
    note = models.TextField(blank=True)
    mail_subject = models.CharField(max_length=300, blank=True)
    mail_text = models.TextField(blank=True)
    content = models.JSONField(default=dict)
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


class Attachment(models.Model):
    """A file that somebody put beside a request. It is kept out of every served folder and downloaded by a view that
    asks who; only what it is, not what it holds, enters the ledger."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="attachments")
    author = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+")
    author_title = models.CharField(max_length=400, blank=True)
    name = models.CharField(max_length=200)
    stored = models.CharField(max_length=100)
    content_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "pk")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.name} on {self.request}"

    @property
    def kind_label(self) -> str:
        """PDF, PNG or JPEG."""
        return self.content_type.rpartition("/")[2].upper()


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
                *("submitted_at", "status_since", "account_id", "listed", "to_department_id", "reviewer_id"),
            ),
        ),
        (
            Decision,
            (
                *("request_id", "act", "before", "after", "person_id", "capacity", "capacity_kind", "acting"),
                *("appointment_id", "reasons", "content_hash", "at"),
            ),
        ),
        (Attachment, ("request_id", "author_id", "content_type", "size", "sha256", "at")),
        (Reminder, ("request_id", "kind", "since", "at")),
    ]
