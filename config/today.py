"""What waits for one person, the most urgent first: drawn from every room, remembered by none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q

from audit import clock
from config.tasks import auditing, people, registry, requests, vault
from config.tasks.task import Task
from employees.models import Employee, Notice


@dataclass(frozen=True)
class Yours:
    """What the page Yours today and the day's digest both say: things to do, and things to know."""

    tasks: list[Task]
    news: list[Notice]

    @property
    def is_worth_a_mail(self) -> bool:
        """A draft of one's own, or what has time, makes no mail by itself."""
        return bool(self.news) or any(task.tone != "plain" for task in self.tasks)


def gather(person: Employee) -> Yours:
    """The one source of the page and of the digest."""
    return Yours(tasks(person), news(person))


def news(person: Employee) -> list[Notice]:
    """What no digest has told yet, and what today's digest told."""
    told_today = Q(told_on=clock.today())
    return list(
        Notice.objects.filter(Q(told_on=None) | told_today, person=person).order_by("-at", "-pk")[:50]
    )


URGENCY = ("danger", "warn", "info", "plain")
"""Tones in the order of the page; within one, tasks keep the order in which they are gathered."""

SOURCES: tuple[Callable[[Employee], list[Task]], ...] = (
    vault.emergencies_to_review,
    vault.due_rotations,
    vault.rotations_to_verify,
    vault.rotations_handed_over,
    vault.versions_to_note,
    vault.stale_copies,
    vault.unfinished_rotations,
    vault.ways_to_remove,
    requests.decisions_to_make,
    requests.overdue_elsewhere,
    requests.own_requests,
    people.policy_to_acknowledge,
    people.papers_to_confirm,
    people.designations_to_carry,
    people.unfinished_departures,
    vault.logins_to_deposit,
    registry.profiles_to_look_at,
    vault.roles_to_confirm,
    registry.accounts_to_attest,
    registry.reported_accounts,
    registry.groups_and_pages,
    people.lost_factors,
    people.questions_of_imports,
    auditing.access_reviews,
    auditing.removals_to_finish,
    auditing.records_requests,
)


def tasks(person: Employee) -> list[Task]:
    """Everything that waits for `person`. The number of queries doesn't grow with what waits."""
    found = [task for source in SOURCES for task in source(person)]
    return sorted(found, key=lambda task: URGENCY.index(task.tone))
