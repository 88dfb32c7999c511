"""People, departments, offices, and the dated instruments by which people hold seats and roles.

Policy, Administrative Policy, first bullet: who approves and who administers follows from offices, so offices are rows
with dated holders, never flags on a person.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from audit import clock
from audit.ledger import Ref
from employees.managers import EmployeeManager, EmploymentQuerySet, InstrumentQuerySet


class Department(models.Model):
    """A department of the City; `code` is its short name in files and commands."""

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(Lower("name"), name="department_name_once"),)

    def __str__(self) -> str:
        return self.name

    def audit_ref(self) -> Ref:
        return Ref("employees.department", str(self.pk), self.name)


class Employee(AbstractBaseUser, PermissionsMixin):
    """A person who works for the City, and the user who signs in.

    The employee number identifies; the work e-mail signs in and is empty once the person has left, so that it can be
    used again. `title` and `department` repeat the latest period of employment.
    """

    class Kind(models.TextChoices):
        EMPLOYEE = "employee", _("Employee")
        CONTRACTOR = "contractor", _("Contractor")
        INTERN = "intern", _("Intern")
        VOLUNTEER = "volunteer", _("Volunteer")
        ELECTED = "elected", _("Elected official")

    employee_number = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    email = models.EmailField(unique=True, null=True, blank=True)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.EMPLOYEE)
    title = models.CharField(max_length=200, blank=True)
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, related_name="people"
    )
    is_active = models.BooleanField(default=True, editable=False)
    missed_imports = models.PositiveSmallIntegerField(default=0, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["employee_number", "name"]

    objects = EmployeeManager()

    class Meta:
        ordering = ("name", "pk")
        constraints = (
            models.UniqueConstraint(Lower("email"), name="email_once_whatever_case"),
            models.UniqueConstraint(Lower("employee_number"), name="number_once_whatever_case"),
        )

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    @property
    def title_now(self) -> str:
        """The title of the office held, else of the employment: what stands beside the name."""
        from employees import authority

        held = authority.capacities(self)
        return held[0].title if held else self.title

    @property
    def is_staff(self) -> bool:
        """Whether the admin lets the person in: follows from seats and roles, is never granted."""
        from employees import authority

        return self.is_active and (self.is_superuser or authority.enters_admin(self))

    def audit_ref(self) -> Ref:
        return Ref("employees.employee", str(self.pk), self.name)


class Employment(models.Model):
    """One period for which a person worked in one department under one title; the last day is included.

    `end_reported`: a person set the last day here, so the personnel file may bring it forward and never put it off.
    """

    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="employments")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)
    end_reported = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = EmploymentQuerySet.as_manager()

    class Meta:
        ordering = ("start", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(end=None) | Q(end__gte=F("start")), name="employment_ends_after_start"
            ),
            models.UniqueConstraint(
                fields=("employee",), condition=Q(ended_at=None), name="one_open_employment"
            ),
        )

    def __str__(self) -> str:
        return f"{self.title}, {self.start}"


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
            return f"Director of {self.department.name}"
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


class PersonnelImport(models.Model):
    """One real run of `import_employees`: whom two runs in a row have missed is a question for IT."""

    at = models.DateTimeField()
    sha256 = models.CharField(max_length=64)
    counts = models.JSONField(default=dict)

    class Meta:
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"

    def audit_ref(self) -> Ref:
        return Ref("employees.personnelimport", str(self.pk), self.sha256[:12])


class FactorReset(models.Model):
    """Somebody lost their second factor: asked by one person, done once another confirms."""

    person = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    asked_by = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("asked_at", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("asked_by")),
                name="factor_reset_by_two_people",
            ),
        )

    def __str__(self) -> str:
        return f"{self.person}, {self.asked_at:%Y-%m-%d}"

    def audit_ref(self) -> Ref:
        return Ref("employees.factorreset", str(self.pk), str(self))


def bounded(*ends: date | None) -> date | None:
    """The earliest of the given last days; None where none is given."""
    given = [end for end in ends if end is not None]
    return min(given) if given else None


def replayed() -> list[tuple[type[models.Model], tuple[str, ...]]]:
    """The models that the ledger must be able to rebuild, and by which columns."""
    paper = (
        "start",
        "end",
        "instrument",
        "recorded_by_id",
        "recorded_at",
        "confirmed_by_id",
        "confirmed_at",
        "effective_from",
        "effective_until",
        "ended_by_id",
        "ended_at",
        "end_reason",
        "stated_last_day",
    )
    return [
        (
            Employment,
            (
                "employee_id",
                "department_id",
                "title",
                "email",
                "start",
                "end",
                "end_reported",
                "recorded_at",
                "ended_at",
            ),
        ),
        (Appointment, ("office_id", "holder_id", "acting", *paper)),
        (
            Designation,
            ("department_id", "designee_id", "made_under_id", "whole_department", *paper),
        ),
        (Role, ("holder_id", "name", *paper)),
        (
            FactorReset,
            ("person_id", "reason", "asked_by_id", "asked_at", "confirmed_by_id", "confirmed_at"),
        ),
    ]
