"""What waits for one person, the most urgent first: drawn from every room, remembered by none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import affiliations, impostors, profiles
from accounts.models import Account, Affiliation, ProfileReview
from approvals import deadlines, moves
from approvals.authorities import Seats
from approvals.models import Request
from approvals.transitions import Status
from audit import clock
from credentials import (
    breakglass,
    dues,
    entitlement,
    platform_roles,
    receipts,
    records,
    reviews,
    rotation,
    stale,
    ways,
)
from credentials.models import Campaign, Credential, Custody, Ground, RecordsRequest, SecretVersion
from credentials.reviews import progress
from employees import authority, departures, factors, instruments, people, policy, rules
from employees.models import Designation, Employee, Notice, Office


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
    post: bool = False
    """Whether the button does it at once, with a POST to `url`."""


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

MOST = 10
"""Tasks of one kind that the page lists; the rest stands behind a link to the whole list."""


LATELY = 90
"""Days within which a departure that isn't followed to its end stands here."""


def tasks(person: Employee) -> list[Task]:
    """Everything that waits for `person`. The number of queries doesn't grow with what waits."""
    found = [
        *_emergencies(person),
        *_rotations(person),
        *_receipts(person),
        *_stale_copies(person),
        *_unfinished_rotations(person),
        *_ways_in(person),
        *_decisions(person),
        *_overdue(person),
        *_own_requests(person),
        *_policy(person),
        *_papers(person),
        *_departures(person),
        *_deposits(person),
        *_profiles(person),
        *_platform_roles(person),
        *_attestation(person),
        *_impostors(person),
        *_affiliations(person),
        *_lost_factors(person),
        *_questions(person),
        *_reviews(person),
        *_removals(person),
        *_records(person),
    ]
    return sorted(found, key=lambda task: URGENCY.index(task.tone))


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
            text, verb = _why(due), _("Rotate this password") if due.kind == "password" else _("Replace it")
        light = due.reason in (dues.LOST, dues.EMERGENCY)
        tone: Literal["danger", "warn"] = "warn" if light else "danger"
        found.append(
            Task(
                _("Rotation due"),
                tone,
                due.title,
                text,
                due.since,
                due.address,
                verb,
            )
        )
    return found


def _stale_copies(person: Employee) -> list[Task]:
    """Changed on the platform, and the new one not in the vault: for PI and IT."""
    if not stale.sees_all(person):
        return []
    return [
        Task(
            _("Vault copy stale"),
            "danger",
            one.item.credential.account.display,
            _("%(name)s changed the password on the platform; the new one is not deposited yet: %(reason)s")
            % {"name": one.reported_by.name, "reason": one.reason},
            one.reported_at,
            reverse("credentials:credential", args=[one.item.credential_id]),
            _("See the account"),
        )
        for one in stale.standing()[:MOST]
    ]


def _unfinished_rotations(person: Employee) -> list[Task]:
    """Verified, and the closing list is not done."""
    if not entitlement.may_rotate(person):
        return []
    return [
        Task(
            _("To finish"),
            "warn",
            one.item.credential.account.display,
            _(
                "The new password is verified. Sessions, factors, recovery ways and apps are still to be looked at."
            ),
            one.verified_at,
            reverse("credentials:rotate", args=[one.item.credential_id]),
            _("Go through the list"),
        )
        for one in rotation.unfinished()[:MOST]
    ]


def _ways_in(person: Employee) -> list[Task]:
    """Telephones, passkeys, mailboxes and apps of people without custody, and private telephones."""
    if not entitlement.may_rotate(person):
        return []
    return [
        Task(
            _("Way in to remove") if one.lost else _("Private phone"),
            "danger" if one.lost else "warn",
            one.way.account.display,
            _("Remove it on the platform, then take it off the list: %(what)s") % {"what": one.sentence},
            one.way.recorded_at,
            reverse("credentials:ways", args=[one.way.account_id]),
            _("See every way in"),
        )
        for one in ways.due()[:MOST]
    ]


