"""Who decides about a custody: the Department Director; above them the PI Director, the City Manager, the IT Director.

Nobody decides about themselves; a seat that nobody fills is passed over. Worked out at the moment of the act, so that a
vacancy or an acting holder counts at once.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.utils.translation import gettext as _

from credentials.models import ReviewItem
from employees.models import Appointment, Employee, Office

ABOVE = (Office.Kind.PI_DIRECTOR, Office.Kind.CITY_MANAGER, Office.Kind.IT_DIRECTOR)
"""The city-wide seats to which an item goes up, in this order."""


@dataclass(frozen=True)
class Step:
    """One step of the way up: the seats' holders who may decide there."""

    seats: tuple[Appointment, ...]

    @property
    def people(self) -> list[Employee]:
        return [seat.holder for seat in self.seats]

    @property
    def names(self) -> str:
        return ", ".join(f"{seat.holder.name}, {seat.title}" for seat in self.seats)


class Reviewers:
    """The way up for any item. One query, however many items are asked for."""

    def __init__(self) -> None:
        seats = (
            Appointment.objects.in_force()
            .filter(holder__is_active=True)
            .select_related("holder", "office__department")
            .order_by("acting", "pk")
        )
        self._directors: dict[int, list[Appointment]] = defaultdict(list)
        self._above: dict[str, list[Appointment]] = defaultdict(list)
        for seat in seats:
            if seat.office.department_id is not None:
                self._directors[seat.office.department_id].append(seat)
            else:
                self._above[seat.office.kind].append(seat)

    def way(self, *, department: int, person: int) -> list[Step]:
        """The steps from the Department Director up, without `person` and without empty ones; nobody stands twice."""
        seen = {person}
        steps = []
        for seats in (self._directors[department], *(self._above[kind] for kind in ABOVE)):
            own = tuple({seat.holder_id: seat for seat in seats if seat.holder_id not in seen}.values())
            if own:
                steps.append(Step(own))
                seen |= {seat.holder_id for seat in own}
        return steps

    def step(self, *, department: int, person: int, level: int) -> Step | None:
        """Whose turn it is after so many escalations; None where every seat is empty or conflicted."""
        way = self.way(department=department, person=person)
        return way[min(level, len(way) - 1)] if way else None

    def of(self, item: ReviewItem) -> Step | None:
        """Whose turn it is with `item`."""
        return self.step(department=item.account.department_id, person=item.person_id, level=item.level)

    def seat_of(self, actor: Employee, item: ReviewItem) -> Appointment | None:
        """The seat in which `actor` may decide about `item` now, or None."""
        step = self.of(item)
        return next((seat for seat in step.seats if seat.holder_id == actor.pk), None) if step else None

    def can_go_up(self, item: ReviewItem) -> bool:
        """Whether somebody stands above whose turn it is."""
        way = self.way(department=item.account.department_id, person=item.person_id)
        return item.level + 1 < len(way)

    def waits_for(self, item: ReviewItem) -> str:
        """Whom an undecided item waits for, in words; a seat to fill where there is nobody."""
        step = self.of(item)
        if step is not None:
            return step.names
        return _("nobody: every seat that could decide is empty. A registry clerk records an appointment.")
