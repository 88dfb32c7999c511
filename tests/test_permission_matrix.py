"""Every address, both methods, everybody, own, other and missing things: does the code do what the table says?"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.template import Template
from django.test import Client
from django.urls import resolve
from django.utils.safestring import SafeString

from tests.addresses import patterns
from tests.permission_scene import Scene
from tests.permission_table import EVERYBODY, TABLE, Row

DEPARTMENTS = ("zoo", "fire", "missing")
ABSENT = {
    "request": "1999-0001",
    "draft": "1999-0001",
    "report_number": "XXXXX-XXXXX",
    "gone_day": "1999-01-31",
}
"""What stands in an address for a thing that is missing, where it is not a number."""
CATCH_ALL = "admin/(?P<url>.*)$"


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of refusals are expected here."""
    logger = logging.getLogger("django.request")
    before, logger.disabled = logger.disabled, True
    yield
    logger.disabled = before


class Missing(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return ABSENT.get(name, "999999999")


def things(scene: Scene, of: str) -> dict[str, str]:
    return scene.things.get(of, Missing(colleague="nobody@hutch.example"))


ASK_FOR_MISSING = ("anonymous", "noah", "helen", "dana", "rex")
"""In the bounded run; what is missing is missing for everybody."""

CITY_WIDE = ("mona", "tom", "sam", "eleanor", "carla")
"""To them the Zoo is as Fire: in the bounded run they are asked for the Zoo's things alone."""


def departments(row: Row, who: str, *, whole: bool) -> tuple[str, ...]:
    """An address without a thing in it is asked for once."""
    if "{" not in row.address:
        return DEPARTMENTS[:1]
    if whole:
        return DEPARTMENTS
    left_out = set() if who in ASK_FOR_MISSING else {"missing"}
    left_out |= {"fire"} if who in CITY_WIDE else set()
    return tuple(of for of in row.whose if of not in left_out)


class Plain(Client):
    """The test client without its copies of every template's context: half of the time of a long walk."""

    def request(self, **request: Any) -> Any:
        return self.handler(self._base_environ(**request))  # type: ignore[attr-defined]


def answer_of(client: Client, method: str, address: str, data: dict[str, str]) -> Any:
    """The answer; whatever the request did is undone."""
    with transaction.atomic():
        response: Any = client.get(address) if method == "get" else client.post(address, data)
        transaction.set_rollback(True)
    return response


def plain(scene: Scene, who: str) -> Plain:
    """A client of `who` that takes no cookies from answers, so that nothing signs it out."""
    client = Plain()
    client.cookies = scene.client(who).cookies
    return client


def check(scene: Scene, who: str, *, whole: bool) -> tuple[int, list[str]]:
    """How many answers were looked at, and those that differ from the table."""
    count, wrong, client = 0, [], plain(scene, who)
    for row in TABLE:
        for of in departments(row, who, whole=whole):
            named = things(scene, of)
            address = row.address.format_map(named)
            data = {name: value.format_map(named) for name, value in row.data.items()}
            for method, answer in (("get", row.get), ("post", row.post)):
                got, expected = answer_of(client, method, address, data).status_code, answer(who, of)
                count += 1
                if got != expected:
                    wrong.append(f"{who} {method.upper()} {row.address} of {of}: {got}, not {expected}")
    return count, wrong


@pytest.fixture
def no_pages(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Statuses without pages: what views decide, in a third of the time."""
    return lambda: monkeypatch.setattr(Template, "render", lambda self, context: SafeString())


@pytest.mark.timeout(1500)  # ten thousand answers
@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.soak)])
def test_everybody_is_answered_as_the_table_says(
    scene: Scene, whole: bool, no_pages: Callable[[], None], record_property: Callable[[str, object], None]
) -> None:
    if not whole:
        no_pages()
    answers = 0
    wrong: list[str] = []
    for who in sorted(EVERYBODY):
        cache.clear()  # sixteen people behind one address are more than rate limits allow
        count, differing = check(scene, who, whole=whole)
        answers, wrong = answers + count, wrong + differing
    record_property("answers", answers)
    record_property("people", len(EVERYBODY))
    record_property("rows", len(TABLE))
    assert wrong == [], "\n".join(wrong)


def test_every_pattern_has_a_row_and_every_row_a_pattern(scene: Scene) -> None:
    rows: dict[str, str] = {}
    for row in TABLE:
        rows.setdefault(resolve(row.address.format_map(scene.things["zoo"])).route, row.address)
    assert sorted(set(patterns()) - set(rows)) == []
    assert sorted(set(rows) - set(patterns())) == []
    assert rows[CATCH_ALL] == "/admin/there/is/nothing/"


def test_nobody_is_missing_from_the_scene(scene: Scene) -> None:
    assert set(scene.people) | {"anonymous"} == set(EVERYBODY)
