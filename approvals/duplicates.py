"""The same account registered, asked for or closed already, and handles of the City that look like a proposed one."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import canonical, registry
from accounts.models import Account, Handle, Platform
from accounts.oddities import skeleton
from approvals.models import Request
from approvals.transitions import CLAIMING
from audit.errors import Invalid
from employees.models import Employee

SHORTEST = 6
"""Handles shorter than this are often one letter apart without being mistaken for each other."""
MOST = 5
"""Look-alikes that are named."""


@dataclass(frozen=True)
class Duplicate:
    """The same canonical account: in the registry, asked for, or of the past (which stands in nobody's way)."""

    account: Account | None = None
    request: Request | None = None
    blocks: bool = True

    def __str__(self) -> str:
        if self.account is not None and not self.blocks:
            text = (
                _("%(account)s was an account of %(department)s and is closed.")
                if self.account.state == Account.State.RETIRED
                else _("%(account)s, of %(department)s, bore this handle earlier.")
            )
        elif self.account is not None:
            text = _("%(account)s is registered already, for %(department)s.")
        else:
            assert self.request is not None
            return _("Request %(number)s of %(department)s asks for this account already.") % {
                "number": self.request.number,
                "department": self.request.department.name,
            }
        return text % {"account": self.account.display, "department": self.account.department.name}


@dataclass(frozen=True)
class Warning:
    """One sentence about a proposed handle, with where to look; `blocks` where it can't be submitted so."""

    text: str
    url: str = ""
    link: str = ""
    blocks: bool = False


def duplicate(
    platform: Platform, key: str, *, besides: Request | None = None, own: int | None = None
) -> Duplicate | None:
    """A live account with this canonical handle, a submitted request for it, or one of the past; None where it is new.

    `besides` is the request that asks, `own` the account that it would rename.
    """
    if not key:
        return None
    same = Account.objects.filter(platform=platform, key=key).exclude(pk=own or 0)
    account = same.live().select_related("platform", "department").first()
    if account is not None:
        return Duplicate(account=account)
    others = Request.objects.filter(platform=platform, key=key, status__in=CLAIMING)
    other = others.exclude(pk=besides.pk if besides else 0).select_related("department").first()
    if other is not None:
        return Duplicate(request=other)
    past = same.select_related("platform", "department").first() or _earlier(platform, key, own)
    return Duplicate(account=past, blocks=False) if past is not None else None


def _earlier(platform: Platform, key: str, own: int | None) -> Account | None:
    bore = Handle.objects.filter(account__platform=platform, key=key).exclude(account=own)
    found = bore.select_related("account__platform", "account__department").first()
    return found.account if found is not None else None


def alike(platform: Platform, handle: str, key: str, own: int | None = None) -> list[Account]:
    """Live accounts, on any platform, whose handle passes for `handle` at a glance and is another one. Two queries."""
    mine = skeleton(_bare(handle))
    found = []
    rows = Account.objects.live().exclude(pk=own or 0).values_list("pk", "handle", "key")
    for pk, other, other_key in rows:
        bare = _bare(other)
        if other_key == key or bare.lower() == _bare(handle).lower():
            continue
        if skeleton(bare) == mine or (len(mine) >= SHORTEST and _one_apart(skeleton(bare), mine)):
            found.append(pk)
    rows_found = Account.objects.filter(pk__in=found[:MOST]).select_related("platform", "department")
    return list(rows_found.order_by("pk"))


def _bare(handle: str) -> str:
    """The name itself, without server or path."""
    return handle.rpartition("/")[2].partition("@")[0] or handle


def _one_apart(one: str, other: str) -> bool:
    """Whether one letter put in, left out or changed makes them the same."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return one == other
    short, long = sorted((one, other), key=len)
    at = next((place for place, letter in enumerate(short) if long[place] != letter), len(short))
    return short[at:] == long[at + 1 :] or (len(short) == len(long) and short[at + 1 :] == long[at + 1 :])


def warnings(
    person: Employee,
    platform: Platform | None,
    handle: str,
    *,
    besides: Request | None = None,
    own: int | None = None,
) -> list[Warning]:
    """What to say while somebody types `handle`: a duplicate with a link, then look-alikes."""
    if platform is None or not handle.strip():
        return []
    try:
        identity = canonical.identify(platform.slug, handle)
    except Invalid as error:
        return [Warning(str(error), blocks=True)]
    told = []
    other = duplicate(platform, identity.key, besides=besides, own=own)
    if other is not None:
        told.append(_linked(person, other))
    for account in alike(platform, identity.handle, identity.key, own):
        told.append(
            Warning(
                _("It looks like %(account)s of %(department)s; people may take one for the other.")
                % {"account": account.display, "department": account.department.name},
                *_page_of(person, account),
            )
        )
    return told


def _page_of(person: Employee, account: Account) -> tuple[str, str]:
    """Where `person` may look at `account`, and the link's text: its registry page, else the public one, else none."""
    if registry.visible_to(person).filter(pk=account.pk).exists():
        return reverse("accounts:registry_account", args=[account.pk]), _("See this account")
    if Account.objects.public().filter(pk=account.pk).exists():
        return reverse("accounts:account", args=[account.pk]), _("See this account")
    return "", ""


def _linked(person: Employee, other: Duplicate) -> Warning:
    if other.account is not None:
        return Warning(str(other), *_page_of(person, other.account), other.blocks)
    assert other.request is not None
    if Request.objects.visible_to(person).filter(pk=other.request.pk).exists():
        return Warning(str(other), other.request.get_absolute_url(), _("See that request"), True)
    return Warning(str(other), blocks=True)
