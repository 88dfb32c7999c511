"""The table of transitions: what may be done with a request, in which status, by whom, and what it becomes.

What is not in the table is refused. Services, buttons, tests and `docs/request-states.md` all read it.
"""

from dataclasses import dataclass
from enum import Enum

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.actions import Verb


class Status(models.TextChoices):
    """Where a request stands. (Being set up and active are states of the account.)"""

    DRAFT = "draft", _("Draft")
    AWAITING_ENDORSEMENT = "awaiting_endorsement", _("Awaiting endorsement")
    AWAITING_DECISION = "awaiting_decision", _("Awaiting decision")
    APPROVED = "approved", _("Approved")
    FULFILLED = "fulfilled", _("Fulfilled")
    DECLINED = "declined", _("Declined")
    RETURNED = "returned", _("Returned for changes")
    DENIED = "denied", _("Denied")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("Expired")


CLAIMING = (Status.AWAITING_ENDORSEMENT, Status.AWAITING_DECISION, Status.RETURNED)
"""Submitted and undecided: nobody else may ask for the same account. Once approved, the account itself holds it."""

OPEN = (Status.DRAFT, *CLAIMING)
"""Somebody must still do something with the request itself."""

CLOSED = (Status.FULFILLED, Status.DECLINED, Status.DENIED, Status.WITHDRAWN, Status.EXPIRED)
"""Nothing leads out of these."""


class Act(models.TextChoices):
    """What is done with a request; the label is the button's."""

    EDIT = "edit", _("Save changes")
    SUBMIT = "submit", _("Submit")
    ENDORSE = "endorse", _("Endorse")
    DECLINE = "decline", _("Decline")
    TAKE = "take", _("Take review")
    APPROVE = "approve", _("Approve")
    RETURN = "return", _("Return for changes")
    DENY = "deny", _("Deny")
    WITHDRAW = "withdraw", pgettext_lazy("button", "Withdraw")
    FULFIL = "fulfil", _("Fulfil")
    EXPIRE = "expire", _("Expire")


class Authority(Enum):
    """Who may. Evaluated at the moment of the act, by `approvals.authorities`."""

    REQUESTER = "the requester"
    REQUESTER_OR_DIRECTOR = "the requester or the Department Director"
    DIRECTOR = "the Department Director"
    DECIDER = "the PI Director, or whoever stands in without conflict"
    SYSTEM = "the system"


@dataclass(frozen=True)
class Transition:
    """`to` may be the status it starts from: an act that only marks something. An edit that leads to another status
    than its own voids the endorsement."""

    to: Status
    who: Authority
    verb: Verb
    needs_reason: bool = False


_submit = Transition(Status.AWAITING_ENDORSEMENT, Authority.REQUESTER, Verb.REQUEST_SUBMIT)
_withdraw = Transition(Status.WITHDRAWN, Authority.REQUESTER_OR_DIRECTOR, Verb.REQUEST_WITHDRAW, True)

TABLE: dict[tuple[Status, Act], Transition] = {
    (Status.DRAFT, Act.EDIT): Transition(Status.DRAFT, Authority.REQUESTER, Verb.REQUEST_EDIT),
    (Status.DRAFT, Act.SUBMIT): _submit,
    (Status.DRAFT, Act.WITHDRAW): _withdraw,
    (Status.AWAITING_ENDORSEMENT, Act.EDIT): Transition(
        Status.AWAITING_ENDORSEMENT, Authority.REQUESTER, Verb.REQUEST_EDIT
    ),
    (Status.AWAITING_ENDORSEMENT, Act.ENDORSE): Transition(
        Status.AWAITING_DECISION, Authority.DIRECTOR, Verb.REQUEST_ENDORSE
    ),
    (Status.AWAITING_ENDORSEMENT, Act.DECLINE): Transition(
        Status.DECLINED, Authority.DIRECTOR, Verb.REQUEST_DECLINE, True
    ),
    (Status.AWAITING_ENDORSEMENT, Act.WITHDRAW): _withdraw,
    (Status.AWAITING_DECISION, Act.EDIT): Transition(
        Status.AWAITING_ENDORSEMENT, Authority.REQUESTER, Verb.REQUEST_EDIT
    ),
    (Status.AWAITING_DECISION, Act.TAKE): Transition(
        Status.AWAITING_DECISION, Authority.DECIDER, Verb.REQUEST_TAKE
    ),
    (Status.AWAITING_DECISION, Act.APPROVE): Transition(
        Status.APPROVED, Authority.DECIDER, Verb.REQUEST_APPROVE
    ),
    (Status.AWAITING_DECISION, Act.RETURN): Transition(
        Status.RETURNED, Authority.DECIDER, Verb.REQUEST_RETURN, True
    ),
    (Status.AWAITING_DECISION, Act.DENY): Transition(
        Status.DENIED, Authority.DECIDER, Verb.REQUEST_DENY, True
    ),
    (Status.AWAITING_DECISION, Act.WITHDRAW): _withdraw,
    (Status.RETURNED, Act.EDIT): Transition(Status.RETURNED, Authority.REQUESTER, Verb.REQUEST_EDIT),
    (Status.RETURNED, Act.SUBMIT): _submit,
    (Status.RETURNED, Act.WITHDRAW): _withdraw,
    (Status.RETURNED, Act.EXPIRE): Transition(Status.EXPIRED, Authority.SYSTEM, Verb.REQUEST_EXPIRE),
    (
        Status.APPROVED,
        Act.WITHDRAW,
    ): _withdraw,  # nobody wants the account any more: it is closed before it was in use
    (Status.APPROVED, Act.FULFIL): Transition(Status.FULFILLED, Authority.SYSTEM, Verb.REQUEST_FULFIL),
}


def transition(status: str, act: Act) -> Transition | None:
    """The row of the table, or None: default deny."""
    return TABLE.get((Status(status), act))


def acts_from(status: str) -> list[Act]:
    """What the table knows to do in `status`, in the order of the table."""
    return [act for (at, act) in TABLE if at == status]


def sources(act: Act) -> list[Status]:
    """The statuses from which the table knows `act`."""
    return [at for at, known in TABLE if known == act]


def needs_reason(act: Act) -> bool:
    """Whether `act` wants a reason, in whatever status."""
    return any(row.needs_reason for (_at, done), row in TABLE.items() if done == act)


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {Status.DRAFT.value}"]
    for (at, act), row in TABLE.items():
        if at != row.to:
            lines.append(f"    {at.value} --> {row.to.value}: {act.value} ({row.who.value})")
    lines += [f"    {status.value} --> [*]" for status in CLOSED]
    return "\n".join(lines)
