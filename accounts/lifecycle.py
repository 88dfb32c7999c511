"""What an approved request changes about an account that is there: its handle, its department, its state, its adoption.

Each is one service. Custody follows by signal in the same transaction. Policy, Administrative Policy, first bullet:
establishment and use are subject to the approval of the PI Director, so only who decides in that seat does any of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db import IntegrityError
from django.utils.translation import gettext as _

from accounts import canonical
from accounts.models import Account, Handle
from accounts.signals import accounts_changed
from audit import clock, locks
from audit.actions import Verb
from audit.errors import Invalid, Refused, Stale
from audit.ledger import act, record, service
from audit.states import move
from employees import authority
from employees.models import Department, Employee, Office

SETTLED = (Account.State.ACTIVE, Account.State.SUSPENDED)
"""In use, or resting: neither being set up nor closed."""


@service
def rename(*, actor: Employee, account: Account, handle: str, request_text: str) -> Account:
    """Give `account` another handle from today on; the one it bore stays in its history with its last day.

    One that is still being set up can have it too: the platform may have given the approved handle to somebody else.
    Raises NotPermitted, Refused (closed, or taken), Invalid (no handle of this platform, or the same).
    """
    _begin(actor, account, (*SETTLED, Account.State.PROVISIONING))
    identity = canonical.identify(account.platform.slug, handle)
    if identity.handle == account.handle:
        raise Invalid(_("It bears this handle already."), fields={"handle": _("Another handle.")})
    today = clock.today()
    before = account.handle
    ended = _end_handle(account)
    account.handle, account.key, account.url = identity.handle, identity.key, identity.url
    try:
        with act():
            account.save(update_fields=["handle", "key", "url"])
    except IntegrityError:
        raise Refused(
            _("%(handle)s is registered for another account of the City by now.")
            % {"handle": identity.handle}
        ) from None
    begun = Handle.objects.create(account=account, handle=account.handle, key=account.key, since=today)
    record(
        Verb.ACCOUNT_RENAME,
        actor=actor,
        obj=account,
        facts=[account, *ended, begun],
        before=before,
        request=request_text,
    )
    _changed(actor, account, request_text)
    return account


@service
def transfer(*, actor: Employee, account: Account, department: Department, request_text: str) -> Account:
    """Let `department` answer for `account` from now on: its Director and designees hold it, those before no longer.

    Raises NotPermitted, Refused, Invalid.
    """
    _begin(actor, account, SETTLED)
    if department.pk == account.department_id:
        raise Invalid(
            _("%(department)s has it already.") % {"department": department.name},
            fields={"to_department": _("Another department.")},
        )
    before = account.department.name
    account.department = department
    account.save(update_fields=["department"])
    account.also_for.remove(department)
    record(
        Verb.ACCOUNT_TRANSFER, actor=actor, obj=account, facts=[account], before=before, request=request_text
    )
    _changed(actor, account, request_text)
    return account


@service
def suspend(*, actor: Employee, account: Account, request_text: str) -> Account:
    """Let `account` rest: it leaves the directory, and its custodians keep it. Raises NotPermitted, Refused, Stale."""
    _begin(actor, account, (Account.State.ACTIVE,))
    move(account, "state", old=Account.State.ACTIVE, new=Account.State.SUSPENDED)
    record(Verb.ACCOUNT_SUSPEND, actor=actor, obj=account, facts=[account], request=request_text)
    _changed(actor, account, request_text)
    return account


@service
def reinstate(*, actor: Employee, account: Account, request_text: str) -> Account:
    """Use a suspended account again. Raises NotPermitted, Refused, Stale."""
    _begin(actor, account, (Account.State.SUSPENDED,))
    move(account, "state", old=Account.State.SUSPENDED, new=Account.State.ACTIVE)
    record(Verb.ACCOUNT_REINSTATE, actor=actor, obj=account, facts=[account], request=request_text)
    _changed(actor, account, request_text)
    return account


@service
def retire(*, actor: Employee, account: Account, request_text: str) -> Account:
    """Close `account` for good: nobody holds it any more, and its handle may be asked for again.

    Who knew its password keeps it in the rotation queue, from which Information Technology closes it on the platform.
    Raises NotPermitted, Refused, Stale.
    """
    _begin(actor, account, SETTLED)
    ended = _end_handle(account)
    move(account, "state", old=account.state, new=Account.State.RETIRED)
    record(Verb.ACCOUNT_RETIRE, actor=actor, obj=account, facts=[account, *ended], request=request_text)
    _changed(actor, account, request_text)
    return account


@service
def give_up(*, actor: Employee, account: Account, request_text: str) -> Account:
    """Close an account that is still being set up, and was never in use: the request that it came by is withdrawn.

    Giving up what was approved needs no approval: its department's people do it. Raises NotPermitted, Refused, Stale.
    """
    locks.hold(locks.SEATS)
    authority.require(
        actor.is_active and account.department_id in authority.departments_of(actor),
        _("Only people of %(department)s give up its account.") % {"department": account.department.name},
    )
    _load(account, (Account.State.PROVISIONING,))
    ended = _end_handle(account)
    move(account, "state", old=Account.State.PROVISIONING, new=Account.State.RETIRED)
    record(Verb.ACCOUNT_RETIRE, actor=actor, obj=account, facts=[account, *ended], request=request_text)
    reason = f"{request_text} withdrawn"
    accounts_changed.send(Account, actor=actor, accounts=[account], reason=reason)
    return account


@service
def adopt(
    *, actor: Employee, accounts: Sequence[Account], department: Department, request_text: str
) -> list[Account]:
    """Imported accounts whose use for `department` is approved: the department answers for them from now on.

    All or none. Raises NotPermitted, and Stale where one was adopted, closed or given to another department meanwhile.
    """
    _require_decider(actor)
    ids = {account.pk for account in accounts}
    rows = Account.objects.to_adopt().filter(pk__in=ids, department=department)
    done = rows.update(adopted_at=clock.now(), request_text=request_text)
    if done != len(ids):
        raise Stale(
            _(
                "%(count)d of these accounts were adopted, closed or given to another department meanwhile. "
                "Return the request for changes."
            )
            % {"count": len(ids) - done}
        )
    adopted = list(Account.objects.select_related("platform", "department").filter(pk__in=ids).order_by("pk"))
    for account in adopted:
        record(Verb.ACCOUNT_ADOPT, actor=actor, obj=account, facts=[account], request=request_text)
    return adopted


def _begin(actor: Employee, account: Account, states: Sequence[str]) -> None:
    """The lock of all that changes entitlement, then permission and state, with `account` loaded anew."""
    locks.hold(locks.SEATS)
    _require_decider(actor)
    _load(account, states)


def _load(account: Account, states: Sequence[str]) -> None:
    Account.objects.select_for_update(no_key=True).filter(pk=account.pk).values("pk").get()
    account.refresh_from_db()
    if account.state not in states:
        raise Refused(
            _("%(account)s is “%(state)s” by now; this cannot be done with it.")
            % {"account": account.display, "state": account.get_state_display()}
        )


def _require_decider(actor: Employee) -> None:
    kinds = (Office.Kind.PI_DIRECTOR, settings.ALTERNATE_AUTHORITY)
    authority.require(
        authority.holds(actor, *kinds),
        _("Only who decides requests in the PI Director's seat changes an account."),
    )


def _end_handle(account: Account) -> list[Handle]:
    """The handle that it bears has today as its last day."""
    today = clock.today()
    ended = list(account.handles.filter(until=None))
    for row in ended:
        row.until = max(today, row.since) if row.since else today
        row.save(update_fields=["until"])
    return ended


def _changed(actor: Employee, account: Account, request_text: str) -> None:
    reason = f"{request_text} approved".strip()
    accounts_changed.send(Account, actor=actor, accounts=[account], reason=reason)
