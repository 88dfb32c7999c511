"""Accounts for tests, made through the services."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from accounts import imports, services, tables
from accounts.models import Account, Platform
from employees.models import Employee
from tests.accounts.lists import COLUMNS, line
from tests.cast import City


def opened(city: City, handle: str, *, actor: Employee | None = None, **changes: Any) -> Account:
    """An account of the zoo in provisioning, as an approved request opens it."""
    values: dict[str, Any] = {
        "platform": Platform.objects.get(slug="x"),
        "name": "Hutch Zoo",
        "department": city.zoo,
        "request_text": "2026-0147",
        "purposes": ["photos"],
        "short_description": "Animals and keepers, day by day",
    }
    return services.open_account(actor=actor or city.dana, handle=handle, **{**values, **changes})


def active(city: City, handle: str, **changes: Any) -> Account:
    """A public account of the zoo."""
    return services.activate(actor=city.helen, account=opened(city, handle, **changes))


def imported(city: City, count: int, *, agency: str = "Hutchinson Zoo", **more: str) -> list[Account]:
    """`count` imported accounts that await attestation."""
    taken = Account.objects.count()
    lines = [line(url=f"x.com/zoo_{taken + number}", agencies=agency, **more) for number in range(count)]
    import_text("\n".join([COLUMNS, *lines]))
    return list(Account.objects.order_by("-pk")[:count])[::-1]


def import_text(text: str) -> None:
    """Import a list given as text."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "list.csv")
        path.write_text(text, encoding="utf-8")
        imports.import_rows(actor=None, table=tables.read(path))
