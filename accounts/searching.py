"""Finding accounts by what somebody types, and pages that cost the same wherever one is in a list."""

from __future__ import annotations

import base64
import json
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import QueryDict

from accounts import addresses, canonical, platforms
from accounts.models import Account
from audit.errors import Invalid
from employees.models import Department

LONGEST = 200


def asked(parameters: QueryDict | Mapping[str, str], name: str) -> str:
    """A parameter without what cannot be seen, so that no database refuses it."""
    value = parameters.get(name, "")[:LONGEST]
    return "".join(one for one in value if unicodedata.category(one) not in ("Cc", "Cf", "Cs")).strip()


def matching(accounts: QuerySet[Account], text: str) -> QuerySet[Account]:
    """Those of `accounts` that every word of `text` fits: in name, handle, descriptions, tags or department.

    An address finds the account that it leads to.
    """
    return accounts.filter(fits(text))


def fits(text: str) -> Q:
    """The condition of `matching`. The words are looked for in one column, under which a trigram index may lie."""
    key = _key(text)
    if key:
        return Q(platform__slug=key[0], key=key[1])
    found = Q()
    for word in text.split():
        bare = word.removeprefix("@") or word
        named = Department.objects.filter(name__icontains=bare).values("pk")
        found &= Q(searchable__contains=bare.upper()) | Q(department__in=named)
    return found


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
    return rows.filter(behind(order, row))


def page_links(filters: dict[str, str], last: Account | None, after: str) -> dict[str, str]:
    """Addresses of the next and the first page with the filters kept; empty where there is none."""
    kept = {name: value for name, value in filters.items() if value}
    return {
        "next_page": f"?{urlencode({**kept, 'after': str(last.pk)})}" if last else "",
        "first_page": f"?{urlencode(kept)}" if after else "",
    }


def mark(values: Sequence[Any]) -> str:
    """A place in an ordered list as it stands in an address: the ordered columns of the last row shown."""
    return base64.urlsafe_b64encode(json.dumps(list(values)).encode()).decode().rstrip("=")


def beyond(rows: QuerySet[Account], order: Sequence[str], text: str) -> QuerySet[Account]:
    """The rows behind the place that `mark` wrote down, without asking for it; all where it is no such place."""
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        return rows
    if not isinstance(values, list) or len(values) != len(order):
        return rows
    *texts, pk = values
    if not all(isinstance(one, str) and "\x00" not in one for one in texts) or type(pk) is not int:
        return rows
    if not 0 <= pk < 2**63:
        return rows
    return rows.filter(behind(order, values))


def behind(order: Sequence[str], values: Sequence[Any]) -> Q:
    """The condition that a row comes after the one with `values` in the columns `order`."""
    found = Q()
    same: dict[str, Any] = {}
    for column, value in zip(order, values, strict=True):
        found |= Q(**same, **{f"{column}__gt": value})
        same[column] = value
    return found
