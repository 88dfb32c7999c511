"""The first two officers of an empty installation. After them, nobody gets a seat without two people's acts."""

from __future__ import annotations

from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from audit import clock
from audit.actions import Verb
from audit.errors import Invalid, Refused
from audit.ledger import Ref, record, service
from employees import effect, papers
from employees.models import Appointment, Employee, Office


@service
def seat_first_officers(
    *, pi_director: Employee, it_director: Employee, instrument: str
) -> tuple[Appointment, Appointment]:
    """Seat the PI Director and the IT Director of an installation in which nobody holds a seat yet.

    `instrument` is the reference of the paper that appoints them. Raises Refused as soon as an appointment was ever
    confirmed, and Invalid for one person twice, somebody without an e-mail, or somebody who has left.
    """
    papers.hold_person(pi_director)
    papers.hold_person(it_director)
    if Appointment.objects.exclude(confirmed_at=None).exists():
        raise Refused(_("Seats exist already. A registry clerk or officer records further appointments."))
    if pi_director.pk == it_director.pk:
        raise Invalid(
            _("One person cannot be both: the two watch over each other."),
            fields={"it_director": _("somebody else than the PI Director")},
        )
    for person in (pi_director, it_director):
        papers.employed(person)
        if not person.email:
            raise Invalid(
                _("{name} has no work e-mail and could not sign in.").format(name=person.name),
                fields={"email": _("a work e-mail")},
            )
    text = papers.reference(instrument)
    first = _seat(Office.Kind.PI_DIRECTOR, pi_director, text)
    second = _seat(Office.Kind.IT_DIRECTOR, it_director, text)
    record(
        Verb.SEATS_FIRST,
        actor=None,
        obj=Ref("employees.seats", "first", "The first officers"),
        facts=[first, second],
        instrument=text,
    )
    effect.announce([first, second], None, _("The first officers were seated"))
    return first, second


def _seat(kind: str, holder: Employee, instrument: str) -> Appointment:
    now = clock.now()
    made = Appointment(
        office=Office.objects.get(kind=kind, department=None),
        holder=holder,
        start=clock.today(),
        instrument=instrument,
        recorded_at=now,
        confirmed_at=now,
    )
    made.effective_from, made.effective_until = made.bounds()
    with papers.one_holder_at_a_time():
        made.save(force_insert=True)
    effect.refit([made])
    return made


def password_path(person: Employee) -> str:
    """The path of a one-time link by which `person` sets a password. It dies once used, and after three days."""
    token = default_token_generator.make_token(person)
    return reverse("password_reset_confirm", args=[urlsafe_base64_encode(force_bytes(person.pk)), token])
