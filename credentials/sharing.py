"""When a platform begins to give roles to people, its login no longer needs sharing.

Policy, Administrative Policy, third bullet: a login is shared where "administrators and editors can not be assigned".
The login stays in custody until IT has rotated it once more, because everybody who shared it knows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Account, Capability
from audit import clock
from credentials.models import Custody, SecretVersion

OVER = "The platform gives roles to people; its login is shared no more"


@dataclass(frozen=True)
class Outgrown:
    """An account whose login was shared because there was no other way, and since when there is one."""

    account: Account
    capability: Capability

    @property
    def sentence(self) -> str:
        names = {
            "platform": self.account.platform.name,
            "day": date_format(self.capability.since, "DATE_FORMAT"),
        }
        if self.capability.owner_login:
            return (
                _(
                    "Since %(day)s %(platform)s gives roles to people, so who posts needs no password. Give roles, "
                    "then rotate the password once."
                )
                % names
            )
        return (
            _(
                "Since %(day)s %(platform)s gives roles to people and has no login to share. Confirm the seats’ roles, "
                "then rotate the password once; the sharing ends by itself."
            )
            % names
        )


def over(accounts: Sequence[Account], offered: Mapping[int, Capability]) -> set[int]:
    """Accounts (ids) without an owner login whose password was rotated since, or never deposited. One query at most."""
    without = {
        account.pk: offered[account.platform_id].since
        for account in accounts
        if not offered[account.platform_id].owner_login
    }
    if not without:
        return set()
    dated = _dated(without)
    return {pk for pk, since in without.items() if pk not in dated or dated[pk] >= clock.start_of(since)}


def _dated(accounts: Iterable[int]) -> dict[int, datetime]:
    """Since when the oldest current version of each account is current."""
    current = SecretVersion.objects.filter(
        state=SecretVersion.State.CURRENT, item__credential__account__in=list(accounts)
    )
    rows = current.values_list("item__credential__account").annotate(first=Min("current_from")).order_by()
    return dict(rows)


def outgrown(accounts: Iterable[Account]) -> list[Outgrown]:
    """Those of `accounts` (with their platform) whose login no longer needs sharing and was not rotated since."""
    today = clock.today()
    began: dict[int, Capability] = {}
    latest: dict[int, Capability] = {}
    for row in Capability.objects.filter(since__lte=today).order_by("platform", "since"):
        before = latest.get(row.platform_id)
        latest[row.platform_id] = row
        if before is None or not before.owner_login or not _full(row):
            continue
        if not _full(before) or not row.owner_login:
            began[row.platform_id] = row
    some = [account for account in accounts if account.platform_id in began]
    if not some:
        return []
    shared = set(
        Custody.objects.standing()
        .filter(account__in=some, channel=Custody.Channel.SHARED_LOGIN)
        .values_list("account_id", flat=True)
    )
    dated = _dated([account.pk for account in some])
    return [
        Outgrown(account, began[account.platform_id])
        for account in some
        if account.pk in shared
        and account.pk in dated
        and dated[account.pk] < clock.start_of(began[account.platform_id].since)
    ]


def _full(capability: Capability) -> bool:
    return any(role.get("full_control") for role in capability.roles)
