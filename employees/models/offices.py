"""Offices, and the dated papers by which people hold seats and roles.

Policy, Administrative Policy, first bullet: who approves and who administers follows from offices, so offices are rows
with dated holders, never flags on a person.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit import clock
from audit.ledger import Ref
from employees.managers import InstrumentQuerySet
from employees.models.people import Department, Employee


class Office(models.Model):
    """A named seat. City-wide offices have no department; each department has one Department Director."""

    class Kind(models.TextChoices):
        PI_DIRECTOR = "pi_director", _("Director of Public Information and Community Engagement")
        IT_DIRECTOR = "it_director", _("Director of Information Technology")
        CITY_MANAGER = "city_manager", _("City Manager")
        DEPARTMENT_DIRECTOR = "department_director", _("Department Director")

    kind = models.CharField(max_length=20, choices=Kind)
    department = models.OneToOneField(
        Department, on_delete=models.PROTECT, null=True, blank=True, related_name="office"
    )

    class Meta:
        ordering = ("kind", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("kind",), condition=Q(department=None), name="one_city_office_of_a_kind"
            ),
            models.CheckConstraint(
                condition=Q(kind="department_director", department__isnull=False)
                | (~Q(kind="department_director") & Q(department=None)),
                name="department_director_has_department",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The full title, as it stands beside its holder's name."""
        if self.department is not None:
            title = f"Director of {self.department.name}"
            # A department may bear the name that stands in a city-wide title; two seats must not read as one.
            return f"Department {title}" if title in map(str, self.Kind.labels) else title
        return str(self.get_kind_display())

    def audit_ref(self) -> Ref:
        return Ref("employees.office", str(self.pk), self.title)


class Instrument(models.Model):
    """A dated paper that gives somebody something: recorded by one person, in effect once another confirms it.

    `start` and `end` (last day included) are the paper's dates. `effective_from` and `effective_until` bound when it
    had effect here: not before it was confirmed, not after it was ended, not beyond what it rests on (the employment,
    and for a designation the appointment it was made under). Both are empty while it waits. `ended_at` is the moment
    from which it was ended, which may lie ahead; for one that was never confirmed, when it was refused.
    """

    start = models.DateField()
    end = models.DateField(null=True, blank=True)
    instrument = models.CharField(max_length=200)
    recorded_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    effective_from = models.DateTimeField(null=True)
    effective_until = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=200, blank=True)
    stated_last_day = models.DateField(
        null=True
    )  # what was said when it was ended; may lie before `ended_at`

    objects = InstrumentQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = (
            models.CheckConstraint(
                condition=Q(end=None) | Q(end__gte=F("start")), name="%(class)s_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(effective_until=None) | Q(effective_until__gte=F("effective_from")),
                name="%(class)s_until_after_from",
            ),
        )

    @property
    def person(self) -> Employee:
        """Whom the paper concerns."""
        raise NotImplementedError

    @property
    def title(self) -> str:
        """What it makes the person."""
        raise NotImplementedError

    def audit_ref(self) -> Ref:
        raise NotImplementedError

    @property
    def waits(self) -> bool:
        """Recorded, and neither confirmed nor refused."""
        return self.confirmed_at is None and self.ended_at is None

    def in_force(self, at: datetime | None = None) -> bool:
        """Whether it has effect at `at` (now by default)."""
        moment = at or clock.now()
        return (
            self.effective_from is not None
            and self.effective_from <= moment
            and (self.effective_until is None or moment < self.effective_until)
        )

    @property
    def refused(self) -> bool:
        """Never confirmed, and not waiting any more."""
        return self.confirmed_at is None and self.ended_at is not None

    def is_over(self, at: datetime | None = None) -> bool:
        """Whether it had effect once, or was to have, and has none any more at `at` (now by default)."""
        moment = at or clock.now()
        return self.effective_until is not None and self.effective_until <= moment

    def bounds(self) -> tuple[datetime, datetime | None]:
        """`effective_from` and `effective_until` as they follow from dates, confirmation and ending."""
        assert self.confirmed_at is not None
        begin = max(clock.start_of(self.start), self.confirmed_at)
        ends = [clock.end_of(self.end)] if self.end else []
        if self.ended_at:
            ends.append(self.ended_at)
        return begin, max(begin, min(ends)) if ends else None


class Appointment(Instrument):
    """A person holds an office from a date to a date; may be acting for its holder."""

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="appointments")
    holder = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="appointments")
    acting = models.BooleanField(default=False)

    class Meta(Instrument.Meta):
        ordering = ("start", "pk")
        indexes = (models.Index(fields=("office", "effective_from"), name="appointment_of_office"),)

    def __str__(self) -> str:
        return f"{self.holder}, {self.title}"

    @property
    def person(self) -> Employee:
        return self.holder

    @property
    def title(self) -> str:
        """What the holder is called: the office's title, with “Acting” before it where that is so."""
        return f"Acting {self.office.title}" if self.acting else self.office.title

    def audit_ref(self) -> Ref:
        return Ref("employees.appointment", str(self.pk), f"{self.holder.name}, {self.title}")


class Designation(Instrument):
    """The paper by which a Department Director names a designee, for the department or for named accounts.

    Which accounts are named stands in `accounts.DesignatedAccount`. It lapses with the appointment `made_under`,
    unless the successor carried it over before.
    """

    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="designations")
    designee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="designations")
    made_under = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="designations")
    whole_department = models.BooleanField(default=True)

    class Meta(Instrument.Meta):
        ordering = ("start", "pk")

    def __str__(self) -> str:
        return f"{self.designee}, designee of {self.department}"

    @property
    def person(self) -> Employee:
        return self.designee

    @property
    def title(self) -> str:
        """What the designee is called."""
        return f"Designee for {self.department.name}"

    def audit_ref(self) -> Ref:
        return Ref(
            "employees.designation", str(self.pk), f"{self.designee.name}, designee of {self.department.name}"
        )


class Role(Instrument):
    """A dated staff function, confirmed by a second person. What a platform gives is called a platform role."""

    class Name(models.TextChoices):
        INFORMATION_TECHNOLOGY = "information_technology", _("Information Technology")
        PUBLIC_INFORMATION = "public_information", _("Public Information")
        CLERK = "clerk", _("Registry clerk")
        AUDITOR = "auditor", _("Auditor")

    holder = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="roles")
    name = models.CharField(max_length=24, choices=Name)

    class Meta(Instrument.Meta):
        ordering = ("start", "pk")

    def __str__(self) -> str:
        return f"{self.holder}, {self.get_name_display()}"

    @property
    def person(self) -> Employee:
        return self.holder

    @property
    def title(self) -> str:
        """What the function is called."""
        return str(self.get_name_display())

    def audit_ref(self) -> Ref:
        return Ref("employees.role", str(self.pk), f"{self.holder.name}, {self.get_name_display()}")


def bounded(*ends: date | None) -> date | None:
    """The earliest of the given last days; None where none is given."""
    given = [end for end in ends if end is not None]
    return min(given) if given else None
