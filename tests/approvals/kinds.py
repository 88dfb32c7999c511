"""A request of every kind, through the services, with what each is about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from accounts import services as accounts
from accounts.models import Account, Platform
from approvals import services
from approvals.asked import Asked
from approvals.kinds import Kind
from approvals.models import Request
from audit import clock
from credentials import custody
from employees.models import Department, Employee
from tests.approvals.paths import asked
from tests.cast import City
from tests.credentials.accounts import deposited, open_account


def active(city: City, handle: str = "HutchZoo", department: Department | None = None) -> Account:
    """An account in use on X, its login in the vault."""
    account = open_account(city.dana, department or city.zoo, handle)
    deposited(city.sam, account)
    account.refresh_from_db()
    return account


def suspended(city: City, handle: str = "HutchZoo") -> Account:
    return accounts.suspend(actor=city.dana, account=active(city, handle), request_text="2026-0000")


def imported(department: Department, *handles: str) -> list[Account]:
    """Accounts as an import leaves them, without its file; custody follows."""
    platform = Platform.objects.get(slug="x")
    made = Account.objects.bulk_create(
        Account(
            platform=platform,
            handle=handle,
            key=handle.lower(),
            url=f"https://x.com/{handle}",
            name=handle,
            department=department,
            state=Account.State.ACTIVE,
            origin=Account.Origin.IMPORT,
            created_at=clock.now(),
        )
        for handle in handles
    )
    custody.reconcile(actor=None, accounts=made, reason="imported")
    return made


def of_kind(city: City, kind: str, **changes: Any) -> Asked:
    """A complete request of `kind` by the Zoo; its account is made where `changes` name none."""
    if kind == Kind.NEW_ACCOUNT:
        return asked(city, **changes)
    values: dict[str, Any] = {"department": city.zoo, "kind": kind, "justification": "Because it is due."}
    if kind == Kind.ADOPT and "listed" not in changes:
        values["listed"] = [row.pk for row in imported(city.zoo, "ZooOne", "ZooTwo")]
    elif kind != Kind.ADOPT and "account" not in changes:
        values["account"] = suspended(city) if kind == Kind.REINSTATE else active(city)
    more: dict[Kind, dict[str, Any]] = {
        Kind.RENAME: {"handle": "HutchinsonZoo"},
        Kind.TRANSFER: {"to_department": city.parks},
        Kind.ACCESS: {"poster": city.joel, "access_until": clock.today() + timedelta(days=30)},
    }
    return Asked(**{**values, **more.get(Kind(kind), {}), **changes})


def draft(city: City, kind: str, by: Employee | None = None, **changes: Any) -> Request:
    return services.create_draft(actor=by or city.priya, asked=of_kind(city, kind, **changes))


def submitted(city: City, kind: str, **changes: Any) -> Request:
    return services.submit(actor=city.priya, request=draft(city, kind, **changes))


def endorsed(city: City, kind: str, **changes: Any) -> Request:
    request = submitted(city, kind, **changes)
    services.endorse(actor=city.helen, request=request)
    return request


def approved(city: City, kind: str, **changes: Any) -> Request:
    request = endorsed(city, kind, **changes)
    services.approve(actor=city.dana, request=request)
    return request
