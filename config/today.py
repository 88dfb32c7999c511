"""What waits for one person, the most urgent first: drawn from every room, remembered by none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account
from approvals import moves
from approvals.models import Request
from approvals.transitions import Status
from credentials import dues, entitlement, platform_roles, records, reviews
from credentials.models import Campaign, Credential, Custody, Ground, RecordsRequest, SecretVersion
from credentials.reviews import progress
from employees import authority, factors, instruments, people, rules
from employees.models import Employee, Office


@dataclass(frozen=True)
class Task:
    """One thing to do: `tag` and `tone` name its kind, `verb` is on its button."""

    tag: str
    tone: Literal["danger", "warn", "info", "plain"]
    title: str
    text: str
    since: datetime | None
    url: str
    verb: str


MOST = 10
"""Tasks of one kind that the page lists; the rest stands behind a link to the whole list."""


def tasks(person: Employee) -> list[Task]:
    """Everything that waits for `person`. The number of queries doesn't grow with what waits."""
    return [
        *_rotations(person),
        *_decisions(person),
        *_own_requests(person),
        *_papers(person),
        *_deposits(person),
        *_platform_roles(person),
        *_attestation(person),
        *_lost_factors(person),
        *_questions(person),
        *_reviews(person),
        *_removals(person),
        *_records(person),
    ]


def _rotations(person: Employee) -> list[Task]:
    if not entitlement.may_rotate(person):
        return []
    found = []
    for due in dues.queue()[:MOST]:
        if due.rotation is not None:
            text = _("%(person)s has started it: %(state)s.") % {
                "person": due.rotation.started_by.name,
                "state": due.rotation.get_state_display().lower(),
            }
            verb = _("Go on with the rotation")
        else:
            text, verb = _why(due), _("Rotate this password")
        tone: Literal["danger", "warn"] = "warn" if due.reason == dues.LOST else "danger"
        found.append(
            Task(
                _("Rotation due"),
                tone,
                due.account.display,
                text,
                due.since,
                reverse("credentials:rotate", args=[due.version.item.credential_id]),
                verb,
            )
        )
    return found


def _why(due: dues.Due) -> str:
    if due.knowers:
        names = ", ".join(knower.person.name for knower in due.knowers)
        return _("Known without authority by %(names)s.") % {"names": names}
    report = due.reports[0]
    return _("Reported by %(name)s: %(reason)s") % {"name": report.reported_by.name, "reason": report.reason}


def _decisions(person: Employee) -> list[Task]:
    found = []
    for request in moves.to_decide(person).whole().order_by("status_since", "pk")[:MOST]:
        endorsing = request.status == Status.AWAITING_ENDORSEMENT
        found.append(
            Task(
                _("To endorse") if endorsing else _("To decide"),
                "info",
                request.display,
                _("%(person)s asks for it for %(department)s. Request %(number)s.")
                % {
                    "person": request.created_by.name,
                    "department": request.department.name,
                    "number": request.number,
                },
                request.status_since,
                reverse("admin:approvals_request_change", args=[request.pk]),
                _("Read and endorse") if endorsing else _("Read and decide"),
            )
        )
    return found


def _own_requests(person: Employee) -> list[Task]:
    mine = Request.objects.filter(created_by=person, status__in=(Status.DRAFT, Status.RETURNED)).whole()
    found = []
    for request in mine.order_by("status_since", "pk")[:MOST]:
        returned = request.status == Status.RETURNED
        found.append(
            Task(
                _("Returned") if returned else _("Draft"),
                "warn" if returned else "plain",
                request.display,
                _("It came back for changes. Change it and submit it again.")
                if returned
                else _("It is not submitted yet."),
                request.status_since,
                reverse("approvals:request", args=[request.number]),
                _("Change it") if returned else _("Go on with it"),
            )
        )
    return found


def _papers(person: Employee) -> list[Task]:
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


def _deposits(person: Employee) -> list[Task]:
    """Accounts being set up whose login nobody has deposited, for who holds them."""
    held = Ground.objects.in_force().filter(custody__person=person).values("custody__account")
    current = SecretVersion.objects.filter(state=SecretVersion.State.CURRENT).values("item__credential")
    empty = (
        Credential.objects.filter(account__state=Account.State.PROVISIONING, account__in=held)
        .exclude(pk__in=current)
        .select_related("account__platform", "account__department")
    )
    return [
        Task(
            _("To set up"),
            "info",
            credential.account.display,
            _("It is approved. When its login and password are in the vault, it becomes active."),
            credential.created_at,
            reverse("credentials:deposit", args=[credential.pk]),
            _("Deposit the login"),
        )
        for credential in empty.order_by("created_at")[:MOST]
    ]


def _platform_roles(person: Employee) -> list[Task]:
    """Roles to be confirmed on accounts being set up, and removals to be confirmed anywhere."""
    if not entitlement.may_rotate(person):
        return []
    role = Custody.objects.filter(channel=Custody.Channel.PLATFORM_ROLE).select_related(
        "person", "account__platform"
    )
    present = role.filter(
        closed_at=None, present_confirmed_at=None, account__state=Account.State.PROVISIONING
    )
    gone = role.filter(closed_at__isnull=False, present_confirmed_at__isnull=False, removal_confirmed_at=None)
    found = []
    for row in (*gone.order_by("closed_at")[:MOST], *present.order_by("opened_at")[:MOST]):
        if not platform_roles.may_confirm(person, row):
            continue
        leaving = row.closed_at is not None
        text = (
            _("Remove %(person)s there, then confirm it.")
            if leaving
            else _("Give %(person)s the role, then confirm it.")
        )
        found.append(
            Task(
                _("Still present") if leaving else _("Role to confirm"),
                "warn" if leaving else "info",
                row.account.display,
                text % {"person": row.person.name},
                row.closed_at or row.opened_at,
                reverse("credentials:custody"),
                _("See the roles"),
            )
        )
    return found


def _lost_factors(person: Employee) -> list[Task]:
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


def _attestation(person: Employee) -> list[Task]:
    if not authority.holds(person, Office.Kind.PI_DIRECTOR):
        return []
    waiting = Account.objects.filter(
        origin=Account.Origin.IMPORT, state=Account.State.ACTIVE, attested_at=None
    )
    count = waiting.count()
    if not count:
        return []
    return [
        Task(
            _("To attest"),
            "info",
            _("%(count)d imported accounts") % {"count": count},
            _("Residents see them as official once you have attested them."),
            waiting.order_by("created_at").values_list("created_at", flat=True)[0],
            reverse("admin:accounts_account_attest"),
            _("See the list"),
        )
    ]


def _questions(person: Employee) -> list[Task]:
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


def _reviews(person: Employee) -> list[Task]:
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


def _removals(person: Employee) -> list[Task]:
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


ENDED_BY_PAPER = ("designation", "appointment")


def _records(person: Employee) -> list[Task]:
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
