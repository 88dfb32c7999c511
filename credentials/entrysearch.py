"""Finding entries of the ledger by who did it, to what or whom, which act, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from accounts import about
from accounts import services as accounts
from audit.errors import Invalid
from audit.models import Entry
from employees.models import Employee

SYSTEM = "system"
"""What one types to find the acts of system jobs."""

NAMESAKES = 50
"""People of one name whose acts are searched together."""


@dataclass(frozen=True)
class Wanted:
    """What to find; what is empty does not matter. `until` is the last instant that counts."""

    actor: str = ""
    object: str = ""
    verb: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def as_data(self) -> dict[str, Any]:
        """For the manifest of an export."""
        return {
            "actor": self.actor or None,
            "object": self.object or None,
            "act": self.verb or None,
            "since": self.since,
            "until": self.until,
        }


def search(wanted: Wanted) -> QuerySet[Entry]:
    """The entries that are like that, in no order."""
    found = Entry.objects.all()
    if wanted.actor:
        found = found.filter(actor_id__in=_actors(wanted.actor))
    if wanted.object:
        found = found.filter(_objects(wanted.object))
    if wanted.verb:
        found = found.filter(verb=wanted.verb)
    if wanted.since:
        found = found.filter(at__gte=wanted.since)
    if wanted.until:
        found = found.filter(at__lte=wanted.until)
    return found


def _actors(text: str) -> list[str]:
    """Ids of whom `text` names: by reference, else by name. System jobs have the empty id."""
    if text.lower() == SYSTEM:
        return [""]
    try:
        return [str(Employee.objects.by_reference(text).pk)]
    except Employee.DoesNotExist:
        people = Employee.objects.filter(name__icontains=text).values_list("pk", flat=True)[:NAMESAKES]
        return [str(pk) for pk in people]


def _objects(text: str) -> Q:
    """An account with all that belongs to it, or a person, by reference; else what the thing was called at the time.

    References are looked up by index; a part of a name reads entry after entry, the newest first.
    """
    try:
        account = accounts.find(text) if ":" in text else None
    except Invalid:
        account = None
    if account is not None:
        found = Q()
        for kind, ids in about.things(account):
            found |= Q(object_type=kind, object_id__in=ids)
        return found
    try:
        person = Employee.objects.by_reference(text)
    except Employee.DoesNotExist:
        return Q(object_text__icontains=text)
    return Q(object_type="employees.employee", object_id=str(person.pk))
