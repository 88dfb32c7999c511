"""What an approval brings about: for each kind of request, one service of the room it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _

from accounts import services as accounts
from accounts.models import Account
from approvals.kinds import Kind
from approvals.models import Request
from audit import clock, locks
from audit.errors import Refused
from credentials import grants
from credentials.models import Grant
from employees.models import Employee

Effect = Callable[[Request, Employee], None]


def of_approval(request: Request, *, actor: Employee, approved: Callable[[], None]) -> None:
    """Bring about what `request` asks for. `approved` writes the approval's entry, and is called once.

    For a new account that is after the account came to be, so that the entry names it, and before access is given: an
    account that lacks nothing becomes active there, and that entry must come later. Raises what the other room's
    service raises: then nothing is approved.
    """
    if request.kind != Kind.NEW_ACCOUNT:
        approved()
        EFFECTS[request.kind](request, actor)
        return
    account = _open(request, actor)
    request.account = account
    request.save(update_fields=["account"])
    approved()
    _give(request, account, actor)


def hold_account(request: Request) -> None:
    """Lock the account that `request` brought about, before the request: becoming active locks them in this order."""
    locks.hold(locks.SEATS)
    assert request.account_id is not None
    Account.objects.select_for_update(no_key=True).filter(pk=request.account_id).values("pk").first()


def of_withdrawal(request: Request, *, actor: Employee) -> None:
    """An approved request was taken back: its account, never in use, is closed; custody and access end."""
    assert request.account is not None
    accounts.give_up(actor=actor, account=request.account, request_text=request.number)
    _end_grants(request, request.account, actor, reason=f"{request} withdrawn")


def is_done(request: Request) -> bool:
    """Whether nothing is left to do after the approval: a new account must be set up first."""
    if request.kind != Kind.NEW_ACCOUNT:
        return True
    return request.account is not None and request.account.state == Account.State.ACTIVE


def subjects(request: Request) -> Sequence[Account]:
    """The accounts that are to be adopted, in the order of their names."""
    rows = Account.objects.filter(pk__in=request.listed)
    return list(rows.select_related("platform", "department").order_by("platform__name", "key"))


def _open(request: Request, actor: Employee) -> Account:
    """The account, being set up; custody by the rule follows it."""
    _check_people(request)
    assert request.platform is not None
    return accounts.open_account(
        actor=actor,
        platform=request.platform,
        handle=request.handle,
        name=request.name,
        department=request.department,
        request_text=request.number,
        purposes=list(request.purposes),
        audience=request.audience,
    )


def _check_people(request: Request) -> None:
    for person in (request.poster, request.backup):
        if person is not None and not person.is_active:
            raise Refused(
                _("%(name)s no longer works for the City. Return the request for changes.")
                % {"name": person.name}
            )
    if request.access_until is not None and request.access_until < clock.today():
        raise Refused(_("The day until which access was asked is over. Return the request for changes."))


def _give(request: Request, account: Account, actor: Employee) -> None:
    """The people named get access, from today through the day that was asked."""
    people = [person for person in (request.poster, request.backup) if person is not None]
    grants.give(
        actor=actor,
        account=account,
        people=people,
        request_id=str(request.pk),
        request_text=str(request),
        start=clock.today(),
        end=request.access_until,
    )


def _access(request: Request, actor: Employee) -> None:
    _check_people(request)
    account = _account(request)
    if account.state == Account.State.RETIRED:
        raise Refused(_("%(account)s is closed by now.") % {"account": account.display})
    _give(request, account, actor)


def _adopt(request: Request, actor: Employee) -> None:
    accounts.adopt(
        actor=actor,
        accounts=subjects(request),
        department=request.department,
        request_text=request.number,
    )


def _rename(request: Request, actor: Employee) -> None:
    accounts.rename(
        actor=actor, account=_account(request), handle=request.handle, request_text=request.number
    )


def _transfer(request: Request, actor: Employee) -> None:
    """What requests of the department gave to people ends with its responsibility; the other one asks for its own."""
    assert request.to_department is not None
    account = _account(request)
    accounts.transfer(
        actor=actor, account=account, department=request.to_department, request_text=request.number
    )
    _end_grants(request, account, actor)


def _suspend(request: Request, actor: Employee) -> None:
    accounts.suspend(actor=actor, account=_account(request), request_text=request.number)


def _reinstate(request: Request, actor: Employee) -> None:
    accounts.reinstate(actor=actor, account=_account(request), request_text=request.number)


def _close(request: Request, actor: Employee) -> None:
    account = _account(request)
    accounts.retire(actor=actor, account=account, request_text=request.number)
    _end_grants(request, account, actor)


def _account(request: Request) -> Account:
    """The account, still the department's. Raises Refused where it has gone to another one meanwhile."""
    account = request.account
    assert account is not None
    account.refresh_from_db()
    if account.department_id != request.department_id:
        raise Refused(
            _("%(account)s is an account of %(department)s by now. Return the request for changes.")
            % {"account": account.display, "department": account.department.name}
        )
    return account


def _end_grants(request: Request, account: Account, actor: Employee, reason: str = "") -> None:
    given = list(
        Grant.objects.filter(account=account, ended_at=None).select_related("person", "account__platform")
    )
    if given:
        grants.end(actor=actor, grants=given, reason=reason or f"{request} approved")


EFFECTS: dict[str, Effect] = {
    Kind.ADOPT: _adopt,
    Kind.RENAME: _rename,
    Kind.TRANSFER: _transfer,
    Kind.SUSPEND: _suspend,
    Kind.REINSTATE: _reinstate,
    Kind.CLOSE: _close,
    Kind.ACCESS: _access,
}
