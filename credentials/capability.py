"""What a platform offers on the day it is asked: read anew whenever custody is reconciled, never remembered."""

from __future__ import annotations

from accounts.models import Account, Capability
from audit import clock
from credentials.models import Custody


def of_platforms() -> dict[int, Capability]:
    """The capability in force today by platform id; the earliest one where all lie ahead. One query."""
    today = clock.today()
    found: dict[int, Capability] = {}
    for row in Capability.objects.order_by("platform", "since"):
        if row.platform_id not in found or row.since <= today:
            found[row.platform_id] = row
    return found


def of_account(account: Account) -> Capability:
    """The capability in force today of the account's platform."""
    return of_platforms()[account.platform_id]


def channel(capability: Capability) -> str:
    """How the seats hold an account: the owner login where there is one, else a role on the platform.

    The owner login comes first also where roles exist (X, Instagram, YouTube): somebody must hold it, and the policy
    says who shares it.
    """
    return Custody.Channel.SHARED_LOGIN if capability.owner_login else Custody.Channel.PLATFORM_ROLE


def seat_role(capability: Capability) -> str:
    """The platform role that a seat should have: the first with full control. Empty for shared logins."""
    if capability.owner_login:
        return ""
    full = [role["name"] for role in capability.roles if role.get("full_control")]
    return str((full or [role["name"] for role in capability.roles] or [""])[0])
