"""What one row of a registry's list says: which account, whose, described how. Knows no database."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

from accounts import addresses, canonical, platforms
from accounts.canonical import Identity
from accounts.catalogue import CATALOGUE
from accounts.spec import Spec
from accounts.tables import Row
from audit import text
from audit.errors import Invalid

T = TypeVar("T")

LINE_LIMITS = {"short_description": 1000, "language": 60}
TEXT_LIMIT = 20_000
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
_ID = re.compile(r"[A-Za-z0-9._:@/\-]{1,100}")


class Problem(NamedTuple):
    """Why a row cannot be imported: its line, the column, the reason in a sentence."""

    line: int
    field: str
    reason: str


@dataclass
class Item:
    """A row understood. `agencies` are names of departments, the responsible one first."""

    row: Row
    spec: Spec
    identity: Identity
    name: str
    agencies: list[str]
    texts: dict[str, str]
    contacts: list[str]
    platform_account_id: str
    lines: list[int] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    listed_at: datetime | None = None
    changed_at: datetime | None = None


def understand(row: Row) -> Item | list[Problem]:
    """The account that `row` describes, or everything that is wrong with it."""
    attempts = _Attempts(row.line)
    value = row.values
    if row.surplus:
        reason = f"It has {row.surplus} cells more than the first line: a stray comma?"
        attempts.problems.append(Problem(row.line, "row", reason))
    spec = attempts.at("account_platform", lambda: _platform(value["account_platform"], value["account_url"]))
    identity = None
    if spec is not None:
        slug = spec.slug
        identity = attempts.at(
            "account_url", lambda: canonical.identify(slug, value["account_url"], field="account_url")
        )
    agencies = attempts.at("agencies", lambda: _list(value["agencies"], "agencies", required=True))
    contacts = attempts.at("contacts", lambda: _list(value["contacts"], "contacts"))
    texts = {
        column: attempts.at(column, lambda column=column: _text(value[column], column)) or ""  # type: ignore[misc]
        for column in _TEXTS
    }
    number = attempts.at("platform_account_id", lambda: _number(value["platform_account_id"]))
    tags = attempts.at("tags", lambda: _list(value.get("tags", ""), "tags"))
    listed, changed = (
        attempts.at(column, lambda column=column: _moment(value.get(column, ""), column))  # type: ignore[misc]
        for column in ("created_at", "updated_at")
    )
    attempts.at("status", lambda: _published(value.get("status", "")))
    name = attempts.at("account_name", lambda: _name(value["account_name"], identity, spec))
    if attempts.problems or not (spec and identity and agencies and name):
        return attempts.problems
    item = Item(row, spec, identity, name, agencies, texts, contacts or [], number or "", [row.line])
    item.tags, item.listed_at, item.changed_at = tags or [], listed, changed
    return item


class _Attempts:
    """Reads cell after cell, and keeps what is wrong with each."""

    def __init__(self, line: int) -> None:
        self.line = line
        self.problems: list[Problem] = []

    def at(self, column: str, read: Callable[[], T]) -> T | None:
        """What `read` returns, or None with the problem noted."""
        try:
            return read()
        except Invalid as error:
            reason = _sentence(error.fields.get(column, "")) or str(error)
            self.problems.append(Problem(self.line, column, reason))
            return None


_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\ufeff"))
"""Soft hyphens, zero-width spaces and marks that web pages leave in copied descriptions; in names they are refused."""

_TEXTS = ("short_description", "long_description", "language", "notes")


def _sentence(reason: str) -> str:
    """A field's expectation as a sentence; some are sentences already."""
    return f"Expected {reason}." if reason and not reason.endswith(".") else reason


def _platform(name: str, url: str) -> Spec:
    """The platform that the name and the address's host agree on; a misspelt or missing name leaves it to the host."""
    known, other = platforms.named(name), platforms.other_named(name)
    host = _host(url)
    owner = platforms.owner_of_host(host) if host else None
    said = known.name if known else other
    if owner and said and owner != said:
        raise _invalid(f"The platform is {name} and the address is on {owner} ({host}); they disagree.")
    by_host = platforms.of_host(host) if host else None
    if other or (owner and by_host is None):
        raise _invalid(f"{other or owner} is not a platform of this registry.")
    if known is None and host in platforms.MASTODON_SERVERS:
        by_host = platforms.spec("mastodon")
    found = known or by_host
    if found is None:
        names = ", ".join(spec.name for spec in CATALOGUE.values())
        said = f"“{name}” is not a platform" if name else "The platform is missing"
        raise _invalid(
            f"{said} and {host or 'the address'} does not say which it is. Expected one of: {names}."
        )
    return found


def _host(url: str) -> str:
    """The host that an address names, as far as it can be read; "" for handles and what is no address."""
    if not addresses.is_address(url, lambda host: platforms.owner_of_host(host) is not None or "." in host):
        return ""
    try:
        return addresses.read(addresses.plain(url, _invalid), _invalid).host
    except Invalid:
        return ""


def _invalid(reason: str) -> Invalid:
    return Invalid(reason, fields={"account_platform": reason})


def _list(cell: str, column: str, *, required: bool = False) -> list[str]:
    """The parts of a list split on `|`, each once."""
    parts = [text.clean_line(part, field=column, max_length=200) for part in cell.split("|") if part.strip()]
    if required and not parts:
        raise Invalid("No agency.", fields={column: "Empty; expected the responsible department first."})
    seen: dict[str, str] = {}
    for part in parts:
        seen.setdefault(fold(part), part)
    return list(seen.values())


def fold(name: str) -> str:
    """A department's name as names are compared: case and runs of spaces don't count."""
    return " ".join(name.casefold().split())


def _text(value: str, column: str) -> str:
    value = value.translate(_UNSEEN)
    if column in LINE_LIMITS:
        one_line = " ".join(value.split())
        return text.clean_line(one_line, field=column, max_length=LINE_LIMITS[column], blank=True)
    return text.clean_text(value, field=column, max_length=TEXT_LIMIT, blank=True)


def _name(value: str, identity: Identity | None, spec: Spec | None) -> str:
    """The account's name; its handle where the list gives none."""
    if not value and identity and spec:
        value = canonical.shown(spec.slug, identity.handle)
    return text.clean_line(" ".join(value.split()), field="account_name", max_length=200)


def _moment(value: str, column: str) -> datetime | None:
    """A time as a registry writes it, `2016-10-03 19:39:31 UTC`; one without a zone is UTC."""
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(value.removesuffix(" UTC"))
    except ValueError:
        reason = f"{value} is not a time. Expected one such as 2016-10-03 19:39:31 UTC."
        raise Invalid(reason, fields={column: reason}) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _published(value: str) -> None:
    """Refuse what another registry no longer lists, or does not list yet."""
    if value.casefold() not in ("", "published", "active"):
        reason = f"Its status is {value}; only published accounts are imported."
        raise Invalid(reason, fields={"status": reason})


def _number(value: str) -> str:
    if not value:
        return ""
    if _ROUNDED.fullmatch(value):
        reason = f"{value} was rounded by a spreadsheet. Expected every digit; format the column as text."
        raise Invalid(reason, fields={"platform_account_id": reason})
    if not _ID.fullmatch(value):
        reason = "Expected the platform's own number of the account: letters, digits and - . _ : @ /."
        raise Invalid(reason, fields={"platform_account_id": reason})
    return value
