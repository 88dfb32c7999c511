"""The only way to change a request. Acts of the table go through `acts.perform`."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import Account
from approvals import asked as contents
from approvals import effects
from approvals.acts import LONGEST, locked, perform, told
from approvals.asked import Asked
from approvals.authorities import standing
from approvals.models import Comment, Decision, Request, Series
from approvals.transitions import CLOSED, Act, Status, sources
from audit import clock
from audit.actions import Verb
from audit.errors import Invalid, Refused
from audit.ledger import act as savepoint
from audit.ledger import record, service
from audit.text import clean_text
from employees import authority
from employees.models import Employee, Role


@service
def create_draft(*, actor: Employee, asked: Asked) -> Request:
    """A draft in `actor`'s name, which may be incomplete. Raises NotPermitted, Invalid."""
    authority.require(
        actor.is_active and asked.department.pk in authority.departments_of(actor),
        _("You can ask only for your own department."),
    )
    clean, key = contents.checked(asked)
    now = clock.now()
    request = Request.objects.create(
        number=_next_number(),
        key=key,
        created_by=actor,
        created_at=now,
        status_since=now,
        **{name: getattr(clean, name) for name in contents.FIELDS},
    )
    record(Verb.REQUEST_DRAFT, actor=actor, obj=request, facts=[request], content=request.content_hash())
    return request


@service
def edit(*, actor: Employee, request: Request, asked: Asked) -> Request:
    """Write a draft or a returned request anew. Raises NotPermitted, Invalid, Stale.

    What was endorsed can't be edited: a returned request is endorsed again when it is submitted again.
    """
    row = locked(request, Act.EDIT)
    standing(actor, request, Act.EDIT)
    if asked.department.pk != request.department_id:
        authority.require(
            asked.department.pk in authority.departments_of(actor),
            _("You can ask only for your own department."),
        )
    clean, key = contents.checked(asked)
    values = {**{name: getattr(clean, name) for name in contents.FIELDS}, "key": key}
    changed = [name for name, value in values.items() if _differs(getattr(request, name), value)]
    for name in changed:
        setattr(request, name, values[name])
    try:
        with savepoint():
            request.save(update_fields=changed)
    except IntegrityError:
        raise _taken(request) from None
    record(
        row.verb, actor=actor, obj=request, facts=[request], changed=changed, content=request.content_hash()
    )
    return request


@service
def submit(*, actor: Employee, request: Request) -> Request:
    """Ask for endorsement. A Department Director's own request counts as endorsed by its author.

    Raises NotPermitted, Stale, and Invalid with what is missing or with the duplicate.
    """
    locked(request, Act.SUBMIT)
    standing(actor, request, Act.SUBMIT)
    lacking = contents.missing(request)
    if lacking:
        raise Invalid(_("The request is incomplete: ") + " ".join(lacking.values()), fields=lacking)
    contents.checked(contents.of(request))
    assert request.platform is not None
    other = contents.duplicate(request.platform, request.key, besides=request)
    if other is not None:
        raise Invalid(str(other), fields={"handle": str(other)})
    try:
        with savepoint():
            perform(actor, request, Act.SUBMIT)
    except IntegrityError:
        request.refresh_from_db()
        raise _taken(request) from None
    if authority.directs(actor, request.department):
        perform(actor, request, Act.ENDORSE)
    return request


@service
def endorse(
    *, actor: Employee, request: Request, seen: str = "", reasons: Sequence[str] = (), text: str = ""
) -> Decision:
    """The department stands behind it. `seen` is the content hash of what was read.

    Raises NotPermitted, Stale (named the winner), Invalid.
    """
    return perform(actor, request, Act.ENDORSE, reasons, text, seen)


@service
def decline(
    *, actor: Employee, request: Request, seen: str = "", reasons: Sequence[str] = (), text: str = ""
) -> Decision:
    """The department does not stand behind it; it ends here. Raises as `endorse`."""
    return perform(actor, request, Act.DECLINE, reasons, text, seen)


