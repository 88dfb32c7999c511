"""Who works for the City, who holds which office and role, by which paper."""

from __future__ import annotations

from django.db import models

from employees.models.mail import Digest, Notice
from employees.models.offices import Appointment, Designation, Instrument, Office, Role, bounded
from employees.models.people import Department, Employee, Employment, FactorReset, PersonnelImport
from employees.models.policy import Acknowledgement, PolicyVersion

__all__ = [
    "Acknowledgement",
    "Appointment",
    "Department",
    "Designation",
    "Digest",
    "Employee",
    "Employment",
    "FactorReset",
    "Instrument",
    "Notice",
    "Office",
    "PersonnelImport",
    "PolicyVersion",
    "Role",
    "bounded",
    "replayed",
]


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
        (Office, ("kind", "department_id")),
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
        (PolicyVersion, ("number", "title", "digest", "effective", "published_at", "published_by_id")),
        (Acknowledgement, ("version_id", "person_id", "at")),
    ]
