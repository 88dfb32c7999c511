"""What waits about people: the policy, papers, departures, lost factors, questions of an import."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.models import Request
from audit import clock
from config.tasks.task import MOST, Task
from credentials import (
    entitlement,
)
from credentials.models import Custody
from employees import authority, departures, factors, instruments, people, policy, rules, showing
from employees.models import Designation, Employee


def policy_to_acknowledge(person: Employee) -> list[Task]:
    """The policy in force, for who holds something or is named in an open request."""
    version = policy.in_force()
    if version is None or policy.has_acknowledged(person):
        return []
    held = (
        Designation.objects.in_force().filter(designee=person),
        Custody.objects.standing().filter(person=person),
        Request.objects.open().filter(Q(poster=person) | Q(backup=person) | Q(created_by=person)),
    )
    if not (authority.enters_admin(person) or any(rows.exists() for rows in held)):
        return []
    return [
        Task(
            _("To acknowledge"),
            "info",
            version.title,
            _("Version %(number)d is in force since %(day)s. Read it and say so.")
            % {"number": version.number, "day": date_format(version.effective, "DATE_FORMAT")},
            max(clock.start_of(version.effective), version.published_at),
            reverse("employees:acknowledge"),
            _("Read the policy"),
        )
    ]


def papers_to_confirm(person: Employee) -> list[Task]:
    if not (authority.is_clerk(person) or authority.is_officer(person)):
        return []
    waiting = [paper for paper in instruments.waiting() if not rules.refusal(rules.confirms, person, paper)]
    return [
        Task(
            _("To confirm"),
            "info",
            str(paper),
            _("%(paper)s, recorded by %(person)s. It takes effect when you confirm it.")
            % {
                "paper": paper.instrument,
                "person": paper.recorded_by.name if paper.recorded_by else _("the system"),
            },
            paper.recorded_at,
            reverse("employees:waiting"),
            _("Read and confirm"),
        )
        for paper in waiting[:MOST]
    ]


def designations_to_carry(person: Employee) -> list[Task]:
    """A predecessor's designations that end with that appointment unless `person` carries them over before."""
    return [
        Task(
            _("To carry over"),
            "warn",
            str(designation),
            _("It lapses after %(day)s, with the appointment of %(name)s, unless you carry it over before.")
            % {
                "day": date_format(clock.day_of(until - timedelta(microseconds=1)), "DATE_FORMAT"),
                "name": designation.made_under.holder.name,
            },
            None,
            reverse("employees:waiting"),
            _("See and carry over"),
        )
        for designation, _seat in showing.to_carry(person)[:MOST]
        if (until := designation.made_under.effective_until) is not None
    ]


LATELY = 90
"""Days within which a departure that isn't followed to its end stands here."""


def unfinished_departures(person: Employee) -> list[Task]:
    """People who left lately and whose departure is not followed to its end, for Information Technology."""
    if not entitlement.may_rotate(person):
        return []
    found = []
    lately = departures.recent(LATELY)
    tasks = departures.tasks(lately)
    for one in lately:
        # Nobody follows their own, also when they are back.
        if one.person.pk == person.pk:
            continue
        left = [task for task in tasks[one] if task.done_at is None]
        if left:
            text = ngettext(
                "%(count)d thing is open: %(what)s", "%(count)d things are open: %(what)s", len(left)
            )
            what = "; ".join(task.what for task in left[:2])
            found.append(
                Task(
                    _("Departure"),
                    "warn",
                    (_("%(name)s had left") if one.until else _("%(name)s has left"))
                    % {"name": one.person.name},
                    text % {"count": len(left), "what": f"{what} …" if len(left) > 2 else what},
                    one.at,
                    reverse("employees:departure", args=[one.person.pk, one.last_day.isoformat()]),
                    _("Follow it to the end"),
                )
            )
    return found[:MOST]


def lost_factors(person: Employee) -> list[Task]:
    """Resets of second factors that somebody else asked for."""
    return [
        Task(
            _("To confirm"),
            "warn",
            _("A second factor is lost: %(name)s") % {"name": reset.person.name},
            _("%(name)s asked to reset it. Speak to the person first.") % {"name": reset.asked_by.name},
            reset.asked_at,
            reverse("employees:factor", args=[reset.person_id]),
            _("See and confirm"),
        )
        for reset in factors.waiting()[:MOST]
        if not rules.refusal(factors.confirms, person, reset)
    ]


def questions_of_imports(person: Employee) -> list[Task]:
    """Whom two personnel files in a row have not named."""
    if not entitlement.may_rotate(person):
        return []
    return [
        Task(
            _("Question"),
            "warn",
            missing.name,
            _("Two personnel files in a row do not name this person. Have they left?"),
            None,
            reverse("employees:person", args=[missing.pk]),
            _("See the person"),
        )
        for missing in people.to_question()[:MOST]
    ]
