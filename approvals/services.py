"""The only way to change a request. Acts of the table go through `acts.perform`."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.files.base import File
from django.db import IntegrityError
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import Account
from approvals import asked as contents
from approvals import attachments, effects, mails
from approvals.acts import LONGEST, locked, perform, told
from approvals.asked import Asked
from approvals.authorities import standing
from approvals.kinds import Kind
from approvals.mails import Mail
from approvals.models import Attachment, Comment, Decision, Request, Series
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
    """Write an undecided request anew. Raises NotPermitted, Invalid, Stale.

    Changing what was endorsed voids the endorsement: the request waits for the department once more. What was
    submitted stays complete.
    """
    row = locked(request, Act.EDIT)
    standing(actor, request, Act.EDIT)
    if asked.department.pk != request.department_id:
        authority.require(
            asked.department.pk in authority.departments_of(actor),
            _("You can ask only for your own department."),
        )
    clean, key = contents.checked(asked)
    if clean.kind != request.kind:
        raise Invalid(_("What kind of request it is cannot be changed. Withdraw it and ask anew."))
    values = {**{name: getattr(clean, name) for name in contents.FIELDS}, "key": key}
    changed = [name for name, value in values.items() if _differs(getattr(request, name), value)]
    if not changed:
        return request
    if request.status in contents.COMPLETE:
        lacking = contents.lacking(clean)
        if lacking:
            raise Invalid(" ".join(lacking.values()), fields=lacking)
    for name in changed:
        setattr(request, name, values[name])
    try:
        with savepoint():
            request.save(update_fields=changed)
    except IntegrityError:
        raise _taken(request) from None
    if request.status in contents.COMPLETE:
        other = contents.hindrance(request)
        if other is not None:
            raise other
    if row.to == request.status:
        record(
            row.verb,
            actor=actor,
            obj=request,
            facts=[request],
            changed=changed,
            content=request.content_hash(),
        )
        return request
    perform(actor, request, Act.EDIT)  # voids the endorsement, and says so in the history
    if authority.directs(actor, request.department):
        perform(actor, request, Act.ENDORSE)
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
    other = contents.hindrance(request)
    if other is not None:
        raise other
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
    *,
    actor: Employee,
    request: Request,
    seen: str = "",
    reasons: Sequence[str] = (),
    text: str = "",
    note: str = "",
    mail: Mail | None = None,
) -> Decision:
    """The department stands behind it. `seen` is the content hash of what was read; `note` is for officers alone.

    Raises NotPermitted, Stale (naming the winner), Invalid.
    """
    return perform(actor, request, Act.ENDORSE, reasons, text, seen, note)


@service
def decline(
    *,
    actor: Employee,
    request: Request,
    seen: str = "",
    reasons: Sequence[str] = (),
    text: str = "",
    note: str = "",
    mail: Mail | None = None,
) -> Decision:
    """The department does not stand behind it; it ends here. `mail` goes to its requester. Raises as `endorse`."""
    return perform(actor, request, Act.DECLINE, reasons, text, seen, note, mail)


@service
def take(
    *,
    actor: Employee,
    request: Request,
    seen: str = "",
    reasons: Sequence[str] = (),
    text: str = "",
    note: str = "",
    mail: Mail | None = None,
) -> Decision:
    """Mark who is on it; nobody else is kept from deciding. A note is kept, a reason is for the decision itself.

    Raises as `approve`, and Refused where it is marked so.
    """
    if request.reviewer_id == actor.pk:
        raise Refused(_("You have taken this review already."))
    return perform(actor, request, Act.TAKE, seen=seen, note=note)


@service
def approve(
    *,
    actor: Employee,
    request: Request,
    seen: str = "",
    reasons: Sequence[str] = (),
    text: str = "",
    note: str = "",
    mail: Mail | None = None,
) -> Decision:
    """Decide for it, and bring about what was asked (policy, Administrative Policy, first bullet).

    Raises ConflictOfInterest, NotPermitted, Stale (naming the winner), Invalid, and what the effect raises: then
    nothing is approved.
    """
    decision = perform(actor, request, Act.APPROVE, reasons, text, seen, note, mail)
    effects.of_approval(
        request,
        actor=actor,
        approved=lambda: record(
            Verb.REQUEST_APPROVE, actor=actor, obj=request, facts=[request, decision], **told(decision)
        ),
    )
    request.refresh_from_db()
    if request.status == Status.APPROVED and effects.is_done(request):
        perform(actor, request, Act.FULFIL)
    return decision


@service
def return_for_changes(
    *,
    actor: Employee,
    request: Request,
    seen: str = "",
    reasons: Sequence[str] = (),
    text: str = "",
    note: str = "",
    mail: Mail | None = None,
) -> Decision:
    """Give it back to its requester to change. Raises as `approve`."""
    return perform(actor, request, Act.RETURN, reasons, text, seen, note, mail)


@service
def deny(
    *,
    actor: Employee,
    request: Request,
    seen: str = "",
    reasons: Sequence[str] = (),
    text: str = "",
    note: str = "",
    mail: Mail | None = None,
) -> Decision:
    """Decide against it; it ends here. Raises as `approve`."""
    return perform(actor, request, Act.DENY, reasons, text, seen, note, mail)


@service
def withdraw(*, actor: Employee, request: Request, text: str) -> Decision:
    """Take it back while it is open, by its requester or the Department Director. Raises as `endorse`.

    An approved one can be taken back as long as its account is being set up: the account is closed with it.
    """
    if request.status != Status.APPROVED:
        return perform(actor, request, Act.WITHDRAW, (), text)
    effects.hold_account(request)
    decision = perform(actor, request, Act.WITHDRAW, (), text)
    effects.of_withdrawal(request, actor=actor)
    return decision


@service
def fulfil(*, actor: Employee | None, account: Account) -> Decision | None:
    """The approved request for `account` has what it asked for: the account is active. None where there is none."""
    asked = Request.objects.filter(kind=Kind.NEW_ACCOUNT, account=account)
    request = asked.filter(status__in=sources(Act.FULFIL)).first()
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
    mails.tell_of_comment(request, actor)
    return made


@service
def say(*, actor: Employee, request: Request, text: str, file: File[bytes] | None = None) -> None:
    """A comment, a file, or both: all or none. Raises as `comment` and `attach`."""
    if text.strip() or file is None:
        comment(actor=actor, request=request, text=text)
    if file is not None:
        attach(actor=actor, request=request, file=file)


@service
def attach(*, actor: Employee, request: Request, file: File[bytes]) -> Attachment:
    """Put a file beside the request: PDF, PNG or JPEG by its content, up to 10 MB. What it holds enters no ledger.

    Raises NotPermitted, Refused, Invalid.
    """
    authority.require(may_comment(actor, request), _("You take no part in this request."))
    if request.status in CLOSED:
        raise Refused(_("This request is closed; nobody would look. Ask in a new one."))
    made = attachments.keep(actor=actor, request=request, file=file)
    record(
        Verb.REQUEST_ATTACH,
        actor=actor,
        obj=request,
        facts=[made],
        attachment=made.pk,
        type=made.content_type,
        size=made.size,
        sha256=made.sha256,
    )
    return made


def may_comment(person: Employee, request: Request) -> bool:
    """Its requester, the department's people, the city-wide officers and Public Information; readers do not."""
    return person.is_active and bool(
        person.pk == request.created_by_id
        or {request.department_id, request.to_department_id} & authority.departments_of(person)
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
    """Somebody else submitted the same between our look and our write."""
    text = _("Somebody else has just asked for this account.")
    return Invalid(text, fields={"account" if request.is_about_one and not request.key else "handle": text})
