"""Somebody reveals secrets of many accounts in a short while, outside a rotation: that is worth a look."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from audit import clock
from audit.actions import Verb
from audit.ledger import record
from audit.models import Entry
from credentials.models import Knowledge, Rotation
from employees import outbox
from employees.models import Employee, Office


def note(actor: Employee) -> int:
    """Record and mail an alert where `actor`'s reveals are a burst; gives of how many accounts, 0 where they are none.

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
    _tell(actor, count)
    return count


def _told(actor: Employee, since: object) -> bool:
    return Entry.objects.filter(verb=Verb.REVEAL_ALERT, object_id=str(actor.pk), at__gt=since).exists()


def _tell(actor: Employee, count: int) -> None:
    """Mail the alarm to the PI and IT Directors, acting ones too, at once."""
    outbox.post(
        to=outbox.in_office(Office.Kind.PI_DIRECTOR, Office.Kind.IT_DIRECTOR),
        subject=_("Alarm for the PI and IT Directors: {name} revealed secrets of {count} accounts").format(
            name=actor.name, count=count
        ),
        text=_(
            "{name} revealed secrets of {count} accounts within {minutes} minutes, outside a rotation. Ask what "
            "it was for; where there is no good answer, rotate them.\n\nWhat was done: {link}"
        ).format(
            name=actor.name,
            count=count,
            minutes=settings.REVEAL_BURST_SECONDS // 60,
            link=outbox.link(f"{reverse('credentials:access')}?{urlencode({'q': actor.email or ''})}"),
        ),
        at_once=True,
    )
