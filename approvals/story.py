"""What a page tells of a request: the picture of its steps, and its conversation and history in one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from approvals.kinds import Kind
from approvals.models import Attachment, Comment, Decision, Request
from approvals.moves import Move
from approvals.transitions import Act, Status
from approvals.wording import past
from credentials.provisioning import Missing, missing


@dataclass(frozen=True)
class Event:
    """One line of the history: a comment (`said`), or an act (`did`) with what was said with it."""

    at: datetime
    name: str
    title: str
    did: str = ""
    said: str = ""
    reasons: tuple[str, ...] = ()
    note: str = ""
    internal: str = ""
    file: Attachment | None = None


@dataclass(frozen=True)
class Step:
    state: str
    title: str
    who: str = ""
    at: datetime | None = None
    due: date | None = None


def events(request: Request, *, internal: bool = False) -> list[Event]:
    """Conversation, files and history, oldest first. Three queries."""
    now = request.content_hash()
    told = [
        _of_decision(row, now, request.kind, internal) for row in request.decisions.select_related("person")
    ]
    told += [_of_comment(row) for row in request.comments.select_related("author")]
    told += [_of_file(row) for row in request.attachments.select_related("author", "request")]
    return sorted(told, key=lambda event: event.at)


def set_up(request: Request) -> list[Missing]:
    """What an approved request's new account still lacks before it is active and public."""
    if request.status != Status.APPROVED or request.account is None:
        return []
    return missing(request.account)


def _of_comment(row: Comment) -> Event:
    return Event(row.at, row.author.name, row.author_title, said=row.text)


def _of_file(row: Attachment) -> Event:
    return Event(row.at, row.author.name, row.author_title, file=row)


def _of_decision(row: Decision, now: str, kind: str, internal: bool) -> Event:
    note = ""
    if row.act == Act.EDIT:
        note = _("the endorsement no longer counts")
    elif row.act in (Act.ENDORSE, Act.APPROVE):
        note = _("nothing has changed since") if row.content_hash == now else _("it was changed since")
    return Event(
        row.at,
        row.person.name if row.person else _("The system"),
        row.capacity if row.capacity_kind != "requester" else "",
        did=past(Act(row.act), kind),
        said=row.text,
        reasons=tuple(row.reason_labels),
        note=note,
        internal=row.note if internal else "",
    )


def steps(request: Request, move: Move | None, done: list[Decision], due: date | None = None) -> list[Step]:
    """The picture: what is done, what is now, what comes. `done` are the request's decisions, oldest first."""
    latest = {Act(row.act): row for row in done}
    ended = next(
        (latest[act] for act in (Act.DECLINE, Act.DENY, Act.WITHDRAW, Act.EXPIRE) if act in latest), None
    )
    reached = _reached(request, ended)
    picture = []
    for place, (act, before, after, otherwise) in enumerate(_plan(request)):
        row = latest.get(act) if act else None
        if place < reached:
            name = row.person.name if row and row.person else ""
            picture.append(Step("done", after, name, row.at if row else request.status_since))
        elif ended is not None:
            break
        elif place == reached:
            who = move.names or move.office_title if move else ""
            picture.append(Step("current", before, who, due=due))
        else:
            picture.append(Step("todo", before, otherwise))
    if ended is not None:
        name = ended.person.name if ended.person else ""
        picture.append(Step("current", str(Status(ended.after).label), name, ended.at))
    return picture


def _plan(request: Request) -> list[tuple[Act | None, str, str, str]]:
    """Act, its step while it is to come, once it is done, and who does it."""
    department = request.department.name
    changes = request.status == Status.RETURNED
    if request.kind != Kind.NEW_ACCOUNT:
        ending: list[tuple[Act | None, str, str, str]] = [(Act.FULFIL, _("Done"), _("Done"), _("at once"))]
    else:
        ending = [
            (Act.FULFIL, _("Set up"), _("Set up"), _("%(name)s and IT") % {"name": department}),
            (None, _("Public"), _("Public"), _("in the directory")),
        ]
    return [
        (Act.SUBMIT, _("Changes") if changes else _("Draft"), _("Submitted"), ""),
        (Act.ENDORSE, _("Endorsement"), _("Endorsed"), _("Director of %(name)s") % {"name": department}),
        (Act.APPROVE, _("Decision"), _("Approved"), _("PI Director")),
        *ending,
    ]


def _reached(request: Request, ended: Decision | None) -> int:
    """How many steps are done."""
    places = {
        Status.DRAFT: 0,
        Status.RETURNED: 0,
        Status.AWAITING_ENDORSEMENT: 1,
        Status.AWAITING_DECISION: 2,
        Status.APPROVED: 3,
        Status.FULFILLED: 5,
    }
    return places[Status(ended.before if ended is not None else request.status)]
