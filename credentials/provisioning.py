"""What an approved account still lacks before it becomes active (policy, first and third bullet)."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import profiles
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
    url: str = ""


def missing(account: Account) -> list[Missing]:
    """What stands between `account` and being active. Empty when nothing does.

    A vacant seat is a gap, shown as one, and does not hold the account up.
    """
    return [*_of_profile(account), *_of_access(account)]


def told(account: Account) -> list[tuple[str, str, str]]:
    """`missing`, as the rooms to the left ask for it."""
    return [(one.what, one.whose, one.url) for one in missing(account)]


def _of_profile(account: Account) -> list[Missing]:
    """What the policy wants of the profile itself, and nobody has confirmed yet."""
    whose = _("%(department)s, or Public Information") % {"department": account.department.name}
    url = reverse("accounts:profile", args=[account.pk])
    return [Missing(str(item.text), whose, url) for item in profiles.unsatisfied(account)]


def _of_access(account: Account) -> list[Missing]:
    """The owner login in the vault where there is one, else the seats' roles on the platform."""
    found: list[Missing] = []
    shared = Custody.Channel.SHARED_LOGIN
    if account.custodies.standing().filter(channel=shared).exists():
        deposited = SecretVersion.objects.filter(
            item__credential__account=account, state=SecretVersion.State.CURRENT
        ).exists()
        if not deposited:
            whose = _("%(department)s or Information Technology") % {"department": account.department.name}
            credential = getattr(account, "credential", None)
            url = reverse("credentials:deposit", args=[credential.pk]) if credential else ""
            found.append(Missing(_("The login and password are deposited in the vault"), whose, url))
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
            found.append(
                Missing(
                    what,
                    _("somebody else who holds the account, or Information Technology"),
                    reverse("credentials:custody"),
                )
            )
    return found


def complete_if_ready(*, actor: Employee | None, account: Account) -> bool:
    """Activate `account` when it is being set up and nothing is missing. Called within a service."""
    account.refresh_from_db(fields=["state"])
    if account.state != Account.State.PROVISIONING or missing(account):
        return False
    accounts.activate(actor=actor, account=account)
    return True
