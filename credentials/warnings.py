"""What is in order by the letter and still too thin: one who knows, nobody who knows, one with full control."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.models import Account
from credentials import capability, lapses, seats
from credentials.models import Custody, Ground, Knowledge, SecretItem, SecretVersion
from employees.models import Appointment, Office, Role

ONE_KNOWER, NO_KNOWER, VACANT, ONE_CONTROL, NO_CONTROL = (
    "one_knower",
    "no_knower",
    "vacant",
    "one_control",
    "no_control",
)


KNOWING = (ONE_KNOWER, NO_KNOWER)
CONTROL = (ONE_CONTROL, NO_CONTROL)


@dataclass(frozen=True)
class Warning:
    """One thing that is too thin on one account, in a sentence."""

    account: Account
    kind: str
    text: str


def of_accounts(accounts: Iterable[Account]) -> dict[int, list[Warning]]:
    """Warnings by account id. Eight queries, whatever the number of accounts."""
    every = list(accounts)
    found: dict[int, list[Warning]] = {account.pk: [] for account in every}
    filled = seats.of_accounts(every)
    known, controlled = _knowers(every), _controllers(every)
    for account in every:
        mine = found[account.pk]
        mine += [
            Warning(account, VACANT, _("The seat of %(seat)s is vacant.") % {"seat": seat.title})
            for seat in filled[account.pk]
            if not seat.custodies
        ]
        if account.pk in known:
            mine += _of_knowers(account, known[account.pk])
        if account.pk in controlled and account.state == Account.State.ACTIVE:
            mine += _of_controllers(account, controlled[account.pk])
    return found


def of_account(account: Account) -> list[Warning]:
    """Warnings of one account."""
    return of_accounts([account])[account.pk]


def _of_knowers(account: Account, names: list[str]) -> list[Warning]:
    if not names:
        text = _("Nobody with authority knows the current password: it stands in the vault alone.")
        return [Warning(account, NO_KNOWER, text)]
    if len(names) == 1:
        text = _("Only %(name)s knows the current password.") % {"name": names[0]}
        return [Warning(account, ONE_KNOWER, text)]
    return []


def _of_controllers(account: Account, names: list[str]) -> list[Warning]:
    platform = account.platform.name
    if not names:
        text = _("Nobody is confirmed with full control on %(platform)s.") % {"platform": platform}
        return [Warning(account, NO_CONTROL, text)]
    if len(names) == 1:
        text = _("%(name)s alone has full control on %(platform)s; two people at least should.")
        return [Warning(account, ONE_CONTROL, text % {"name": names[0], "platform": platform})]
    return []


def _knowers(accounts: list[Account]) -> dict[int, list[str]]:
    """Names of who knows the current password with present authority, by account; absent without a password."""
    current = SecretVersion.objects.filter(
        state=SecretVersion.State.CURRENT,
        item__kind=SecretItem.Kind.PASSWORD,
        item__credential__account__in=accounts,
    )
    found: dict[int, list[str]] = {
        account: [] for account in current.values_list("item__credential__account", flat=True)
    }
    ground = Ground.objects.in_force().filter(
        custody__account=OuterRef("version__item__credential__account"), custody__person=OuterRef("person")
    )
    role = Role.objects.in_force().filter(holder=OuterRef("person"), name=Role.Name.INFORMATION_TECHNOLOGY)
    seat = Appointment.objects.in_force().filter(
        holder=OuterRef("person"), office__kind=Office.Kind.IT_DIRECTOR
    )
    rows = Knowledge.objects.filter(version__in=current, person__is_active=True).filter(
        Exists(ground) | (Q(how__in=lapses.WHILE_ROTATING) & (Exists(role) | Exists(seat)))
    )
    pairs = rows.values_list("version__item__credential__account", "person", "person__name").distinct()
    for account, _person, name in pairs.order_by("person__name"):
        found[account].append(name)
    return found


def _controllers(accounts: list[Account]) -> dict[int, list[str]]:
    """Names of who is confirmed with full control, by account; only where seats hold it by roles."""
    offered = capability.of_platforms()
    full = {
        pk: {str(role["name"]) for role in row.roles if role.get("full_control")}
        for pk, row in offered.items()
        if capability.channel(row) == Custody.Channel.PLATFORM_ROLE
    }
    by_roles = {account.pk: account for account in accounts if account.platform_id in full}
    found: dict[int, list[str]] = defaultdict(list, {pk: [] for pk in by_roles})
    if not by_roles:
        return found
    held = Custody.objects.in_force().filter(
        account__in=by_roles,
        channel=Custody.Channel.PLATFORM_ROLE,
        closed_at=None,
        present_confirmed_at__isnull=False,
        person__is_active=True,
    )
    for account, role, name in held.order_by("person__name").values_list(
        "account_id", "platform_role", "person__name"
    ):
        if role in full[by_roles[account].platform_id]:
            found[account].append(name)
    return found
