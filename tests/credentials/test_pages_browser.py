"""In a browser: what only a browser knows of showing a secret, hiding it, and the queue's keys."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect

from credentials.models import Credential, Rotation
from employees.models import Employee
from tests.cast import City, cookie_of
from tests.credentials.accounts import SECRET, deposited, open_account

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


@pytest.fixture
def zoo(city: City) -> Credential:
    return deposited(city.helen, open_account(city.dana, city.zoo))


def sign_in(page: Page, live_server: Any, first: str) -> None:
    person = Employee.objects.get(email=f"{first}@hutch.example")
    page.context.add_cookies([cookie_of(person, live_server.url)])


def revealed(page: Page, live_server: Any, credential: Credential) -> None:
    page.goto(live_server.url + reverse("credentials:credential", args=[credential.pk]))
    page.get_by_role("button", name="Reveal").click()
    expect(page.get_by_text(SECRET)).to_be_visible()


def test_a_secret_hides_itself(
    city: City, zoo: Credential, live_server: Any, page: Page, csp_violations: list[str]
) -> None:
    page.clock.install()
    sign_in(page, live_server, "helen")
    revealed(page, live_server, zoo)
    page.clock.run_for(61_000)
    expect(page.get_by_text(SECRET)).to_have_count(0)
    expect(page.get_by_text("Hidden again.")).to_be_visible()
    page.go_back()
    assert SECRET not in page.content()
    assert csp_violations == []


def test_one_can_sign_out_from_a_page_that_shows_a_secret(
    city: City, zoo: Credential, live_server: Any, page: Page
) -> None:
    """Under no-referrer a form carries `Origin: null`, which the server refuses."""
    sign_in(page, live_server, "helen")
    revealed(page, live_server, zoo)
    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_url(live_server.url + "/")
    expect(page.get_by_role("link", name="Staff sign in")).to_be_visible()


def test_a_rotation_by_keyboard_and_buttons(
    city: City, zoo: Credential, live_server: Any, page: Page, csp_violations: list[str]
) -> None:
    from audit import clock
    from employees import services as people

    people.separate(actor=city.carla, employee=city.helen, last_day=clock.today(), reason="moved away")
    sign_in(page, live_server, "sam")
    page.goto(live_server.url + "/credentials/queue/")
    page.keyboard.press("j")
    expect(page.get_by_role("button", name="Start @HutchZoo on X")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Show both passwords").click()
    expect(page.get_by_text(SECRET)).to_be_visible()
    page.get_by_role("link", name="It is changed: go on").click()
    page.get_by_role("button", name="I have changed it on X").click()
    page.get_by_role("button", name="The new password opens it").click()
    expect(page.get_by_role("status")).to_contain_text(
        "Version 2 of the password of @HutchZoo on X is current"
    )
    assert Rotation.objects.get().state == Rotation.State.VERIFIED
    assert csp_violations == []


@pytest.mark.parametrize("width", [1280, 390])
def test_wcag(city: City, zoo: Credential, live_server: Any, new_context: Any, width: int) -> None:
    page = new_context(viewport={"width": width, "height": 900}, bypass_csp=True).new_page()
    sign_in(page, live_server, "marcus")
    addresses = [
        reverse(f"credentials:{name}", args=[zoo.pk]) for name in ("credential", "deposit", "rotate")
    ]
    for address in [*addresses, "/credentials/", "/credentials/queue/", "/custody/", "/access/entries/"]:
        page.goto(live_server.url + address)
        found = Axe().run(page, options=RULES).response["violations"]
        assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    revealed(page, live_server, zoo)
    assert Axe().run(page, options=RULES).response["violations"] == []
