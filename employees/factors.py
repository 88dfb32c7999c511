"""A lost second factor is reset by two people: Information Technology asks, another person confirms.

Nobody does either for themselves. With the confirmation every factor is forgotten and every session ends; the person
signs in with their password and enrols anew before anything else opens.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from audit import clock
from audit.actions import Verb
from audit.errors import ConflictOfInterest, NotPermitted, Refused, Stale
from audit.ledger import record, service
from audit.text import clean_line
from employees import authority, kinds, papers, rules, sessions
from employees.models import Appointment, Employee, FactorReset, Office, Role

HOLDS_FOR = timedelta(hours=24)
"""How long a request can be confirmed. Later it takes a new one."""


def asks(actor: Employee, person: Employee) -> None:
    """Who may ask: Information Technology, for somebody else. Raises NotPermitted, ConflictOfInterest."""
    if not authority.is_information_technology(actor):
        raise NotPermitted(_("Information Technology asks for the reset of a second factor."))
    rules.not_oneself(actor, person)


def confirms(actor: Employee, reset: FactorReset) -> None:
    """Who may confirm: another of Information Technology, a registry clerk, a city-wide officer."""
    if not (authority.is_information_technology(actor) or rules.is_registrar(actor)):
        raise NotPermitted(
            _(
                "Information Technology, registry clerks and city-wide officers confirm the reset of a second factor."
            )
        )
    if reset.asked_by_id == actor.pk:
        raise ConflictOfInterest(_("You asked for this yourself; somebody else has to confirm it."))
    rules.not_oneself(actor, reset.person)


def waiting() -> QuerySet[FactorReset]:
    """Requests that can be confirmed, the oldest first: not those of somebody who could no longer ask."""
    since = clock.now() - HOLDS_FOR
    roles = Role.objects.in_force().filter(name=Role.Name.INFORMATION_TECHNOLOGY)
    seats = Appointment.objects.in_force().filter(office__kind=Office.Kind.IT_DIRECTOR)
    rows = FactorReset.objects.filter(confirmed_at=None, asked_at__gt=since, person__is_active=True).filter(
        Q(asked_by__in=roles.values("holder")) | Q(asked_by__in=seats.values("holder")),
        asked_by__is_active=True,
    )
    return rows.select_related("person", "asked_by").order_by("asked_at", "pk")


@service
def ask_reset(*, actor: Employee, person: Employee, reason: str) -> FactorReset:
    """Ask for the reset of a lost second factor. Raises NotPermitted, ConflictOfInterest, Refused, Invalid."""
    papers.hold_person(person)
    asks(actor, person)
    papers.employed(person)
    if not Authenticator.objects.filter(user=person).exists():
        raise Refused(_("{name} has no second factor that could be reset.").format(name=person.name))
    if waiting().filter(person=person).exists():
        raise Refused(_("It is asked for already and waits for somebody to confirm it."))
    reset = FactorReset.objects.create(
        person=person,
        reason=clean_line(reason, field="reason", max_length=200),
        asked_by=actor,
        asked_at=clock.now(),
    )
    record(Verb.FACTOR_ASK_RESET, actor=actor, obj=person, facts=[reset], reason=reset.reason)
    return reset


@service
def confirm_reset(*, actor: Employee, reset: FactorReset) -> FactorReset:
    """Forget every second factor of the person and end their sessions.

    Raises NotPermitted, ConflictOfInterest (asked by oneself, or for oneself), Stale (confirmed before, too old, or
    whoever asked is no longer IT).
    """
    papers.hold_person(reset.person)
    confirms(actor, reset)
    now = clock.now()
    if not waiting().filter(pk=reset.pk).update(confirmed_by=actor, confirmed_at=now):
        raise Stale(
            _("This was confirmed before, is older than a day, or who asked for it no longer may. Ask again.")
        )
    reset.confirmed_by, reset.confirmed_at = actor, now
    forgotten = forget([reset.person_id])
    ended = sessions.end([reset.person_id])
    record(
        Verb.FACTOR_RESET,
        actor=actor,
        obj=reset.person,
        facts=[reset],
        factors=forgotten,
        sessions_ended=ended,
    )
    return reset


def forget(people: Iterable[int]) -> list[str]:
    """Delete every second factor of these people (ids), recovery codes and ties to single sign-on too.

    Gives the kinds of factors. Called within a service.
    """
    forgotten: list[str] = []
    for some in kinds.batches(list(people)):
        rows = Authenticator.objects.filter(user__in=some)
        forgotten += rows.values_list("type", flat=True)
        rows.delete()
        SocialAccount.objects.filter(user__in=some).delete()
    return sorted(forgotten)
