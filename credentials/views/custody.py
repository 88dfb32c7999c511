"""Custody that is out of order: gaps, surplus, platform roles that nobody has confirmed or removed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Account
from audit.denials import absent
from audit.errors import NotPermitted, Refused, Stale
from credentials import custody as reconciling
from credentials import entitlement, platform_roles, receipts, seats, sharing, warnings, ways
from credentials.models import Custody, CustodyQuerySet
from credentials.views.doors import person_of, staff, whole
from employees import authority, rules
from employees.models import Employee, Office

FEW = 20
"""Rows of each list while all are shown."""

PAGE = 100
"""Rows of one list shown alone."""

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
"""The last day, which tells from which departure's page somebody comes."""

LISTS = ("gaps", "surplus", "unconfirmed", "present", "stale", "thin", "outgrown", "ways")


@dataclass
class Gap:
    """An empty seat, the accounts that want it, and who can mend it."""

    title: str
    kind: str
    office: int
    accounts: list[Account] = field(default_factory=list)

    @property
    def mend(self) -> str:
        if self.kind == Office.Kind.DEPARTMENT_DIRECTOR:
            return _(
                "A registry clerk records a Director, or an acting one, and somebody else confirms it; "
                "a Director can name a designee."
            )
        return _("A registry clerk records the appointment, or an acting one; somebody else confirms it.")


def _scope(person: Employee) -> QuerySet[Account]:
    """The accounts whose custody `person` may look over. Raises NotPermitted when there are none."""
    live = Account.objects.live()
    if authority.sees_everything(person):
        return live
    directed = [held.department_id for held in authority.capacities(person) if held.department_id]
    held = Custody.objects.in_force().filter(person=person, person__is_active=True)
    if not directed and not held.exists():
        raise NotPermitted(
            _("Custody is looked over by City officers, staff roles, and who directs or holds an account.")
        )
    return live.filter(Q(department__in=directed) | Q(pk__in=held.values("account")))


@require_safe
@staff
def overview(request: HttpRequest) -> HttpResponse:
    """Gaps by seat, surplus, and platform roles to confirm, for the accounts in the person's scope."""
    person = person_of(request)
    scope = _scope(person)
    only = request.GET.get("show", "")
    only = only if only in LISTS else ""
    start = whole(request.GET.get("start", "")) if only else 0
    limit = PAGE if only else FEW
    accounts = list(
        scope.select_related("department__office", "platform", "credential").order_by("name", "pk")
    )
    gaps = _gaps(accounts)
    lists = _custodies(scope)
    others: dict[str, list[Any]] = {
        "stale": receipts.duties(accounts=accounts),
        "thin": [
            one
            for some in warnings.of_accounts(accounts).values()
            for one in some
            if one.kind != warnings.VACANT
        ],
        "outgrown": sharing.outgrown(accounts),
        "ways": ways.due(accounts),
    }
    counts = {
        "gaps": len(gaps),
        **{name: rows.count() for name, rows in lists.items()},
        **{name: len(rows) for name, rows in others.items()},
    }
    pages = {name: list(rows[start : start + limit]) for name, rows in lists.items()}
    may = _confirmable(person, [*pages["unconfirmed"], *pages["present"]])
    total = counts[only] if only else 0
    context = {
        "only": only,
        "counts": counts,
        "gaps": gaps[start : start + limit],
        "surplus": pages["surplus"],
        "unconfirmed": pages["unconfirmed"],
        "present": pages["present"],
        **{name: rows[start : start + limit] for name, rows in others.items()},
        "person": person,
        "reminded": receipts.reminded_today(one.person for one in others["stale"][start : start + limit]),
        "may_remind": receipts.remindable(person, others["stale"][start : start + limit]),
        "owes": any(duty.person.pk == person.pk for duty in others["stale"]),
        "for_it": entitlement.may_rotate(person),
        "may_close": _may_close(person),
        "may_fill": rules.is_registrar(person),
        "may": may,
        "few": FEW,
        "limited": not authority.sees_everything(person),
        "shown": min(total, start + limit),
        "total": total,
        "next_page": f"?{urlencode({'show': only, 'start': start + limit})}" if start + limit < total else "",
        "first_page": f"?{urlencode({'show': only})}" if start else "",
        "all_in_order": not any(counts.values()),
    }
    return render(request, "credentials/custody.html", context)


@require_POST
@staff
def remind(request: HttpRequest, pk: int) -> HttpResponse:
    """Mail somebody which new versions wait for their receipt."""
    actor = person_of(request)
    scope = _scope(actor)
    owing = Employee.objects.filter(pk=pk, is_active=True).first()
    try:
        if owing is None:
            raise Stale(_("Nobody like that works here any more."))
        accounts = list(scope.select_related("platform", "department"))
        owed = receipts.remind(actor=actor, person=owing, accounts=accounts)
    except NotPermitted:
        raise
    except Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        text = ngettext(
            "%(person)s is reminded of one new version, by mail.",
            "%(person)s is reminded of %(count)d new versions, by mail.",
            len(owed),
        )
        messages.success(request, text % {"person": owing.name, "count": len(owed)})
    back = "?show=stale" if request.POST.get("show") == "stale" else ""
    return redirect(_address() + back)


