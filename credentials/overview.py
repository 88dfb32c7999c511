"""What this room tells pages of the rooms to its left, through the hooks that those publish."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.health import Health
from accounts.models import Account
from accounts.sections import Section
from audit import clock
from credentials import dues, entitlement, holds, provisioning, seats
from credentials.models import (
    Credential,
    Custody,
    Grant,
    Knowledge,
    LegalHold,
    ReviewItem,
    SecretVersion,
)
from employees import consequences as leaving
from employees.models import Employee


def health(accounts: Sequence[Account]) -> dict[int, Health]:
    """Custodians, gaps and due rotations of each account. Ten queries, whatever the number of accounts."""
    filled = seats.of_accounts(accounts)
    due = {item.account.pk: item for item in dues.queue(accounts)}
    holders: dict[int, list[str]] = {account.pk: [] for account in accounts}
    held = Custody.objects.in_force().filter(account__in=list(accounts), person__is_active=True)
    for account, name in held.order_by("person__name").values_list("account_id", "person__name"):
        holders[account].append(name)
    present: dict[int, list[str]] = {account.pk: [] for account in accounts}
    left_over = Custody.objects.still_present().filter(account__in=list(accounts))
    for account, name in left_over.order_by("person__name").values_list("account_id", "person__name"):
        present[account].append(name)
    return {
        account.pk: Health(
            custodians=holders[account.pk],
            gaps=seats.gaps(filled[account.pk]),
            due=account.pk in due,
            due_text=_due_text(due.get(account.pk)),
            present=present[account.pk],
        )
        for account in accounts
    }


def _due_text(due: dues.Due | None) -> str:
    if due is None:
        return ""
    days = ngettext("%(count)d day", "%(count)d days", due.days) % {"count": due.days}
    if due.knowers:
        names = ", ".join(knower.person.name for knower in due.knowers)
        return _("%(days)s: %(names)s knows the password without authority") % {"days": days, "names": names}
    return _("%(days)s: reported by %(name)s") % {"days": days, "name": due.reports[0].reported_by.name}


def sections(account: Account, viewer: Employee) -> list[Section]:
    """The parts of an account's page that belong to custody."""
    held = (
        Custody.objects.in_force()
        .filter(account=account)
        .select_related("person")
        .prefetch_related("grounds")
        .order_by("person__name")
    )
    context = {
        "account": account,
        "custodies": held,
        "seats": seats.of_account(account),
        "missing": provisioning.missing(account) if account.state == Account.State.PROVISIONING else [],
        "credential": getattr(account, "credential", None),
        "may_open": entitlement.may_see(viewer, account),
    }
    found = [
        Section(title=_("Who holds it"), template_name="credentials/includes/holders.html", context=context)
    ]
    if standing := holds.of(account):
        context = {"holds": standing}
        found.append(Section(_("Legal hold"), "credentials/includes/holds.html", context))
    return found


def consequences(person: Employee) -> list[leaving.Section]:
    """What ends and what becomes due when `person` leaves."""
    return [_holds(person), _knows(person)]


def _holds(person: Employee) -> leaving.Section:
    rows = []
    held = Custody.objects.in_force().filter(person=person)
    for custody in (
        held.select_related("account__platform").prefetch_related("grounds").order_by("account__name")
    ):
        grounds = [ground for ground in custody.grounds.all() if ground.closed_at is None]
        what = _("Custody ends")
        if custody.channel == Custody.Channel.PLATFORM_ROLE and custody.present_confirmed_at:
            what = _("Custody ends; still present on %(platform)s until somebody confirms the removal") % {
                "platform": custody.account.platform.name
            }
        channel = str(custody.get_channel_display())
        rows.append([custody.account.display, f"{channel} · {'; '.join(g.authority for g in grounds)}", what])
    sentence = ngettext("%(count)d custody ends", "%(count)d custodies end", len(rows)) % {"count": len(rows)}
    return leaving.Section(
        title=_("Holds"),
        columns=[_("Account"), _("Channel and ground"), _("What happens")],
        rows=rows,
        sentence=sentence if rows else "",
    )


def _knows(person: Employee) -> leaving.Section:
    rows = []
    seen = set()
    known = Knowledge.objects.filter(person=person, version__state=SecretVersion.State.CURRENT)
    for row in known.select_related("version__item__credential__account__platform").order_by("-at"):
        if row.version_id in seen:
            continue
        seen.add(row.version_id)
        account = row.version.item.credential.account
        item = f"{account.display}, {row.version.item.get_kind_display().lower()} v{row.version.number}"
        day = date_format(clock.day_of(row.at), "DATE_FORMAT")
        rows.append([item, f"{row.get_how_display()}, {day}", _("Rotation becomes due")])
    sentence = ngettext("%(count)d rotation becomes due", "%(count)d rotations become due", len(rows)) % {
        "count": len(rows)
    }
    return leaving.Section(
        title=_("Knows"),
        columns=[_("Current secret"), _("How"), _("What happens")],
        rows=rows,
        sentence=sentence if rows else "",
    )


def things(account: Account) -> Iterator[tuple[str, list[str]]]:
    """What entries of this room may be about when they are about `account`."""
    owned: tuple[tuple[str, QuerySet[Any]], ...] = (
        ("credentials.credential", Credential.objects.filter(account=account)),
        ("credentials.custody", Custody.objects.filter(account=account)),
        ("credentials.grant", Grant.objects.filter(account=account)),
        ("credentials.legalhold", LegalHold.objects.filter(account=account)),
        ("credentials.reviewitem", ReviewItem.objects.filter(account=account)),
    )
    for kind, rows in owned:
        yield kind, [str(pk) for pk in rows.order_by().values_list("pk", flat=True)]
