"""Telling both city-wide Directors, acting ones too, what they must know at once."""

from __future__ import annotations

import logging

from django.core.mail import EmailMessage
from django.db.models import Q

from employees import authority
from employees.models import Employee, Office

logger = logging.getLogger(__name__)


def seated() -> list[Employee]:
    """Who is PI Director or IT Director now, acting or not."""
    offices = Office.objects.filter(Q(kind=Office.Kind.PI_DIRECTOR) | Q(kind=Office.Kind.IT_DIRECTOR))
    people = {seat.holder_id: seat.holder for office in offices for seat in authority.holders(office)}
    return sorted(people.values(), key=lambda person: person.name)


def tell(subject: str, text: str) -> None:
    """Mail both. A mail that fails stops nothing: what it tells of stands in Yours today as well."""
    to = sorted({person.email for person in seated() if person.email})
    try:
        EmailMessage(subject, text, to=to).send()
    except OSError:
        logger.exception("The Directors could not be told by mail")