def _gaps(accounts: list[Account]) -> list[Gap]:
    """Empty seats, the one that most accounts want first. City-wide offices are one seat."""
    city = dict(Office.objects.filter(department=None).values_list("kind", "pk"))
    found: dict[str, Gap] = {}
    by_account = seats.of_accounts(accounts)
    for account in accounts:
        for seat in by_account[account.pk]:
            if not seat.custodies:
                office = city.get(seat.kind, account.department.office.pk)
                found.setdefault(seat.title, Gap(seat.title, seat.kind, office)).accounts.append(account)
    return sorted(found.values(), key=lambda gap: (-len(gap.accounts), gap.title))


def _custodies(scope: QuerySet[Account]) -> dict[str, CustodyQuerySet]:
    rows: CustodyQuerySet = (
        Custody.objects.filter(account__in=scope)
        .select_related(
            "person__department", "account__platform", "account__department", "account__credential"
        )
        .order_by("account__name", "account_id", "person__name", "pk")
    )
    on_platform = rows.filter(channel=Custody.Channel.PLATFORM_ROLE)
    return {
        # Standing without a ground in force and none to come.
        "surplus": rows.filter(pk__in=[one.pk for one in seats.surplus()]),
        "unconfirmed": on_platform.in_force().filter(closed_at=None, present_confirmed_at=None),
        "present": on_platform.still_present().last_of_each(),
    }


def _confirmable(person: Employee, rows: Sequence[Custody]) -> set[int]:
    """Those of `rows` that `person` may confirm: what `platform_roles.may_confirm` says, for all at once."""
    others = [row for row in rows if row.person_id != person.pk]
    if authority.is_information_technology(person):
        return {row.pk for row in others}
    held = Custody.objects.in_force().filter(
        person=person, person__is_active=True, account__in={row.account_id for row in others}
    )
    mine = set(held.values_list("account_id", flat=True))
    return {row.pk for row in others if row.account_id in mine}


def _row(request: HttpRequest, pk: int) -> Custody:
    """The custody with this id, to who may look over its account; else 404."""
    found = Custody.objects.select_related("account__platform", "account__department", "person").filter(pk=pk)
    row, scope = found.first(), _scope(person_of(request))
    if row is None or not scope.filter(pk=row.account_id).exists():
        raise absent(hidden=row)
    return row


@require_POST
@staff
def confirm_role(request: HttpRequest, pk: int) -> HttpResponse:
    """The person has the role on the platform."""
    row = _row(request, pk)
    text = _("It is written down that %(person)s is %(role)s on %(platform)s.") % {
        "person": row.person.name,
        "role": row.platform_role,
        "platform": row.account.platform.name,
    }
    return _act(request, row, platform_roles.confirm_role, text)


@require_POST
@staff
def confirm_removal(request: HttpRequest, pk: int) -> HttpResponse:
    """The person is gone from the platform."""
    row = _row(request, pk)
    text = _("It is written down that %(person)s is gone from %(account)s.") % {
        "person": row.person.name,
        "account": row.account.display,
    }
    return _act(request, row, platform_roles.confirm_removal, text)


def _may_close(person: Employee) -> bool:
    return entitlement.may_rotate(person) or rules.is_registrar(person)


@require_POST
@staff
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring the custody of this account up to date now, instead of with the next daily run."""
    row, person = _row(request, pk), person_of(request)
    authority.require(
        _may_close(person), _("Custody is brought up to date by Information Technology and registry clerks.")
    )
    changes = reconciling.reconcile(actor=person, accounts=[row.account], reason=_("Its ground had ended"))
    if changes.closed:
        text = ngettext("One custody is closed.", "%(count)d custodies are closed.", len(changes.closed))
        messages.success(request, text % {"count": len(changes.closed)})
    else:
        messages.info(request, _("Nothing was to be closed: the custody of this account is up to date."))
    return redirect(_address())


def _act(request: HttpRequest, row: Custody, service: Any, done: str) -> HttpResponse:
    before = row.account.state
    try:
        service(actor=person_of(request), custody=row)
    except NotPermitted:
        raise
    except Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        now = Account.objects.get(pk=row.account_id).state
        active = _(" The account is active now.") if now != before and now == Account.State.ACTIVE else ""
        messages.success(request, done + active)
    if request.POST.get("roles"):
        return redirect("credentials:roles", pk=row.account_id)
    leaving = request.POST.get("leaving", "")
    if DAY.fullmatch(leaving):
        return redirect("employees:departure", pk=row.person_id, day=leaving)
    if leaving:
        return redirect("employees:leaving", pk=row.person_id)
    back = request.POST.get("show", "")
    return redirect(f"{_address()}?{urlencode({'show': back})}" if back in LISTS else _address())


def _address() -> str:
    return reverse("credentials:custody")
