"""Finding accounts by what somebody types, and pages that cost the same wherever one is in a list."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import QueryDict

from accounts import addresses, canonical, platforms
from accounts.models import Account
from audit.errors import Invalid

LONGEST = 200


def asked(parameters: QueryDict, name: str) -> str:
    """A parameter without what cannot be seen, so that no database refuses it."""
    value = parameters.get(name, "")[:LONGEST]
    return "".join(one for one in value if unicodedata.category(one) not in ("Cc", "Cf", "Cs")).strip()


def matching(accounts: QuerySet[Account], text: str) -> QuerySet[Account]:
    """Those of `accounts` that every word of `text` fits: in name, handle, description or department.

    An address finds the account that it leads to.
    """
    key = _key(text)
    if key:
        return accounts.filter(platform__slug=key[0], key=key[1])
    for word in text.split():
        bare = word.removeprefix("@") or word
        accounts = accounts.filter(
            Q(name__icontains=bare)
            | Q(handle__icontains=bare)
            | Q(short_description__icontains=bare)
            | Q(long_description__icontains=bare)
            | Q(department__name__icontains=bare)
        )
    return accounts


def _key(text: str) -> tuple[str, str] | None:
    """Platform and key where `text` is the address of an account on a platform's own host."""
    if not addresses.is_address(text, lambda host: platforms.of_host(host) is not None):
        return None
    try:
        spec = platforms.of_host(addresses.read(addresses.plain(text, Invalid), Invalid).host)
        return (spec.slug, canonical.identify(spec.slug, text, posts=True).key) if spec else None
    except Invalid:
        return None


def after(rows: QuerySet[Account], order: Sequence[str], last: str) -> QuerySet[Account]:
    """The rows behind the account with the id `last` in `order` (which ends in `pk`); all where it is not one."""
    if not (last.isascii() and last.isdecimal() and len(last) < 19):
        return rows
    row = Account.objects.filter(pk=int(last)).values_list(*order).first()
    if row is None:
        return rows
    behind = Q()
    same: dict[str, Any] = {}
    for column, value in zip(order, row, strict=True):
        behind |= Q(**same, **{f"{column}__gt": value})
        same[column] = value
    return rows.filter(behind)


def page_links(filters: dict[str, str], last: Account | None, after: str) -> dict[str, str]:
    """Addresses of the next and the first page with the filters kept; empty where there is none."""
    kept = {name: value for name, value in filters.items() if value}
    return {
        "next_page": f"?{urlencode({**kept, 'after': str(last.pk)})}" if last else "",
        "first_page": f"?{urlencode(kept)}" if after else "",
    }
