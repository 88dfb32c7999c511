"""What data about an account leaves in public: lists of names, of which nothing else ever does.

Contacts, notes, the platform's own number, who attested, and whatever an account's row may hold one day stay inside.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet

from accounts import confirmation
from accounts.models import Account
from audit.text import harmless

ACCOUNT = (
    *("id", "page", "url", "platform", "platform_name", "handle", "name", "department", "department_name"),
    *("also_for", "short_description", "long_description", "language", "purposes", "audience", "tags"),
    *("official_since", "last_confirmed", "review_under_way", "earlier_handles"),
)
DEPARTMENT = ("code", "name", "accounts", "page")
PLATFORM = ("slug", "name", "label", "hosts", "federated", "accounts")
REGISTRY = (
    *(
        "id",
        "created_at",
        "updated_at",
        "service_url",
        "organization",
        "account",
        "language",
        "service",
        "status",
    ),
    *("short_description", "long_description", "agencies", "contacts", "tags"),
)
"""The columns of the US Digital Registry's export."""


def whole(rows: QuerySet[Account]) -> QuerySet[Account]:
    """`rows` with what `accounts_as_data` reads: three queries for any number of them."""
    return rows.select_related("platform", "department").prefetch_related("also_for", "handles")


def accounts_as_data(accounts: Sequence[Account], base: str) -> list[dict[str, Any]]:
    """Each account as data; `base` is this site's address, without a slash at its end."""
    confirmed = confirmation.of(accounts)
    return [_account(one, confirmed[one.pk], base) for one in accounts]


def _account(account: Account, confirmed: confirmation.Confirmation, base: str) -> dict[str, Any]:
    earlier = [row for row in account.handles.all() if row.until is not None]
    values = {
        "id": account.pk,
        "page": f"{base}/accounts/{account.pk}/",
        "url": account.url,
        "platform": account.platform.slug,
        "platform_name": account.platform.name,
        "handle": account.handle,
        "name": account.name,
        "department": account.department.code,
        "department_name": account.department.name,
        "also_for": sorted(one.code for one in account.also_for.all()),
        "short_description": account.short_description,
        "long_description": account.long_description,
        "language": account.language,
        "purposes": list(account.purposes),
        "audience": account.audience,
        "tags": list(account.tags),
        "official_since": account.official_since,
        "last_confirmed": confirmed.last,
        "review_under_way": confirmed.under_way,
        "earlier_handles": [
            {"handle": row.handle, "since": row.since, "until": row.until} for row in earlier
        ],
    }
    return {name: values[name] for name in ACCOUNT}


def registry_rows(accounts: Iterable[Account]) -> Iterator[dict[str, Any]]:
    """Accounts as the US Digital Registry exports them. Contacts stay inside: the column is there and empty."""
    for account in accounts:
        listed = account.listed_at or account.created_at
        values = {
            "id": account.pk,
            "created_at": _moment(listed),
            "updated_at": _moment(max(account.changed_at or listed, listed)),
            "service_url": account.url,
            "organization": account.name,
            "account": account.handle,
            "language": account.language,
            "service": account.platform.slug,
            "status": "published",
            "short_description": account.short_description,
            "long_description": account.long_description,
            "agencies": "|".join(
                [account.department.name, *sorted(one.name for one in account.also_for.all())]
            ),
            "contacts": "",
            "tags": "|".join(account.tags),
        }
        yield {name: values[name] for name in REGISTRY}


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(sep=" ").replace("+00:00", " UTC")


class _Echo:
    """Gives back what csv writes."""

    def write(self, text: str) -> str:
        return text


def csv_lines(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """RFC 4180, a line at a time; lists are joined with |, and no cell is one that a spreadsheet would compute."""
    writer = csv.writer(_Echo())
    yield writer.writerow(columns)
    for row in rows:
        yield writer.writerow([_cell(row[column]) for column in columns])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        value = "|".join(one["handle"] if isinstance(one, dict) else str(one) for one in value)
    return harmless(str(value))
