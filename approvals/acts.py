"""One row of the table, done: the one path that every act on a request takes."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from approvals import reasons as listed
from approvals.authorities import Seats, Standing, standing
from approvals.models import Decision, Request
from approvals.transitions import Act, Authority, Transition, sources, transition
from approvals.wording import past, spoken
from audit import clock
from audit.errors import Invalid, NotPermitted, Refused, Stale
from audit.ledger import record
from audit.states import move
from audit.text import clean_text
from employees.models import Employee

LONGEST = 4000
"""Characters of a reason in somebody's words."""


def perform(
    actor: Employee | None,
    request: Request,
    act: Act,
    reasons: Sequence[str] = (),
    text: str = "",
    seen: str = "",
) -> Decision:
    """One row of the table, done: lock, state, permission, conflicts, compare-and-set, the decision's row.

    To be called within a service. Raises Stale, Refused, NotPermitted, ConflictOfInterest, Invalid.
    """
    row = locked(request, act)
    if seen and seen != request.content_hash():
        raise Stale(_("The request was changed after you opened it. Read it again before you decide."))
    capacity = _capacity(actor, request, act, row)
    codes, words = _reasoned(act, row, reasons, text)
    before, now = request.status, clock.now()
    first = {"submitted_at": now} if act == Act.SUBMIT and request.submitted_at is None else {}
    move(request, "status", old=before, new=row.to, status_since=now, **first)
    decision = Decision.objects.create(
        request=request,
        act=act,
        before=before,
        after=row.to,
        person=actor if row.who is not Authority.SYSTEM else None,
        capacity=capacity.title,
        capacity_kind=capacity.kind,
        acting=capacity.acting,
        appointment_id=capacity.appointment_id,
        reasons=codes,
        text=words,
        content_hash=request.content_hash(),
        at=now,
    )
    if act != Act.APPROVE:  # its entry follows the effects, which give the request its account
        record(row.verb, actor=actor, obj=request, facts=[request, decision], **told(decision))
    return decision


def told(decision: Decision) -> dict[str, object]:
    return {"capacity": decision.capacity, "reasons": decision.reasons, "content": decision.content_hash}


def locked(request: Request, act: Act) -> Transition:
    """The table's row for `act`, with `request` loaded anew under a lock.

    Raises Stale naming who was first, or Refused where the act never fitted.
    """
    expected = request.status
    # SQLite has no row locks and needs none: this transaction is the only one that writes.
    Request.objects.select_for_update(no_key=True).filter(pk=request.pk).values("pk").get()
    request.refresh_from_db()
    row = transition(request.status, act)
    if row is None or (expected != request.status and expected in sources(act)):
        raise _too_late(request, act)
    return row


def _too_late(request: Request, act: Act) -> Refused:
    latest = (
        request.decisions.filter(before__in=sources(act))
        .select_related("person")
        .order_by("-at", "-pk")
        .first()
    )
    if latest is None or act in (Act.FULFIL, Act.EXPIRE):
        return Refused(
            _("A request that is “%(status)s” cannot be changed in this way.")
            % {"status": request.get_status_display()}
        )
    who = latest.person.name if latest.person else _("The system")
    return Stale(
        _("Too late: %(name)s, %(capacity)s, %(past)s (%(when)s). Nothing of yours was recorded.")
        % {
            "name": who,
            "capacity": latest.capacity,
            "past": past(Act(latest.act)),
            "when": spoken(latest.at),
        }
    )


def _capacity(actor: Employee | None, request: Request, act: Act, row: Transition) -> Standing:
    if row.who is Authority.SYSTEM:
        return Standing(title="", kind="system")
    if actor is None:
        raise NotPermitted(_("A person must do this."))
    return standing(actor, request, act, Seats([request]))


def _reasoned(act: Act, row: Transition, reasons: Sequence[str], text: str) -> tuple[list[str], str]:
    known = {code for code, _label in listed.choices(act)}
    codes = list(dict.fromkeys(reasons))
    if set(codes) - known:
        raise Invalid(_("Choose reasons from the list."), fields={"reasons": _("Choose from the list.")})
    words = clean_text(text, field="text", max_length=LONGEST, blank=True)
    if row.needs_reason and not codes and not words:
        raise Invalid(_("Give a reason."), fields={"text": _("Give a reason.")})
    return codes, words
