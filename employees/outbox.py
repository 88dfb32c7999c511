"""Mail leaves through an outbox: a row in the same transaction as what it tells of, sent afterwards by `send_mail`.

A rolled-back act leaves no mail, and a process killed between commit and sending loses none. SMTP can promise no more
than "at least once", so every try carries the same Message-ID, and a second copy is recognisable as one.

No mail holds a secret, and none holds what its reader should look up here: it names the office and the account in its
subject and gives a link.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Min, Q
from django.template.loader import render_to_string
from django.utils import timezone
from post_office import mail as post_office
from post_office.models import PRIORITY, STATUS, Email, Log

from audit import clock, ledger
from audit.actions import Verb
from audit.ledger import Ref, record, service
from employees import authority
from employees.models import Appointment, Employee, Notice, Role

LONGEST_SUBJECT = 200
LATE = timedelta(minutes=30)
"""A mail that could go and has waited longer than this: the sender does not run, or the mail server refuses."""

LOCK = 0x0FF1C1A4
"""Key of the PostgreSQL lock of whoever is sending: one at a time, or people get copies."""


def post(
    *, to: Iterable[Employee], subject: str, text: str, html: str = "", at_once: bool = False
) -> list[str]:
    """Tell `to`, within the act that they are told of. Gives the Message-IDs of what goes at once.

    `at_once` is for a separation, an alarm, and a decision on one's own request; everything else waits for the person's
    digest of the next working day and stands on Yours today until then. `subject` names the office and the account
    ("Request 2026-0147, @HutchZoo on X: approved by the Director of Public Information …"); `text` is paragraphs split
    by blank lines, addresses in it become links (see `link`). `html` is the body where the one made from `text` won't
    do. People without a work e-mail (who have left) are passed over. Raises NotInAService.
    """
    if not ledger.in_act():
        raise ledger.NotInAService(f"“{subject}” was posted outside a service")
    people = list({person.pk: person for person in to if person.is_active}.values())
    if not at_once:
        now = clock.now()
        Notice.objects.bulk_create(
            Notice(person=person, subject=_line(subject), text=text.strip(), at=now) for person in people
        )
        return []
    return queue(
        [person.email for person in people if person.email],
        subject=subject,
        text=text,
        html=html,
        urgent=True,
    )


def queue(
    addresses: Sequence[str], *, subject: str, text: str, html: str = "", urgent: bool = False
) -> list[str]:
    """A mail for each address into the outbox; gives their Message-IDs. `post` is the door for people."""
    subject, text = _line(subject), text.strip()
    context = {"subject": subject, "text": text, "html": html, "site": settings.SITE_URL}
    plain, rich = (render_to_string(f"mail/message.{kind}", context) for kind in ("txt", "html"))
    # Rows of our own making: post_office's `send()` would read subject and text as templates.
    mails = [
        Email(
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[address],
            subject=subject,
            message=plain,
            html_message=rich,
            status=STATUS.queued,
            priority=PRIORITY.high if urgent else PRIORITY.medium,
            message_id=f"<{uuid.uuid4()}@{_domain()}>",
        )
        for address in addresses
    ]
    Email.objects.bulk_create(mails)
    return [str(mail.message_id) for mail in mails]


def link(path: str) -> str:
    """The whole address of a page here, for a mail."""
    return f"{settings.SITE_URL}{path}"


def in_office(*kinds: str) -> list[Employee]:
    """Whom a mail to these city-wide offices reaches: their holders and who acts for them."""
    seats = Appointment.objects.in_force().filter(office__kind__in=kinds, holder__is_active=True)
    return list({seat.holder_id: seat.holder for seat in seats.select_related("holder")}.values())


def in_role(*names: str) -> list[Employee]:
    """Whom a mail to the holders of these roles reaches."""
    rows = Role.objects.in_force().filter(name__in=names, holder__is_active=True)
    return list({row.holder_id: row.holder for row in rows.select_related("holder")}.values())


def _line(subject: str) -> str:
    return " ".join(subject.split())[:LONGEST_SUBJECT]


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"


# Sending


@dataclass
class Sent:
    """What one run of the sender did: `again` were refused and are tried later, `failed` were given up."""

    sent: int = 0
    again: int = 0
    failed: int = 0
    busy: bool = False


def deliver() -> Sent:
    """Send what waits, batch by batch. Somebody else sending already is `busy` and no error."""
    done = Sent()
    with _alone() as mine:
        if not mine:
            done.busy = True
            return done
        while post_office.get_queued().exists():
            sent, failed, again = post_office.send_queued(processes=1)
            done.sent, done.failed, done.again = done.sent + sent, done.failed + failed, done.again + again
            if not sent:  # nothing goes just now; the next run comes within a minute
                break
    return done


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether this process is the one that sends. The lock goes with the process, however that ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            (mine,) = cursor.fetchone()
        try:
            yield bool(mine)
        finally:
            if mine:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        return
    import fcntl

    path = Path(str(settings.DATABASES["default"]["NAME"])).with_suffix(".mail-lock")
    with open(path, "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True


# How it stands


@dataclass(frozen=True)
class State:
    """The outbox now. `late` wait although they could go; `given_up` need somebody."""

    waiting: int
    late: int
    given_up: int
    oldest: datetime | None

    @property
    def word(self) -> str:
        """`ok`, `late` or `failed`."""
        return "failed" if self.given_up else "late" if self.late else "ok"


def state() -> State:
    """Two queries, however many mails there ever were."""
    now = timezone.now()  # django-post-office's clock: `created` is its own
    queued = Email.objects.filter(status__in=(STATUS.queued, STATUS.requeued))
    oldest = queued.aggregate(oldest=Min("created"))["oldest"]
    return State(
        waiting=queued.count(),
        late=queued.filter(created__lt=now - LATE).count(),
        given_up=Email.objects.filter(status=STATUS.failed).count(),
        oldest=oldest,
    )


def troubled() -> list[Email]:
    """Mails given up or refused at least once and still waiting, the newest first, each with its `last_error`."""
    rows = Email.objects.filter(Q(status=STATUS.failed) | Q(status=STATUS.requeued))
    found = list(rows.order_by("-pk")[:50])
    errors: dict[int, str] = {}
    for log in Log.objects.filter(email__in=found).order_by("pk"):
        errors[log.email_id] = f"{log.exception_type}: {log.message}"[:200]
    for mail in found:
        mail.last_error = errors.get(mail.pk, "")
    return found


@service
def try_again(*, actor: Employee | None) -> int:
    """Put what was given up back into the queue; gives how many. Information Technology, or whoever runs the server.

    Raises NotPermitted.
    """
    if actor is not None:
        authority.require(
            authority.is_information_technology(actor), "Only Information Technology sends mails again."
        )
    count: int = Email.objects.filter(status=STATUS.failed).update(
        status=STATUS.queued, number_of_retries=0, scheduled_time=None
    )
    if count:
        record(Verb.MAIL_REQUEUE, actor=actor, obj=Ref("employees.outbox", "1", "Outbox"), count=count)
    return count
