"""Denials: entries for signed-in people, counts for others, floods for nobody."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import clear_url_caches, path

from audit import clock, denials, security
from audit.actions import Verb
from audit.errors import NotPermitted
from audit.ledger import service
from audit.models import Entry, SecurityEvent
from config import daily, urls
from config.middleware import client_address
from employees.models import Department, Employee
from tests.cast import City, client_of
from tests.credentials.accounts import deposited, open_account


def denied() -> list[Entry]:
    return list(Entry.objects.filter(verb=Verb.ACCESS_DENY))


def content(entry: Entry) -> Any:
    return json.loads(entry.canonical)


def test_a_denial_says_who_what_and_the_pattern_and_never_what_was_asked(city: City) -> None:
    client_of(city.noah).get("/access/entries/?actor=canary-in-the-query")
    (entry,) = denied()
    assert entry.actor_id == str(city.noah.pk)
    assert (entry.object_id, entry.object_text) == ("credentials:entries", "GET /access/entries/")
    assert content(entry)["data"] == {"status": 403, "of": {}}
    assert "canary" not in entry.canonical


def test_an_existing_thing_that_is_hidden_is_a_denial_and_a_missing_one_is_not(city: City) -> None:
    credential = deposited(city.sam, open_account(city.dana, city.zoo))
    noah = client_of(city.noah)
    hidden = noah.post(f"/credentials/{credential.pk}/reveal/", {"own_password": "x"})
    missing = noah.post("/credentials/999999/reveal/", {"own_password": "x"})
    assert (hidden.status_code, missing.status_code) == (404, 404)
    (entry,) = denied()
    assert entry.object_text == "POST /credentials/<int:pk>/reveal/"
    assert content(entry)["data"] == {"status": 404, "of": {"pk": str(credential.pk)}}


@pytest.mark.parametrize("address", ["/registry/{account}/", "/requests/{request}/", "/people/{person}/"])
def test_every_room_writes_down_what_it_hides(city: City, address: str) -> None:
    from tests.approvals.paths import submitted

    names = {
        "account": open_account(city.dana, city.zoo).pk,
        "request": submitted(city).number,
        "person": city.priya.pk,
    }
    assert client_of(city.noah).get(address.format(**names)).status_code == 404
    (entry,) = denied()
    assert list(content(entry)["data"]["of"].values()) == [str(names[address.split("{")[1].split("}")[0]])]


def test_what_the_superuser_is_refused_is_written_down_like_anybodys(city: City) -> None:
    assert client_of(city.rex).get("/admin/").status_code == 403
    (entry,) = denied()
    assert (entry.actor_id, entry.object_text) == (str(city.rex.pk), "GET /admin/")


def _refusing(request: HttpRequest) -> HttpResponse:
    @service
    def rename() -> None:
        Department.objects.filter(code="zoo").update(name="Renamed")
        raise NotPermitted("Not yours.")

    rename()
    return HttpResponse()


def _failing(request: HttpRequest) -> HttpResponse:
    @service
    def rename() -> None:
        Department.objects.filter(code="zoo").update(name="Renamed")
        raise PermissionDenied

    rename()
    return HttpResponse()


@pytest.fixture
def views() -> Iterator[None]:
    """Two addresses more, for the time of a test; nothing remembers them afterwards."""
    before = urls.urlpatterns
    urls.urlpatterns = [path("test/refusing/", _refusing), path("test/failing/", _failing), *before]
    clear_url_caches()
    yield
    urls.urlpatterns = before
    clear_url_caches()


@pytest.mark.usefixtures("views")
@pytest.mark.parametrize("address", ["/test/refusing/", "/test/failing/"])
def test_a_denial_stays_although_the_views_work_is_rolled_back(city: City, address: str) -> None:
    answer = client_of(city.helen).post(address)
    assert answer.status_code == 403
    assert not Department.objects.filter(name="Renamed").exists()
    assert [entry.object_text for entry in denied()] == [f"POST {address}"]


def test_who_is_turned_away_is_so_although_it_cannot_be_written_down(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: Any) -> bool:
        raise DatabaseError

    monkeypatch.setattr(denials, "record_denial", broken)
    assert client_of(city.noah).get("/access/entries/").status_code == 403


@override_settings(DENIALS_ALIKE_A_MINUTE=3)
def test_a_flood_is_counted(city: City) -> None:
    noah = client_of(city.noah)
    for _ in range(10):
        noah.get("/access/entries/", REMOTE_ADDR="192.0.2.9")
    noah.get("/access/")
    assert len(denied()) == 4
    event = SecurityEvent.objects.get(kind=SecurityEvent.Kind.DENIED_AGAIN)
    assert (event.count, event.about, event.address) == (7, f"employees.employee {city.noah.pk}", "192.0.2.9")
    with clock.moved_to(clock.now() + timedelta(minutes=1, seconds=1)):
        noah.get("/access/entries/")
    assert len(denied()) == 5


@override_settings(DENIALS_A_MINUTE=2)
def test_a_walk_over_all_addresses_is_counted_too(city: City) -> None:
    noah = client_of(city.noah)
    for address in ("/access/", "/access/entries/", "/people/", "/custody/", "/credentials/queue/"):
        noah.get(address)
    assert len(denied()) == 2
    client_of(city.priya).get("/access/")
    assert len(denied()) == 3


def failures(kind: SecurityEvent.Kind) -> list[tuple[str, str, int]]:
    return list(
        SecurityEvent.objects.filter(kind=kind).order_by("pk").values_list("about", "address", "count")
    )


def test_failed_sign_ins_are_counted_without_the_name_of_who_is_unknown(city: City) -> None:
    for email in ("Noah@hutch.example", "noah@hutch.example", "my-password-typed-here"):
        Client().login(username=email, password="wrong")
    assert [row[0::2] for row in failures(SecurityEvent.Kind.SIGN_IN_KNOWN)] == [
        (f"employees.employee {city.noah.pk}", 2)
    ]
    ((about, _address, count),) = failures(SecurityEvent.Kind.SIGN_IN_UNKNOWN)
    assert count == 1
    assert len(about) == 40
    assert "typed" not in str(list(SecurityEvent.objects.values()))
    assert denied() == []


def test_visitors_on_staff_pages_are_counted(city: City, client: Client) -> None:
    for address in ("/credentials/", "/access/entries/"):
        client.get(address, REMOTE_ADDR="2001:db8:1:2:3::4")
    assert failures(SecurityEvent.Kind.STAFF_PAGE) == [("", "2001:db8:1:2::/64", 2)]
    assert denied() == []


def test_public_pages_count_nothing(city: City, client: Client) -> None:
    for address in ("/", "/accounts/1/", "/nowhere/"):
        client.get(address)
    assert not SecurityEvent.objects.exists()


def test_the_rows_of_an_hour_are_bounded(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "ROWS_AN_HOUR", 5)
    kind = SecurityEvent.Kind.SIGN_IN_UNKNOWN
    for number in range(20):
        security.count(actor=None, kind=kind, about=f"hash-{number}", address=f"192.0.2.{number}")
    rows = failures(kind)
    assert len(rows) == 6
    assert rows[-1] == ("", "", 15)


@override_settings(SECURITY_LOG_DAYS=30)
def test_old_counts_are_thrown_away_by_the_daily_run(city: City) -> None:
    kind = SecurityEvent.Kind.FORBIDDEN
    with clock.moved_to(clock.now() - timedelta(days=31)):
        security.count(actor=None, kind=kind, address="192.0.2.1")
    security.count(actor=None, kind=kind, address="192.0.2.2")
    assert daily.run().pruned == 1
    assert failures(kind) == [("", "192.0.2.2", 1)]


@pytest.mark.parametrize(("name", "code"), [("sam", 200), ("marcus", 200), ("dana", 403), ("rex", 403)])
def test_it_reads_the_security_log(city: City, name: str, code: int) -> None:
    Client().login(username="noah@hutch.example", password="wrong")
    page = client_of(getattr(city, name)).get("/admin/audit/securityevent/")
    assert page.status_code == code
    assert (b"Noah Fischer" in page.content) is (code == 200)


@pytest.mark.parametrize(
    ("proxies", "expected"), [(0, "192.0.2.1"), (1, "203.0.113.5"), (2, "198.51.100.1"), (3, "")]
)
def test_behind_the_proxy_the_address_is_what_the_proxy_added(
    rf: Any, proxies: int, expected: str, settings: Any
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = rf.get("/", REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.5"})
    assert client_address(request) == expected


def test_a_denial_costs_few_statements(
    city: City, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    actor = Employee.objects.get(pk=city.noah.pk)
    with django_assert_max_num_queries(7 if connection.vendor == "postgresql" else 4):
        denials.record_denial(actor=actor, method="GET", view="x:y", pattern="x/")
