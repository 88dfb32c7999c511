"""Somebody reveals the passwords of many accounts in a short while, outside a rotation: that is worth a look."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.utils.translation import gettext as _

from audit import clock
from audit.actions import Verb
from audit.ledger import record
from audit.models import Entry
from credentials.models import Knowledge, Rotation
from employees import authority
from employees.models import Employee, Office

logger = logging.getLogger(__name__)


def note(actor: Employee) -> int:
    """Record an alert where `actor`'s reveals are a burst; gives of how many accounts, 0 where they are none.

    Once for each burst. Called within the service of a reveal, after its knowledge was noted.
    """
    since = clock.now() - timedelta(seconds=settings.REVEAL_BURST_SECONDS)
    rotating = Rotation.objects.filter(state__in=Rotation.OPEN).values("item__credential")
    seen = Knowledge.objects.filter(person=actor, how=Knowledge.How.REVEAL, at__gt=since)
    accounts = (
        seen.exclude(version__item__credential__in=rotating)
        .values_list("version__item__credential__account", flat=True)
        .distinct()
    )
    count = accounts.count()
    if count < settings.REVEAL_BURST_ACCOUNTS or _told(actor, since):
        return 0
    record(
        Verb.REVEAL_ALERT,
        actor=actor,
        obj=actor,
        accounts=sorted(accounts),
        seconds=settings.REVEAL_BURST_SECONDS,
    )
    return count


def _told(actor: Employee, since: object) -> bool:
    return Entry.objects.filter(verb=Verb.REVEAL_ALERT, object_id=str(actor.pk), at__gt=since).exists()


def send(actor: Employee, count: int) -> None:
    """Mail the alert to the PI and IT Directors, acting ones too. A mail that fails stops no reveal."""
    offices = Office.objects.filter(Q(kind=Office.Kind.PI_DIRECTOR) | Q(kind=Office.Kind.IT_DIRECTOR))
    seats = [seat for office in offices for seat in authority.holders(office)]
    to = sorted({seat.holder.email for seat in seats if seat.holder.email})
    text = _(
        "{name} revealed the passwords of {count} accounts within {minutes} minutes, outside a rotation. The "
        "ledger has the list. Ask what it was for; where there is no good answer, rotate them."
    ).format(name=actor.name, count=count, minutes=settings.REVEAL_BURST_SECONDS // 60)
    try:
        EmailMessage(_("Official Accounts: many passwords were revealed"), text, to=to).send()
    except OSError:
        logger.exception("The alert about many reveals could not be mailed")
