"""The public data, `/api/v1/`: read by anybody, written by nobody. Nothing here tells of requests or drafts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import conditional_page
from ninja import Field, NinjaAPI, Query, Schema
from ninja.decorators import decorate_view

from accounts import serializing, verifying
from accounts.models import Account, Platform
from accounts.searching import asked, beyond, mark
from accounts.views import ORDER, condition
from employees.models import Department

PAGE = 100
MOST = 500
FRESH = 60
"""Seconds for which an answer may be kept."""

api = NinjaAPI(
    title="Official social media accounts",
    version="1",
    description="The City’s official accounts, as data. Free to use; no key is needed.",
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
)


class EarlierHandle(Schema):
    handle: str
    since: date | None
    until: date


class AccountData(Schema):
    """One official account. `purposes` are the City's reasons to have it; `last_confirmed` when it was reviewed."""

    id: int
    page: str
    url: str
    platform: str
    platform_name: str
    handle: str
    name: str
    department: str
    department_name: str
    also_for: list[str]
    short_description: str
    long_description: str
    language: str
    purposes: list[str]
    audience: str
    tags: list[str]
    official_since: date | None
    last_confirmed: date | None
    review_under_way: bool
    earlier_handles: list[EarlierHandle]


class AccountPage(Schema):
    items: list[AccountData]
    next: str | None = Field(description="Address of the next page; null on the last.")


class DepartmentData(Schema):
    code: str
    name: str
    accounts: int
    page: str


class PlatformData(Schema):
    slug: str
    name: str
    label: str
    hosts: list[str]
    federated: bool
    accounts: int


class VerifyData(Schema):
    answer: verifying.Answer
    account: AccountData | None
    resembles: AccountData | None


class Problem(Schema):
    detail: Any


class Filters(Schema):
    """What a list is narrowed to."""

    q: str = Field("", max_length=200, description="Words of name, handle, description, topic or department.")
    department: str = Field("", max_length=60, description="Code of a department.")
    platform: str = Field("", max_length=40, description="Slug of a platform.")
    topic: str = Field("", max_length=40, description="One of the purposes.")


parameter: Any = Query
"""Without ninja's type parameter, which its own annotations ask for and its defaults don't take."""

