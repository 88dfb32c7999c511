"""Reads of people and instruments that more than one place needs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.base_user import BaseUserManager
from django.core.management.base import CommandError
from django.db import models
from django.db.models import Q

from audit import clock

if TYPE_CHECKING:
    from employees.models import Employee


class EmployeeManager(BaseUserManager["Employee"]):
    """People. They are hired by `employees.services`; the manager creates none itself."""

    def get_by_natural_key(self, username: str | None) -> Employee:
        """The person whose work e-mail is `username`, whatever its case."""
        return self.get(email__iexact=(username or "").strip())

    def create_superuser(self, *args: Any, **values: Any) -> Employee:
        """Not offered: a person is hired, and being superuser would give nothing here. Raises CommandError."""
        raise CommandError("Nobody is made by hand: import people, then run `manage.py seat_first_officers`.")

    def by_reference(self, reference: str) -> Employee:
        """The person with this work e-mail (now or, failing that, last) or employee number.

        Raises Employee.DoesNotExist.
        """
        text = reference.strip()
        now = self.filter(Q(email__iexact=text) | Q(employee_number__iexact=text)).first()
        if now is not None:
            return now
        earlier = self.filter(employments__email__iexact=text).order_by("-employments__start").first()
        if earlier is None:
            raise self.model.DoesNotExist(f"No person has the work e-mail or employee number {text!r}.")
        return earlier


class EmploymentQuerySet(models.QuerySet[Any]):
    def current(self, at: datetime | None = None) -> Self:
        """Periods that hold at `at` (now by default)."""
        moment = at or clock.now()
        day = clock.day_of(moment)
        return self.filter(
            Q(end=None) | Q(end__gte=day), Q(ended_at=None) | Q(ended_at__gt=moment), start__lte=day
        )


class InstrumentQuerySet(models.QuerySet[Any]):
    def in_force(self, at: datetime | None = None) -> Self:
        """Those with effect at `at` (now by default)."""
        moment = at or clock.now()
        return self.filter(
            Q(effective_until=None) | Q(effective_until__gt=moment), effective_from__lte=moment
        )

    def in_force_or_to_come(self, at: datetime | None = None) -> Self:
        """Confirmed, and not yet over at `at` (now by default)."""
        moment = at or clock.now()
        return self.filter(Q(effective_until=None) | Q(effective_until__gt=moment)).exclude(
            effective_from=None
        )

    def waiting(self) -> Self:
        """Recorded, and neither confirmed nor refused."""
        return self.filter(confirmed_at=None, ended_at=None)
