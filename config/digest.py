"""The day's digest: what Yours today says, mailed once a working day to whom something waits for.

One row a person and day, in the transaction that writes the mail: a run that comes twice writes no second one.
"""

from __future__ import annotations

import logging

from django.db import IntegrityError
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import clock
from audit.ledger import service
from config.acknowledged import concerned
from config.tasks.task import Task
from config.today import Yours, gather
from employees import authority, outbox, workdays
from employees.models import Digest, Employee, Notice

logger = logging.getLogger(__name__)


def send_all() -> int:
    """A digest to everybody whom something waits for and who had none today; gives how many. None on days off."""
    if not workdays.is_working_day(clock.today()):
        return 0
    done = 0
    for person in recipients():
        try:
            done += send_one(person=person)
        except IntegrityError:
            logger.info("Another run wrote the digest of person %s", person.pk)
    return done


def recipients() -> list[Employee]:
    """Who can have anything: told something, seated, designated, holding an account, or asking for one."""
    ids = set(Notice.objects.filter(told_on=None).values_list("person", flat=True))
    ids |= concerned()
    had = set(Digest.objects.filter(day=clock.today()).values_list("person", flat=True))
    people = Employee.objects.filter(is_active=True).exclude(email=None).select_related("department")
    return [person for person in people.order_by("pk") if person.pk in ids - had]


@service
def send_one(*, person: Employee) -> bool:
    """The digest of one person, where there is something to say. Raises IntegrityError where one was written today."""
    yours, today = gather(person), clock.today()
    if not yours.is_worth_a_mail or not person.email:
        return False
    digest = Digest(person=person, day=today, at=clock.now())
    (digest.message_id,) = outbox.queue(
        [person.email], subject=_subject(person, yours), text=_text(person, yours)
    )
    digest.save(force_insert=True)
    Notice.objects.filter(pk__in=[one.pk for one in yours.news], told_on=None).update(told_on=today)
    return True


def _subject(person: Employee, yours: Yours) -> str:
    """Whose, how much, and the first account: “Director of Hutchinson Zoo: 3 things wait, first @HutchZoo on X”."""
    seats = authority.capacities(person)
    office = seats[0].title if seats else person.department.name if person.department else _("Yours today")
    if yours.tasks:
        count = len(yours.tasks)
        text = ngettext(
            "%(office)s: %(count)d thing waits, %(first)s",
            "%(office)s: %(count)d things wait, first %(first)s",
            count,
        )
        return text % {"office": office, "count": count, "first": yours.tasks[0].title}
    return _("%(office)s: %(first)s") % {"office": office, "first": yours.news[0].subject}


def _text(person: Employee, yours: Yours) -> str:
    parts = [_("Good morning, %(name)s.") % {"name": person.name}]
    if yours.tasks:
        parts.append(_("WAITS FOR YOU"))
        parts += [_of_task(task) for task in yours.tasks]
    if yours.news:
        parts.append(_("NEWS"))
        parts += [f"{one.subject}\n{one.text}" for one in yours.news]
    parts.append(_("The same stands on your page: %(link)s") % {"link": outbox.link(reverse("config:today"))})
    return "\n\n".join(parts)


def _of_task(task: Task) -> str:
    return f"{task.tag}: {task.title}\n{task.text}\n{task.verb}: {outbox.link(task.url)}"
