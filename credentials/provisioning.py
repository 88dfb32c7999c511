"""What an approved account still lacks before it becomes active (policy, first and third bullet)."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts import services as accounts
from accounts.models import Account
from credentials import seats
from credentials.models import Custody, SecretVersion
from employees.models import Employee


@dataclass(frozen=True)
class Missing:
    """One thing to do, and whose turn it is."""

    what: str
    whose: str


def missing(account: Account) -> list[Missing]:
    """What stands between `account` and being active. Empty when nothing does.

    A vacant seat is a gap, shown as one, and does not hold the account up.
    """
    found: list[Missing] = []
    shared = Custody.Channel.SHARED_LOGIN
    if account.custodies.standing().filter(channel=shared).exists():
        deposited = SecretVersion.objects.filter(
            item__credential__account=account, state=SecretVersion.State.CURRENT
        ).exists()
        if not deposited:
            whose = _("%(department)s or Information Technology") % {"department": account.department.name}
            found.append(Missing(_("The login and password are deposited in the vault"), whose))
        return found
    for seat in seats.of_account(account):
        if seat.custodies and not any(custody.present_confirmed_at for custody in seat.custodies):
            holder = seat.custodies[0]
            what = _("%(person)s, %(seat)s, is confirmed as %(role)s on %(platform)s") % {
                "person": holder.person.name,
                "seat": seat.title,
                "role": holder.platform_role,
                "platform": account.platform.name,
            }
            found.append(Missing(what, _("somebody else who holds the account, or Information Technology")))
    return found


def complete_if_ready(*, actor: Employee | None, account: Account) -> bool:
    """Activate `account` when it is being set up and nothing is missing. Called within a service."""
    account.refresh_from_db(fields=["state"])
    if account.state != Account.State.PROVISIONING or missing(account):
        return False
    accounts.activate(actor=actor, account=account)
    return True
