"""What waits of access reviews, their removals, and requests for public records."""

from __future__ import annotations

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.tasks.task import MOST, Task
from credentials import (
    records,
    reviews,
)
from credentials.models import Campaign, RecordsRequest
from credentials.reviews import progress
from employees import authority
from employees.models import Employee


def access_reviews(person: Employee) -> list[Task]:
    """The open access review, where decisions wait for this person."""
    campaign = Campaign.objects.filter(state=Campaign.State.OPEN).first()
    if campaign is None or not authority.capacities(person):
        return []
    count = len(progress.mine(campaign.pk, person.pk, reviews.Reviewers()))
    if not count:
        return []
    text = ngettext(
        "%(count)d decision about who keeps access, by %(day)s.",
        "%(count)d decisions about who keeps access, by %(day)s.",
        count,
    ) % {"count": count, "day": date_format(campaign.due, "DATE_FORMAT")}
    return [
        Task(
            _("Overdue") if campaign.overdue else _("To review"),
            "danger" if campaign.overdue else "info",
            campaign.title,
            text,
            campaign.opened_at,
            campaign.get_absolute_url(),
            _("Say who keeps access"),
        )
    ]


ENDED_BY_PAPER = ("designation", "appointment")


def removals_to_finish(person: Employee) -> list[Task]:
    """Papers that a review wants ended, for whoever can end them. Rotations and platform roles have their own tasks."""
    registrar = authority.is_clerk(person) or authority.is_officer(person)
    directed = {held.department_id for held in authority.capacities(person) if held.department_id}
    if not registrar and not directed:
        return []
    found = []
    for standing in progress.waiting_removals():
        item = standing.item
        for left in standing.left:
            own = left.kind == "designation" and item.account.department_id in directed
            if item.person_id == person.pk or not (own or (registrar and left.kind in ENDED_BY_PAPER)):
                continue
            found.append(
                Task(
                    _("To end"),
                    "warn",
                    f"{item.person.name}, {item.account.display}",
                    _("%(what)s. %(name)s removed it in the access review.")
                    % {"what": left.text, "name": item.decided_by.name if item.decided_by else ""},
                    item.decided_at,
                    left.url,
                    _("See the papers"),
                )
            )
    return found[:MOST]


def records_requests(person: Employee) -> list[Task]:
    """Requests for public records that are not answered."""
    if not records.may_answer(person):
        return []
    waiting = RecordsRequest.objects.filter(state=RecordsRequest.State.OPEN).order_by("due_on", "pk")
    return [
        Task(
            _("Overdue") if one.overdue else _("Records request"),
            "danger" if one.overdue else "warn",
            one.number,
            _("An answer is due on %(day)s.") % {"day": date_format(one.due_on, "DATE_FORMAT")},
            one.recorded_at,
            one.get_absolute_url(),
            _("Answer it"),
        )
        for one in waiting[:MOST]
    ]