@service
def approve(
    *, actor: Employee, request: Request, seen: str = "", reasons: Sequence[str] = (), text: str = ""
) -> Decision:
    """Decide for it, and bring about what was asked (policy, Administrative Policy, first bullet).

    Raises ConflictOfInterest, NotPermitted, Stale (naming the winner), Invalid.
    """
    decision = perform(actor, request, Act.APPROVE, reasons, text, seen)
    account = effects.of_approval(request, actor=actor)
    # Before access is given: an account that lacks nothing becomes active there, and that entry must come later.
    record(Verb.REQUEST_APPROVE, actor=actor, obj=request, facts=[request, decision], **told(decision))
    effects.access(request, account, actor=actor)
    request.refresh_from_db()
    account.refresh_from_db()
    if request.status == Status.APPROVED and account.state == Account.State.ACTIVE:
        fulfil(actor=actor, account=account)
        request.refresh_from_db()
    return decision


@service
def return_for_changes(
    *, actor: Employee, request: Request, seen: str = "", reasons: Sequence[str] = (), text: str = ""
) -> Decision:
    """Give it back to its requester to change. Raises as `approve`."""
    return perform(actor, request, Act.RETURN, reasons, text, seen)


@service
def deny(
    *, actor: Employee, request: Request, seen: str = "", reasons: Sequence[str] = (), text: str = ""
) -> Decision:
    """Decide against it; it ends here. Raises as `approve`."""
    return perform(actor, request, Act.DENY, reasons, text, seen)


@service
def withdraw(*, actor: Employee, request: Request, text: str) -> Decision:
    """Take it back while it is open, by its requester or the Department Director. Raises as `endorse`."""
    return perform(actor, request, Act.WITHDRAW, (), text)


@service
def fulfil(*, actor: Employee | None, account: Account) -> Decision | None:
    """The approved request for `account` has what it asked for: the account is active. None where there is none."""
    request = Request.objects.filter(account=account, status__in=sources(Act.FULFIL)).first()
    return perform(actor, request, Act.FULFIL) if request is not None else None


@service
def comment(*, actor: Employee, request: Request, text: str) -> Comment:
    """Write to everybody on the request, until it is closed. Raises NotPermitted, Refused, Invalid."""
    authority.require(may_comment(actor, request), _("You take no part in this request."))
    if request.status in CLOSED:
        raise Refused(_("This request is closed; nobody would answer. Ask in a new one."))
    clean = clean_text(text, field="text", max_length=LONGEST, blank=True)
    if not clean:
        raise Invalid(_("Write something first."), fields={"text": _("Write something first.")})
    made = Comment.objects.create(
        request=request, author=actor, author_title=actor.title_now, text=clean, at=clock.now()
    )
    record(Verb.REQUEST_COMMENT, actor=actor, obj=request, comment=made.pk)
    return made


def may_comment(person: Employee, request: Request) -> bool:
    """Its requester, the department's people, the city-wide officers and Public Information; readers do not."""
    return person.is_active and (
        person.pk == request.created_by_id
        or request.department_id in authority.departments_of(person)
        or authority.is_officer(person)
        or authority.has_role(person, Role.Name.PUBLIC_INFORMATION)
    )


def _next_number() -> str:
    year = clock.today().year
    series, _made = Series.objects.get_or_create(year=year)
    Series.objects.filter(year=year).update(last=F("last") + 1)  # holds the row until the act is committed
    series.refresh_from_db()
    return str(series)


def _differs(old: object, new: object) -> bool:
    if isinstance(old, list):
        return not isinstance(new, list | tuple) or old != list(new)
    return old != new


def _taken(request: Request) -> Invalid:
    """Somebody else submitted the same handle between our look and our write."""
    text = _("Somebody else has just asked for this account.")
    return Invalid(text, fields={"handle": text})
