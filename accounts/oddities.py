"""What looks odd about an imported account, so that who attests it looks twice. Hints, never verdicts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from django.utils.translation import gettext as _

from accounts import canonical
from accounts.models import Account
from accounts.resemblance import skeleton as skeleton

_KNOWN_SERVERS = 3
"""A server that carries this many of our accounts is no longer remarkable."""


def of(accounts: Sequence[Account]) -> dict[int, list[str]]:
    """Sentences by account id. One query, over the handles of all live accounts."""
    alike: dict[tuple[int, str], set[tuple[int, str, str]]] = defaultdict(set)
    in_department: dict[tuple[int, int], int] = defaultdict(int)
    servers: dict[str, int] = defaultdict(int)
    columns = ("pk", "platform", "handle", "department", "department__name")
    for pk, platform, handle, department, name in Account.objects.live().values_list(*columns):
        alike[platform, skeleton(handle)].add((pk, handle, name))
        in_department[platform, department] += 1
        servers[handle.rpartition("@")[2].lower()] += 1
    told: dict[int, list[str]] = {account.pk: [] for account in accounts}
    for account in accounts:
        sentences = told[account.pk]
        for pk, handle, name in sorted(alike[account.platform_id, skeleton(account.handle)]):
            if pk != account.pk:
                sentences.append(
                    _("Almost the handle of %(handle)s, %(name)s.") % {"handle": handle, "name": name}
                )
        count = in_department[account.platform_id, account.department_id]
        if count > 1:
            sentences.append(_("The department has %(count)d on this platform.") % {"count": count})
        if account.platform.federated and servers[account.handle.rpartition("@")[2].lower()] < _KNOWN_SERVERS:
            sentences.append(_("Few of our accounts are on this server."))
        if not canonical.shown(account.platform.slug, account.handle):
            sentences.append(_("Known by a number alone: open it and look."))
        if not account.short_description:
            sentences.append(_("No description."))
        if re.search(
            r"parod|unofficial|fan\b|not_|_?fake", f"{account.handle} {account.name}", re.IGNORECASE
        ):
            sentences.append(_("The name sounds unofficial."))
    return told
