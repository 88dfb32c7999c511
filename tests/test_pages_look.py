"""In a browser: every page by everybody. WCAG 2.2 AA at two widths, nothing wider than a telephone of 320 pixels."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings

from accounts import impostors
from accounts.models import ImpostorReport
from audit import clock
from employees import policy
from tests.config.test_look import RULES, SIZES
from tests.pages import pages
from tests.permission_scene import Scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STEP = 6
"""The bounded run looks at every sixth page, the long one at all."""


@pytest.fixture
def scene(transactional_db: None, scene: Scene) -> Scene:
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
    city = scene.city
    report = ImpostorReport.objects.order_by("pk")[0]
    impostors.decide(actor=city.dana, report=report, outcome="confirmed")
    for number in (1, 2):
        policy.publish_policy(
            actor=city.dana,
            title="Social Media Policy",
            text=f"1. Purpose\n\n1.1 Version {number}.\n\n1.2 These:\n(a) one\n(b) two\n",
            effective=clock.today(),
        )
    return scene


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.soak)])
@pytest.mark.timeout(900)
def test_every_page_can_be_used_by_everybody(
    live_server: Any, new_context: Callable[..., Any], scene: Scene, whole: bool
) -> None:
    name = settings.SESSION_COOKIE_NAME
    opened: dict[str, Any] = {}
    wrong: list[Any] = []
    seen = 0
    for number, (who, address) in enumerate(pages(scene)):
        if not whole and number % STEP:
            continue
        if (
            address.endswith((".csv", ".txt", ".atom", ".xml", "healthz", ".json"))
            or "/api/v1/" in address[:-1]
            or "/files/" in address
            or address.endswith(("jsi18n/", "/check/"))  # a script, and a part of a page
        ):
            continue
        if who not in opened:
            context = new_context(viewport=SIZES[0], bypass_csp=True)  # axe is itself an inline script
            if who != "anonymous":
                cookie = scene.client(who).cookies[name].value
                context.add_cookies([{"name": name, "value": cookie, "url": live_server.url}])
            opened[who] = context.new_page()
        page = opened[who]
        page.set_viewport_size(SIZES[0])
        page.goto(live_server.url + address)
        for size in SIZES:
            page.set_viewport_size(size)
            found = Axe().run(page, options=RULES).response["violations"]
            wrong += [
                (address, size["width"], one["id"], [n["target"] for n in one["nodes"]]) for one in found
            ]
        page.set_viewport_size({"width": 320, "height": 640})
        if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            wrong.append(
                (address, "wider than 320 pixels", page.evaluate("document.documentElement.scrollWidth"))
            )
        seen += 1
    assert wrong == [], "\n".join(map(str, wrong))
    assert seen > (90 if whole else 10)


def focus(page: Any, wanted: str) -> None:
    """Press Tab until what has the focus bears the text or the label `wanted`."""
    for _press in range(40):
        page.keyboard.press("Tab")
        told = page.evaluate(
            "(e => `${e.textContent} ${e.labels?.[0]?.textContent ?? ''} ${e.value ?? ''}`)(document.activeElement)"
        )
        if wanted in told:
            return
    raise AssertionError(f"The keyboard does not come to “{wanted}”.")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_the_public_story_by_keyboard_alone(
    live_server: Any, new_context: Callable[..., Any], scene: Scene, scripts: bool
) -> None:
    """Find an account, ask whether another is real, see where it differs, report it, and read the outcome."""
    page = new_context(java_script_enabled=scripts, viewport=SIZES[1]).new_page()
    keyboard = page.keyboard
    page.goto(live_server.url + "/")
    focus(page, "Search by name")
    keyboard.type("zoo")
    keyboard.press("Enter")
    page.wait_for_url("**/?q=zoo**")
    page.get_by_text("1 account", exact=False).first.wait_for()
    focus(page, "@HutchZoo")
    keyboard.press("Enter")
    page.wait_for_url("**/accounts/**")
    assert "Official account of the City of Hutchinson" in page.inner_text("main")
    focus(page, "Verify")
    keyboard.press("Enter")
    page.wait_for_url("**/verify/")
    focus(page, "Paste the link")
    keyboard.type("x.com/HutchZ00")
    keyboard.press("Enter")
    page.wait_for_url("**/verify/?q=**")
    assert "Careful, this is not" in page.inner_text("h1")
    assert "the digit 0" in page.inner_text("main")
    focus(page, "Report this account")
    keyboard.press("Enter")
    page.wait_for_url("**/report/**")
    focus(page, "What it does")
    keyboard.type("It asks for money.")
    focus(page, "Send the report")
    keyboard.press("Enter")
    page.wait_for_url("**/report/*-*/")
    assert "We have it." in page.inner_text("main")


def test_search_as_you_type(live_server: Any, page: Any, scene: Scene, csp_violations: list[str]) -> None:
    page.goto(live_server.url + "/")
    page.get_by_label("Search by name").press_sequentially("hutchfire")
    page.wait_for_url("**/?q=hutchfire")
    assert page.locator(".oa-directory li").count() == 1
    page.get_by_label("Search by name").press_sequentially("xyz")
    page.get_by_text("No official account fits").wait_for()
    page.get_by_label("Search by name").fill("")
    page.wait_for_url(live_server.url + "/")
    assert page.locator(".oa-directory li").count() == 2
    assert csp_violations == []


def test_the_policy_allows_what_an_accounts_page_carries(
    live_server: Any, page: Any, scene: Scene, csp_violations: list[str]
) -> None:
    """A block of data in the page is no script: the browser says nothing, and what it holds can be read."""
    page.goto(f"{live_server.url}/accounts/{scene.things['zoo']['account']}/")
    assert (
        page.evaluate(
            "JSON.parse(document.querySelector('script[type=\"application/ld+json\"]').textContent)['@type']"
        )
        == "GovernmentOrganization"
    )
    page.wait_for_timeout(150)
    assert csp_violations == []
