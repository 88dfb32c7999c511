"""The pages of people in a browser: WCAG, width, policy; and a departure by clicking."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from audit import clock
from employees import services
from employees.models import Employee, Office, Role
from tests.cast import City, cookie_of, designate, seat_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


def sign_in(page: Page, live_server: Any, first: str) -> None:
    person = Employee.objects.get(email=f"{first}@hutch.example")
    page.context.add_cookies([cookie_of(person, live_server.url)])


@pytest.fixture
def full(city: City) -> City:
    """Every page has something to show."""
    designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    fire = Office.objects.get(department=city.fire)
    today = clock.today()
    services.record_appointment(
        actor=city.carla, office=fire, holder=city.noah, start=today, instrument="Resolution 2026-41"
    )
    services.record_role(
        actor=city.ruth, holder=city.joel, name=Role.Name.AUDITOR, start=today, instrument="Memo 3"
    )
    return city


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_is_accessible_and_fits(full: City, live_server: Any, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, live_server, "ruth")
    helen, noah, seat = full.helen.pk, full.noah.pk, seat_of(full.helen).pk
    for path in (
        "/people/",
        "/people/?q=nobody-of-this-name",
        "/people/waiting/",
        f"/people/{helen}/",
        f"/people/{helen}/leaving/",
        f"/people/{noah}/appoint/",
        f"/people/{noah}/designate/",
        f"/people/{noah}/role/",
        f"/people/held/appointment/{seat}/end/",
    ):
        response = page.goto(live_server.url + path)
        assert response is not None
        assert response.status == 200, path
        results = Axe().run(page, options=RULES)
        assert [(path, one["id"]) for one in results.response["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.locator("h1").count() == 1, path


def test_a_departure_by_clicking(full: City, live_server: Any, page: Page, csp_violations: list[str]) -> None:
    sign_in(page, live_server, "sam")
    page.goto(live_server.url + "/people/")
    page.get_by_role("link", name="Helen Okafor").click()
    page.get_by_role("link", name="Helen Okafor leaves").click()
    expect(
        page.get_by_text("1 seat is left vacant, 1 designation of somebody else lapses").first
    ).to_be_visible()
    page.get_by_label("Reason").fill("Resigned")
    page.get_by_role("button", name="Separate Helen Okafor").click()
    expect(page.get_by_role("status")).to_contain_text("Helen Okafor was separated.")
    expect(page.get_by_role("heading", name="Helen Okafor has left")).to_be_visible()
    expect(page.get_by_role("link", name="Name somebody Director of Hutchinson Zoo")).to_be_visible()
    assert not Employee.objects.get(pk=full.helen.pk).is_active
    assert csp_violations == []


def test_recording_and_confirming_by_clicking(full: City, live_server: Any, page: Page) -> None:
    sign_in(page, live_server, "mona")
    page.goto(live_server.url + "/people/waiting/")
    page.get_by_role("button", name="Confirm Noah Fischer, Director of Fire Department").click()
    expect(page.get_by_role("status")).to_contain_text("Confirmed: Noah Fischer")
    expect(page.get_by_role("status")).to_be_focused()
