"""In a browser: the pages before one has signed in, on a desk and on a phone."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = ["/login/", "/password/reset/", "/nowhere/"]
SIZES = [{"width": 1280, "height": 800}, {"width": 390, "height": 844}]
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone"])
@pytest.mark.parametrize("path", PAGES)
def test_wcag(live_server: Any, new_context: Callable[..., Any], path: str, size: dict[str, int]) -> None:
    page = new_context(viewport=size, bypass_csp=True).new_page()  # axe is itself an inline script
    page.goto(live_server.url + path)
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(violation["id"], [node["target"] for node in violation["nodes"]]) for violation in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("path", PAGES)
def test_the_policy_refuses_nothing_that_a_page_wants(
    live_server: Any, page: Page, csp_violations: list[str], path: str
) -> None:
    page.goto(live_server.url + path)
    assert csp_violations == []
    assert "Source Sans Pro" in page.evaluate("getComputedStyle(document.body).fontFamily")


def test_the_policy_is_watched(live_server: Any, page: Page, csp_violations: list[str]) -> None:
    """That the list above is empty says something only if it fills when it should."""
    page.goto(live_server.url + "/login/")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">inline</p>')")
    page.wait_for_timeout(200)
    assert csp_violations
