"""People as they are known: names, e-mails and kinds that change, and who is missing from personnel files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import F

from audit import locks
from audit.actions import Verb
from audit.ledger import record, service
from employees import identity, kinds, rules
from employees.kinds import BATCH
from employees.models import Employee, Employment

MISSES = 2
"""Real imports in a row that did not list a person: from then on it is a question for IT."""


@service
def change_all(
    *, actor: Employee | None, changes: Sequence[tuple[Employee, Mapping[str, str]]]
) -> list[Employee]:
    """New names, e-mails or kinds (`{"name": …, "email": …, "kind": …}`) for people who work here.

    Two people may swap their e-mails. Raises NotPermitted, Invalid.
    """
    locks.hold(locks.SEATS)
    rules.keeps_people(actor)
    ready = [(person, identity.fields(values)) for person, values in changes]
    moving = [(person, values["email"]) for person, values in ready if "email" in values]
    identity.must_be_free(
        numbers=[],
        emails=[email for _person, email in moving if email],
        but=[person.pk for person, _e in moving],
    )
    # Emptied first, so that the database sees no e-mail twice at any moment.
    for some in kinds.batches([person.pk for person, _email in moving]):
        Employee.objects.filter(pk__in=some).update(email=None)
    before = [{name: getattr(person, name) or "" for name in values} for person, values in ready]
    for person, values in ready:
        for name, value in values.items():
            setattr(person, name, value or None if name == "email" else value)
    people = [person for person, _values in ready]
    Employee.objects.bulk_update(people, ["name", "email", "kind"], batch_size=BATCH)
    periods = open_periods([person for person, _email in moving])
    for period in periods.values():
        period.email = period.employee.email or ""
    Employment.objects.bulk_update(periods.values(), ["email"], batch_size=BATCH)
    for (person, values), old in zip(ready, before, strict=True):
        facts = [periods[person.pk]] if "email" in values and person.pk in periods else []
        pairs = {name: [old[name], value] for name, value in values.items()}
        record(Verb.EMPLOYEE_CHANGE, actor=actor, obj=person, facts=facts, changes=pairs)
    return people


@service
def change(*, actor: Employee | None, employee: Employee, **values: str) -> Employee:
    """A new name, e-mail or kind for one person. Raises as `change_all`."""
    return change_all(actor=actor, changes=[(employee, values)])[0]


@service
def miss_all(*, actor: Employee | None, missing: Sequence[Employee]) -> None:
    """Count that a real import did not list these people. They are left alone."""
    rules.keeps_people(actor)
    for some in kinds.batches([person.pk for person in missing]):
        Employee.objects.filter(pk__in=some).update(missed_imports=F("missed_imports") + 1)
    for person in missing:
        person.missed_imports += 1
        record(Verb.EMPLOYEE_MISS, actor=actor, obj=person, missed_imports=person.missed_imports)


@service
def listed_again(*, actor: Employee | None, people: Sequence[Employee]) -> None:
    """Forget misses: the import lists these people once more."""
    rules.keeps_people(actor)
    for some in kinds.batches([person.pk for person in people]):
        Employee.objects.filter(pk__in=some).update(missed_imports=0)
    for person in people:
        person.missed_imports = 0


def to_question() -> list[Employee]:
    """Whom two real imports in a row did not list and who still works here: somebody asks whether they left."""
    return list(
        Employee.objects.filter(is_active=True, missed_imports__gte=MISSES).select_related("department")
    )


def open_periods(people: Iterable[Employee]) -> dict[int, Employment]:
    """The open period of each of `people` by id, kept for this transaction."""
    by_id = {person.pk: person for person in people}
    found: dict[int, Employment] = {}
    for some in kinds.batches(list(by_id)):
        rows = Employment.objects.select_for_update(no_key=True).filter(employee__in=some, ended_at=None)
        for period in rows:
            period.employee = by_id[period.employee_id]
            found[period.employee_id] = period
    return found