def _why(due: dues.Due) -> str:
    if due.knowers:
        names = ", ".join(knower.person.name for knower in due.knowers)
        return _("Known without authority by %(names)s.") % {"names": names}
    if not due.reports:
        return _("Opened in an emergency by %(name)s.") % {"name": due.emergencies[0].person.name}
    report = due.reports[0]
    return _("Reported by %(name)s: %(reason)s") % {"name": report.reported_by.name, "reason": report.reason}


def _emergencies(person: Employee) -> list[Task]:
    """Broken glasses whose review the person can sign."""
    if not authority.is_officer(person):
        return []
    return [
        Task(
            _("Break-glass"),
            "danger" if breakglass.review_due(one) else "warn",
            one.version.item.credential.account.display,
            # Not the reason: what stands here goes into mails, too.
            _("%(name)s opened it in an emergency. Read why, and sign the review within a day.")
            % {"name": one.person.name},
            one.opened_at,
            reverse("credentials:emergency", args=[one.pk]),
            _("Review it"),
        )
        for one in breakglass.unreviewed()[:MOST]
        if breakglass.may_review(person, one)
    ]


def _receipts(person: Employee) -> list[Task]:
    """New versions that the person has not taken note of: one click for all."""
    owed = receipts.duties(person=person)
    if not owed:
        return []
    accounts = ", ".join(dict.fromkeys(duty.account.display for duty in owed[:3]))
    text = (
        _("%(accounts)s, and more. You need not open them.")
        if len(owed) > 3
        else _("%(accounts)s. You need not open it to say that you know.")
    )
    return [
        Task(
            _("New version"),
            "warn",
            ngettext("%(count)d secret was replaced", "%(count)d secrets were replaced", len(owed))
            % {"count": len(owed)},
            text % {"accounts": accounts},
            owed[0].since,
            reverse("credentials:noted"),
            _("I have taken note"),
            post=True,
        )
    ]


def _overdue(person: Employee) -> list[Task]:
    """Steps of others that are late and that an office of the person can do something about."""
    mine = set(moves.to_decide(person).values_list("pk", flat=True))
    late = [one for one in deadlines.escalated_to(person).whole()[: MOST * 2] if one.pk not in mine][:MOST]
    seats = Seats(late)
    found = []
    for request in late:
        move, due = moves.next_move(request, seats), deadlines.due_on(request)
        if move is None or due is None:
            continue
        waits = _("It waits for %(names)s, %(office)s.") % {"names": move.names, "office": move.office_title}
        found.append(
            Task(
                _("Overdue elsewhere"),
                "warn",
                request.display,
                _("Request %(number)s of %(department)s was due %(day)s. %(waits)s")
                % {
                    "number": request.number,
                    "department": request.department.name,
                    "day": date_format(due, "DATE_FORMAT"),
                    "waits": waits if move.people else f"{move.why_blocked} {move.mend}",
                },
                request.status_since,
                reverse("approvals:request", args=[request.number]),
                _("See the request"),
            )
        )
    return found


def _policy(person: Employee) -> list[Task]:
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


