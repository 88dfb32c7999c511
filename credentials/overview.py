"""What this room tells pages of the rooms to its left, through the hooks that those publish."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.health import Health
from accounts.models import Account
from accounts.sections import Section
from credentials import dues, entitlement, holds, provisioning, seats, sharing, warnings
from credentials.models import Credential, Custody, Grant, LegalHold, ReviewItem
from employees.models import Employee


def health(accounts: Sequence[Account]) -> dict[int, Health]:
    """Custodians, gaps and due rotations of each account. Ten queries, whatever the number of accounts."""
    filled = seats.of_accounts(accounts)
    due = {item.account.pk: item for item in reversed(dues.queue(accounts))}
    holders: dict[int, list[str]] = {account.pk: [] for account in accounts}
    held = Custody.objects.in_force().filter(account__in=list(accounts), person__is_active=True)
    # A person who holds it through two channels is one custodian.
    names = held.order_by("person__name").values_list("account_id", "person__name", "person_id").distinct()
    for account, name, _person in names:
        holders[account].append(name)
    present: dict[int, list[str]] = {account.pk: [] for account in accounts}
    left_over = Custody.objects.still_present().last_of_each().filter(account__in=list(accounts))
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
    if not due.reports:
        name = due.emergencies[0].person.name
        return _("%(days)s: %(name)s opened it in an emergency") % {"days": days, "name": name}
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
        "thin": [one for one in warnings.of_account(account) if one.kind != warnings.VACANT],
        "outgrown": next(iter(sharing.outgrown([account])), None),
    }
    found = [
        Section(title=_("Who holds it"), template_name="credentials/includes/holders.html", context=context)
    ]
    if standing := holds.of(account):
        context = {"holds": standing}
        found.append(Section(_("Legal hold"), "credentials/includes/holds.html", context))
    return found


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
