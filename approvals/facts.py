"""What is asked, field by field, in words; and what differs from what somebody decided upon earlier."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import formats
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from accounts.models import PURPOSES, Account, Platform
from approvals import effects
from approvals.asked import FIELDS_OF
from approvals.kinds import Kind
from approvals.models import Decision, Request
from audit import canonical
from employees.models import Department, Employee


@dataclass(frozen=True)
class Fact:
    label: str
    text: str = ""
    rows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """One field that is no longer what it was: for who endorsed it, and for who decides."""

    label: str
    before: str
    now: str


def label(name: str, kind: str) -> str:
    special = {
        (Kind.RENAME, "handle"): _("New handle"),
        (Kind.NEW_ACCOUNT, "justification"): _("Why a new one"),
        (Kind.ADOPT, "justification"): _("Used for"),
        (Kind.ACCESS, "poster"): _("Person"),
        (Kind.ACCESS, "access_until"): _("Through"),
    }
    return (
        special.get((Kind(kind), name))
        or {
            "account": _("Account"),
            "platform": _("Platform"),
            "handle": _("Handle"),
            "name": _("Name"),
            "to_department": _("To"),
            "listed": _("Accounts"),
            "purposes": _("Purpose"),
            "audience": _("Readers"),
            "justification": _("Why"),
            "poster": _("Posts"),
            "backup": _("Takes over"),
            "access_until": _("Access"),
            "login_email": _("Login"),
            "department": _("Department"),
            "kind": _("Kind"),
            "key": _("Handle"),
        }[name]
    )


ORDER = (
    *("account", "platform", "handle", "name", "to_department", "listed", "purposes", "audience"),
    *("poster", "backup", "access_until", "login_email", "justification"),
)


def of(request: Request, only: Sequence[str] = ()) -> list[Fact]:
    """The facts of `request`, in the order of the form. One query where accounts are listed."""
    asks = {*FIELDS_OF[request.kind], "justification"} - (
        {"platform"} if request.kind == Kind.RENAME else set()
    )
    return [_fact(request, name) for name in ORDER if name in asks and (not only or name in only)]


def _fact(request: Request, name: str) -> Fact:
    title = label(name, request.kind)
    if name == "listed":
        return Fact(title, rows=tuple(row.display for row in effects.subjects(request)))
    value = getattr(request, name)
    texts: dict[str, Callable[[], str]] = {
        "account": lambda: value.display if value else "",
        "platform": lambda: value.label if value else "",
        "handle": lambda: request.shown_handle if value else "",
        "to_department": lambda: value.name if value else "",
        "purposes": lambda: ", ".join(request.purpose_labels),
        "poster": lambda: value.name if value else "",
        "backup": lambda: value.name if value else "",
        "access_until": lambda: _until(request),
    }
    return Fact(title, texts[name]() if name in texts else str(value))


def _until(request: Request) -> str:
    if request.access_until:
        return _("through %(day)s") % {"day": formats.date_format(request.access_until)}
    return _("without an end") if request.kind == Kind.NEW_ACCOUNT else ""


def changes_since(decision: Decision, request: Request) -> list[Change]:
    """What is asked now and was not what `decision` was made on."""
    before, now = decision.content, canonical.plain(request.asked())
    assert isinstance(now, dict)
    changed = [name for name in now if name != "key" and before.get(name) != now[name]]
    return [
        Change(label(name, request.kind), _shown(name, before.get(name)), _shown(name, now[name]))
        for name in changed
    ]


def _shown(name: str, value: Any) -> str:
    """A value as `content` keeps it, in words."""
    if value in (None, "", []):
        return "–"
    models: dict[str, Any] = {
        "platform": Platform,
        "department": Department,
        "to_department": Department,
        "poster": Employee,
        "backup": Employee,
        "account": Account,
    }
    if name in models:
        return str(models[name].objects.filter(pk=value).first() or value)
    if name == "purposes":
        return ", ".join(str(text) for code, text in PURPOSES if code in value)
    if name == "listed":
        return ", ".join(str(row) for row in Account.objects.filter(pk__in=value).select_related("platform"))
    if name == "access_until":
        day = parse_date(value)
        return formats.date_format(day) if day else str(value)
    return str(value)