def _decisions(person: Employee) -> list[Task]:
    found = []
    for request in moves.to_decide(person).whole().order_by("status_since", "pk")[:MOST]:
        endorsing = request.status == Status.AWAITING_ENDORSEMENT
        due = deadlines.due_on(request)
        late = deadlines.is_overdue(request)
        term = _("It was due %(day)s.") if late else _("Due %(day)s.")
        found.append(
            Task(
                _("Overdue") if late else _("To endorse") if endorsing else _("To decide"),
                "danger" if late else "info",
                request.display,
                _("%(person)s asks for it for %(department)s. Request %(number)s. %(term)s")
                % {
                    "person": request.created_by.name,
                    "department": request.department.name,
                    "number": request.number,
                    "term": term % {"day": date_format(due, "DATE_FORMAT")} if due else "",
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


def _departures(person: Employee) -> list[Task]:
    """People who left lately and whose departure is not followed to its end, for Information Technology."""
    if not entitlement.may_rotate(person):
        return []
    found = []
    lately = departures.recent(LATELY)
    tasks = departures.tasks(lately)
    for one in lately:
        left = [task for task in tasks[one.person.pk] if task.done_at is None]
        if left:
            text = ngettext(
                "%(count)d thing is open: %(what)s", "%(count)d things are open: %(what)s", len(left)
            )
            what = "; ".join(task.what for task in left[:2])
            found.append(
                Task(
                    _("Departure"),
                    "warn",
                    _("%(name)s has left") % {"name": one.person.name},
                    text % {"count": len(left), "what": f"{what} …" if len(left) > 2 else what},
                    one.at,
                    reverse("employees:leaving", args=[one.person.pk]),
                    _("Follow it to the end"),
                )
            )
    return found[:MOST]


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


def _profiles(person: Employee) -> list[Task]:
    """Profiles to look at, of accounts that the person holds in their own department."""
    held = Ground.objects.in_force().filter(custody__person=person).values("custody__account")
    found = []
    for review in profiles.to_keep(held, authority.departments_of(person))[:MOST]:
        late = review.due is not None and review.due < clock.today()
        if review.kind == ProfileReview.Kind.SET_UP:
            text = _("Before it is public, say on the list that its profile follows the policy.")
        else:
            text = _("Look whether its profile still follows the policy. Due %(day)s.") % {
                "day": date_format(review.due, "DATE_FORMAT") if review.due else _("soon")
            }
        found.append(
            Task(
                _("Overdue") if late else _("Profile to check"),
                "danger" if late else "info",
                review.account.display,
                text,
                review.opened_at,
                reverse("accounts:profile", args=[review.account_id]),
                _("Check the profile"),
            )
        )
    return found


def _affiliations(person: Employee) -> list[Task]:
    """For the PI Director what is new; for who holds an account what was ordered undone."""
    found = []
    held = Ground.objects.in_force().filter(custody__person=person).values("custody__account")
    ordered = Affiliation.objects.filter(
        Q(account__department__in=authority.departments_of(person)) | Q(recorded_by=person),
        account__in=held,
        ordered_at__isnull=False,
        undone_at=None,
    )
    for one in ordered.select_related("account__platform", "ordered_by").order_by("ordered_at")[:MOST]:
        found.append(
            Task(
                _("To undo"),
                "warn",
                f"{one.name}, {one.account.display}",
                _("By order of %(name)s: %(reason)s")
                % {"name": one.ordered_by.name if one.ordered_by else "", "reason": one.order_reason},
                one.ordered_at,
                reverse("accounts:affiliations", args=[one.account_id]),
                _("Leave it, then confirm"),
            )
        )
    if authority.holds(person, Office.Kind.PI_DIRECTOR):
        new = affiliations.unseen()
        count, oldest = new.count(), new.order_by("recorded_at").values_list("recorded_at", flat=True).first()
        if count:
            title = ngettext("%(count)d group or page", "%(count)d groups and pages", count)
            found.append(
                Task(
                    _("To look at"),
                    "plain",
                    title % {"count": count},
                    _("Joined or followed in the City’s name. What you do not order undone stands."),
                    oldest,
                    reverse("accounts:affiliations_week"),
                    _("See the list"),
                )
            )
    return found


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


def _impostors(person: Employee) -> list[Task]:
    """Accounts that residents say pose as the City, for who answers them."""
    if not impostors.decides(person):
        return []
    return [
        Task(
            _("Reported"),
            "warn",
            report.shown,
            _("Looks like %(account)s.") % {"account": report.resembles.display}
            if report.resembles
            else _("A resident says that it poses as the City."),
            report.received_at,
            reverse("accounts:decide_report", args=[report.pk]),
            _("Read and answer"),
        )
        for report in impostors.waiting().select_related("resembles__platform")[:MOST]
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
