"""What an approval brings about: for each kind of request, one service of the room it belongs to."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from accounts import services as accounts
from accounts.models import Account
from approvals.models import Request
from audit import clock
from audit.errors import Refused
from credentials import grants
from employees.models import Employee

Effect = Callable[[Request, Employee], Account]


def of_approval(request: Request, *, actor: Employee) -> Account:
    """Bring about what `request` asks for, and say of which account.

    Raises what the other room's service raises: then nothing is approved.
    """
    account = EFFECTS[Request.Kind(request.kind)](request, actor)
    request.account = account
    request.save(update_fields=["account"])
    return account


def access(request: Request, account: Account, *, actor: Employee) -> None:
    """The people named get access to `account`, from today through the day that was asked."""
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


def _new_account(request: Request, actor: Employee) -> Account:
    """The account, being set up; custody by the rule follows it."""
    for person in (request.poster, request.backup):
        if person is not None and not person.is_active:
            raise Refused(
                _("%(name)s no longer works for the City. Return the request for changes.")
                % {"name": person.name}
            )
    if request.access_until is not None and request.access_until < clock.today():
        raise Refused(_("The day until which access was asked is over. Return the request for changes."))
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


EFFECTS: dict[Request.Kind, Effect] = {Request.Kind.NEW_ACCOUNT: _new_account}
