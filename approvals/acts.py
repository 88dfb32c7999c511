"""One row of the table, done: the one path that every act on a request takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from approvals import mails
from approvals import reasons as listed
from approvals.authorities import Seats, Standing, standing
from approvals.mails import Mail
from approvals.models import Decision, Request
from approvals.transitions import Act, Authority, Transition, sources, transition
from approvals.wording import past, spoken
from audit import canonical, clock
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
    note: str = "",
    mail: Mail | None = None,
) -> Decision:
    """One row of the table, done: lock, state, permission, conflicts, compare-and-set, the decision's row, its mail.

    `mail` is what the actor wants sent to the requester; left out, what `mails.draft` would show. To be called within a
    service. Raises Stale, Refused, NotPermitted, ConflictOfInterest, Invalid.
    """
    row = locked(request, act)
    if seen and seen != request.content_hash():
        raise Stale(_("The request was changed after you opened it. Read it again before you decide."))
    capacity = _capacity(actor, request, act, row)
    codes, words = _reasoned(act, row, reasons, text)
    note = clean_text(note, field="note", max_length=LONGEST, blank=True)
    if act == Act.APPROVE:
        _require_endorsement(request)
    sent = _mail(actor, request, act, capacity, codes, words, mail)
    before, now = request.status, clock.now()
    changes: dict[str, Any] = {"submitted_at": now} if act == Act.SUBMIT and not request.submitted_at else {}
    if row.to != before:
        changes |= {"status_since": now, "reviewer": None}
    elif act == Act.TAKE:
        changes["reviewer"] = actor
    move(request, "status", old=before, new=row.to, **changes)
    content = canonical.plain(request.asked())
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
        note=note,
        mail_subject=sent.subject if sent else "",
        mail_text=sent.text if sent else "",
        content=content,
        content_hash=request.content_hash(),
        at=now,
    )
    if sent is not None:
        mails.send(request, act, sent)
    if act != Act.APPROVE:  # its entry follows the effects, which give the request its account
        record(row.verb, actor=actor, obj=request, facts=[request, decision], **told(decision))
    return decision


def _require_endorsement(request: Request) -> None:
    """What is approved is what the department endorsed, to the letter."""
    last = request.decisions.filter(act=Act.ENDORSE).order_by("-at", "-pk").first()
    if last is None or last.content_hash != request.content_hash():
        raise Refused(
            _("What is asked is not what was endorsed. Return the request, so that it is endorsed again.")
        )


def _mail(
    actor: Employee | None,
    request: Request,
    act: Act,
    capacity: Standing,
    codes: Sequence[str],
    words: str,
    mail: Mail | None,
) -> Mail | None:
    """What the requester is sent about this act, checked; None where nobody is, as for one's own act."""
    if act not in mails.ACTS or actor is None:
        return None
    wanted = mail or mails.draft(request, act, by=actor.name, title=capacity.title, reasons=codes, text=words)
    return mails.checked(wanted)


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
