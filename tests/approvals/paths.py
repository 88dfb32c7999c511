"""Ways to a request in a given status, through the services."""

from __future__ import annotations

from typing import Any

from accounts.models import Platform
from approvals import services
from approvals.acts import perform
from approvals.asked import Asked
from approvals.models import Request
from approvals.transitions import Act, Status
from audit.ledger import act
from employees.models import Employee
from tests.cast import City


def asked(city: City, **changes: Any) -> Asked:
    """A complete new account for the zoo's children's programs."""
    values: dict[str, Any] = {
        "department": city.zoo,
        "platform": Platform.objects.get(slug="instagram"),
        "handle": "@hutchzookids",
        "name": "Hutchinson Zoo Kids",
        "purposes": ("events", "photos"),
        "audience": "Families with children",
        "justification": "Class dates drown among the animals.",
        "poster": city.priya,
        "backup": city.helen,
        "login_email": "zoo-social@hutch.example",
        **changes,
    }
    return Asked(**values)


def draft(city: City, by: Employee | None = None, **changes: Any) -> Request:
    return services.create_draft(actor=by or city.priya, asked=asked(city, **changes))


def submitted(city: City, by: Employee | None = None, **changes: Any) -> Request:
    request = draft(city, by, **changes)
    return services.submit(actor=request.created_by, request=request)


def endorsed(city: City, by: Employee | None = None, **changes: Any) -> Request:
    request = submitted(city, by, **changes)
    if request.status == Status.AWAITING_ENDORSEMENT:
        services.endorse(actor=city.helen, request=request)
    return request


def approved(city: City, by: Employee | None = None, **changes: Any) -> Request:
    request = endorsed(city, by, **changes)
    services.approve(actor=city.dana, request=request)
    return request


def in_status(city: City, status: str) -> Request:
    """A request that came to `status` by the services."""
    match status:
        case Status.DRAFT:
            return draft(city)
        case Status.AWAITING_ENDORSEMENT:
            return submitted(city)
        case Status.AWAITING_DECISION:
            return endorsed(city)
        case Status.APPROVED:
            return approved(city)
    return _closed(city, status)


def _closed(city: City, status: str) -> Request:
    request = (
        endorsed(city) if status in (Status.DENIED, Status.RETURNED, Status.EXPIRED) else submitted(city)
    )
    match status:
        case Status.DECLINED:
            services.decline(actor=city.helen, request=request, text="Not now.")
        case Status.RETURNED:
            services.return_for_changes(actor=city.dana, request=request, text="Say more.")
        case Status.DENIED:
            services.deny(actor=city.dana, request=request, reasons=["existing_serves"])
        case Status.WITHDRAWN:
            services.withdraw(actor=city.priya, request=request, text="No longer wanted.")
        case Status.EXPIRED:
            services.return_for_changes(actor=city.dana, request=request, text="Say more.")
            with act():
                perform(None, request, Act.EXPIRE)
        case Status.FULFILLED:
            services.endorse(actor=city.helen, request=request)
            services.approve(actor=city.dana, request=request)
            assert request.account is not None
            from accounts.services import activate

            activate(actor=city.sam, account=request.account)
    request.refresh_from_db()
    assert request.status == status
    return request
