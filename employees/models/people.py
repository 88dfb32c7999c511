"""Departments, people, and the periods for which they worked where."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from audit.ledger import Ref
from employees.managers import EmployeeManager, EmploymentQuerySet


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

    remembered: object | None = None
    """Not a field: see `authority.remember`."""

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
        """Whether the admin lets the person in: follows from seats and roles, never from being superuser."""
        from employees import authority

        return self.is_active and authority.enters_admin(self)

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