ASKED = parameter(...)
"""Says that a parameter's fields are read from the query."""


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """Compressed, with an ETag, and kept for a minute."""

    def fresh(http: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        response: HttpResponse = view(http, *args, **named)
        if response.status_code == 200:
            patch_cache_control(response, public=True, max_age=FRESH)
        return response

    made: Callable[..., Any] = gzip_page(conditional_page(fresh))
    return made


CSV: dict[str, Any] = {
    "responses": {
        200: {"description": "RFC 4180", "content": {"text/csv": {"schema": {"type": "string"}}}},
    }
}
WRONG = {422: Problem}


def base_of(http: HttpRequest) -> str:
    return http.build_absolute_uri("/").rstrip("/")


def chosen(filters: Filters) -> QuerySet[Account]:
    """Public accounts that fit, in the directory's order."""
    texts = {name: _asked(value) for name, value in filters.dict().items()}
    rows = Account.objects.public().with_topics().filter(condition(texts))
    return serializing.whole(rows).order_by(*ORDER)


def _asked(value: str) -> str:
    return asked({"value": value}, "value")


@api.get("/accounts", response={200: AccountPage, **WRONG}, summary="Official accounts", tags=["accounts"])
@decorate_view(public)
def accounts(
    request: HttpRequest,
    filters: Filters = ASKED,
    after: str = parameter("", max_length=2000, description="Where the page begins: taken from `next`."),
    limit: int = parameter(PAGE, ge=1, le=MOST),
) -> dict[str, Any]:
    """Official accounts by department, platform and handle, a page at a time."""
    rows = list(beyond(chosen(filters), ORDER, after)[: limit + 1])
    more, rows = len(rows) > limit, rows[:limit]
    following = None
    if more:
        last = rows[-1]
        place = mark([last.department.name, last.platform.name, last.key, last.pk])
        query = request.GET.copy()
        query["after"] = place
        following = f"{request.build_absolute_uri(request.path)}?{query.urlencode()}"
    return {"items": serializing.accounts_as_data(rows, base_of(request)), "next": following}


@api.get(
    "/accounts.csv",
    summary="Official accounts, the whole list as CSV",
    tags=["accounts"],
    openapi_extra=CSV,
    response={**WRONG},
)
@decorate_view(public)
def accounts_csv(request: HttpRequest, filters: Filters = ASKED) -> HttpResponse:
    """All of them in one file. Cells that a spreadsheet would compute begin with an apostrophe."""
    base = base_of(request)
    rows = (row for some in _batches(chosen(filters)) for row in serializing.accounts_as_data(some, base))
    return _file("official-accounts.csv", serializing.csv_lines(serializing.ACCOUNT, rows))


@api.get(
    "/registry.csv",
    summary="In the columns of the US Digital Registry’s export",
    tags=["accounts"],
    openapi_extra=CSV,
    response={**WRONG},
)
@decorate_view(public)
def registry_csv(request: HttpRequest) -> HttpResponse:
    """All official accounts. Another installation imports this file with `manage.py import_accounts`."""
    rows = serializing.registry_rows(
        row for some in _batches(chosen(Filters.model_construct())) for row in some
    )
    return _file("registry.csv", serializing.csv_lines(serializing.REGISTRY, rows))


@api.get(
    "/accounts/{account_id}",
    response={200: AccountData, 404: Problem, **WRONG},
    summary="One official account",
    tags=["accounts"],
)
@decorate_view(public)
def account(request: HttpRequest, account_id: int) -> dict[str, Any]:
    """404 for what is not official, whatever else it may be."""
    rows = serializing.whole(Account.objects.public())
    found = get_object_or_404(rows, pk=account_id if 0 <= account_id < 2**63 else -1)
    return serializing.accounts_as_data([found], base_of(request))[0]


def _departments(request: HttpRequest) -> list[dict[str, Any]]:
    public_ones = Account.objects.public().order_by().values("department")
    counted = dict(public_ones.annotate(count=Count("pk")).values_list("department", "count"))
    base = base_of(request)
    return [
        {
            "code": row.code,
            "name": row.name,
            "accounts": counted[row.pk],
            "page": f"{base}/?department={row.code}",
        }
        for row in Department.objects.filter(pk__in=counted).order_by("name")
    ]


@api.get("/departments", response={200: list[DepartmentData], **WRONG}, summary="Departments", tags=["lists"])
@decorate_view(public)
def departments(request: HttpRequest) -> list[dict[str, Any]]:
    """Departments that answer for an official account."""
    return _departments(request)


@api.get(
    "/departments.csv", summary="Departments as CSV", tags=["lists"], openapi_extra=CSV, response={**WRONG}
)
@decorate_view(public)
def departments_csv(request: HttpRequest) -> HttpResponse:
    """The same as a file."""
    return _file("departments.csv", serializing.csv_lines(serializing.DEPARTMENT, _departments(request)))


def _platforms() -> list[dict[str, Any]]:
    seen = Q(accounts__in=Account.objects.public())
    rows = Platform.objects.annotate(count=Count("accounts", filter=seen)).order_by("name")
    return [
        {
            "slug": row.slug,
            "name": row.name,
            "label": row.label,
            "hosts": list(row.hosts),
            "federated": row.federated,
            "accounts": row.count,
        }
        for row in rows
    ]


@api.get("/platforms", response={200: list[PlatformData], **WRONG}, summary="Platforms", tags=["lists"])
@decorate_view(public)
def platforms(request: HttpRequest) -> list[dict[str, Any]]:
    """The platforms that the City knows, with the hosts on which their accounts are."""
    return _platforms()


@api.get("/platforms.csv", summary="Platforms as CSV", tags=["lists"], openapi_extra=CSV, response={**WRONG})
@decorate_view(public)
def platforms_csv(request: HttpRequest) -> HttpResponse:
    """The same as a file."""
    return _file("platforms.csv", serializing.csv_lines(serializing.PLATFORM, _platforms()))


@api.get("/verify", response={200: VerifyData, **WRONG}, summary="Is this the City’s?", tags=["verify"])
@decorate_view(public)
def verify(
    request: HttpRequest,
    q: str = parameter(..., max_length=1000, description="A link, a handle or the link of a post."),
) -> dict[str, Any]:
    """`official` and `formerly_official` carry the account, `look_alike` the one that it resembles.

    A bare handle may be official on several platforms: give the link for a certain answer.
    """
    verdict = verifying.verify(q)
    found = [one.pk for one in (verdict.account, verdict.resembles) if one is not None]
    rows = serializing.whole(Account.objects.once_public().filter(pk__in=found or [-1]))
    told = {one["id"]: one for one in serializing.accounts_as_data(list(rows), base_of(request))}
    return {
        "answer": verdict.answer,
        "account": told.get(verdict.account.pk) if verdict.account else None,
        "resembles": told.get(verdict.resembles.pk) if verdict.resembles else None,
    }


def _batches(rows: QuerySet[Account], size: int = 1000) -> Iterator[Sequence[Account]]:
    """`rows` a batch at a time, each with what belongs to it."""
    place = ""
    while some := list((beyond(rows, ORDER, place) if place else rows)[:size]):
        yield some
        last = some[-1]
        place = mark([last.department.name, last.platform.name, last.key, last.pk])
        if len(some) < size:
            return


def _file(name: str, lines: Iterator[str]) -> HttpResponse:
    response = HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
