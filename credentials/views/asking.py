"""Which account or person somebody means on the access page, and what of it they may see."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts import services as accounts
from accounts.models import Account
from audit.errors import Invalid
from employees import authority
from employees.models import Department, Employee

MOST = 20
"""Accounts or people offered when a name means several."""


@dataclass
class Meant:
    """What a question may mean: one account, one person, or several to choose from."""

    account: Account | None = None
    person: Employee | None = None
    department: Department | None = None
    accounts: list[Account] = field(default_factory=list)
    people: list[Employee] = field(default_factory=list)


def scope(person: Employee) -> QuerySet[Account]:
    """The accounts whose access history `person` may read. Raises NotPermitted when they may read none."""
    every = Account.objects.select_related("platform", "department")
    if reads_all(person):
        return every
    directed = [held.department_id for held in authority.capacities(person) if held.department_id]
    authority.require(
        directed,
        _("The access history is for auditors, City officers, and Department Directors of their accounts."),
    )
    return every.filter(department__in=directed)


def may_ask(person: Employee) -> bool:
    """Whether the access history of any account is open to `person`."""
    return reads_all(person) or any(held.department_id for held in authority.capacities(person))


def reads_all(person: Employee) -> bool:
    """Auditors and city-wide officers read the whole history."""
    return authority.is_auditor(person) or authority.is_officer(person)


def resolve(text: str, within: QuerySet[Account]) -> Meant:
    """What `text` means among the accounts `within` and people. Raises Invalid when it means nothing."""
    department = Department.objects.filter(Q(code__iexact=text) | Q(name__iexact=text)).first()
    if department is not None and within.filter(department=department).exists():
        return Meant(department=department)
    account, person = _account(text, within), _person(text)
    if account is not None and person is None:
        return Meant(account=account)
    if person is not None and account is None:
        return Meant(person=person)
    if account is not None and person is not None:
        return Meant(accounts=[account], people=[person])
    return _by_name(text, within)


def _account(text: str, within: QuerySet[Account]) -> Account | None:
    """By `platform:handle` or number, or by the way pages write it: `@handle on X`."""
    handle, on, platform = text.rpartition(" on ")
    for reference in (text, f"{platform.partition(',')[0]}:{handle}" if on else ""):
        try:
            return within.filter(pk=accounts.find(reference).pk).first() if reference else None
        except Invalid:
            continue
    return None


def _person(text: str) -> Employee | None:
    try:
        return Employee.objects.by_reference(text)
    except Employee.DoesNotExist:
        return None


def _by_name(text: str, within: QuerySet[Account]) -> Meant:
    handle = text.removeprefix("@")
    found = list(within.filter(Q(name__icontains=text) | Q(handle__icontains=handle)).order_by("name")[:MOST])
    people = list(Employee.objects.filter(name__icontains=text).select_related("department")[:MOST])
    if len(found) == 1 and not people:
        return Meant(account=found[0])
    if len(people) == 1 and not found:
        return Meant(person=people[0])
    if not found and not people:
        raise Invalid(
            _("Nothing here is called “%(text)s”. Try a handle, a name, or a work e-mail.") % {"text": text},
            fields={"q": text},
        )
    return Meant(accounts=found, people=people)
