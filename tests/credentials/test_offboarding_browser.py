"""In a browser, by keyboard alone: an off-boarding to its certificate, the queue one after another; axe is clean."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from audit import clock
from credentials import breakglass, platform_roles
from credentials.models import Credential, Custody, EmergencyAccess, Rotation
from employees import departures
from employees import services as people
from employees.models import Employee
from tests.cast import City, cookie_of, designate
from tests.credentials.accounts import deposited, open_account
from tests.keyboard import press, tab_to

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DONE = re.compile("^Done")
"""The button of a line of the closing list."""
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


@pytest.fixture
def zoo(city: City) -> Credential:
    credential = deposited(city.helen, open_account(city.dana, city.zoo))
    designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    return credential


def sign_in(page: Page, live_server: Any, person: Employee) -> None:
    page.context.add_cookies([cookie_of(person, live_server.url)])


def rotate_by_keyboard(page: Page) -> None:
    """From the step “see both passwords” to the last line of the closing list."""
    press(page, "Show both passwords")
    press(page, "Go on, to say that it is changed", "link")
    press(page, "I have changed it on X")
    press(page, "The new password opens it")
    lines = page.get_by_role("button", name=DONE)
    expect(lines).not_to_have_count(0)
    for left in range(lines.count(), 0, -1):
        expect(lines).to_have_count(left)
        press(page, DONE)


def test_off_boarding_by_keyboard_to_the_certificate(
    city: City, zoo: Credential, live_server: Any, page: Page, csp_violations: list[str]
) -> None:
    credentials_known = deposited(city.priya, open_account(city.dana, city.zoo, "HutchZooKids"))
    sign_in(page, live_server, city.sam)
    page.goto(f"{live_server.url}/people/{city.priya.pk}/leaving/")
    tab_to(page, "textbox", "Reason")
    page.keyboard.type("Moves away")
    press(page, "Separate Priya Nair")
    expect(page.get_by_role("heading", level=1)).to_have_text("Priya Nair has left")
    expect(page.locator(".oa-lede")).to_contain_text("1 is open")
    press(page, "Rotate @HutchZooKids", "link")
    press(page, "Make a new password")
    rotate_by_keyboard(page)
    assert Rotation.objects.get(item__credential=credentials_known).closed_at is not None
    page.goto(f"{live_server.url}/people/{city.priya.pk}/leaving/")
    press(page, "See and print the certificate", "link")
    expect(page.get_by_role("heading", level=1)).to_have_text("Certificate of off-boarding")
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    expect(page.get_by_text("Version 2 took its place, by Sam Whitaker")).to_be_visible()
    assert csp_violations == []


def test_the_queue_by_keyboard_one_after_another(
    city: City, zoo: Credential, live_server: Any, page: Page, csp_violations: list[str]
) -> None:
    deposited(city.helen, open_account(city.dana, city.zoo, "HutchZooKids"))
    people.separate(actor=city.carla, employee=city.helen, last_day=clock.today(), reason="Retires")
    sign_in(page, live_server, city.sam)
    page.goto(f"{live_server.url}/credentials/queue/")
    press(page, "Start both, one after another")
    expect(page.get_by_text("1 of 2 after Helen Okafor left.")).to_be_visible()
    rotate_by_keyboard(page)
    expect(page.get_by_text("2 of 2 after Helen Okafor left.")).to_be_visible()
    rotate_by_keyboard(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Rotation queue")
    expect(page.locator(".oa-lede")).to_have_text("Nothing is due.")
    assert csp_violations == []


def scene(city: City, zoo: Credential) -> tuple[EmergencyAccess, Employee]:
    """A broken glass, a platform role, and a departure half way."""
    emergency, _shown = breakglass.open_glass(
        actor=city.sam, credential=zoo, reason="The river rises and nobody can be reached."
    )
    page = open_account(city.dana, city.zoo, "HutchinsonZoo", "facebook")
    platform_roles.confirm_role(actor=city.sam, custody=Custody.objects.get(account=page, person=city.helen))
    people.separate(actor=city.carla, employee=city.helen, last_day=clock.today(), reason="Retires")
    gone = Employee.objects.get(pk=city.helen.pk)
    assert departures.last(gone) is not None
    return emergency, gone


@pytest.mark.parametrize("width", [1280, 390])
def test_wcag(city: City, zoo: Credential, live_server: Any, new_context: Any, width: int) -> None:
    emergency, gone = scene(city, zoo)
    page = new_context(viewport={"width": width, "height": 900}, bypass_csp=True).new_page()
    sign_in(page, live_server, city.mona)
    addresses = [
        f"/people/{gone.pk}/leaving/",
        f"/people/{city.priya.pk}/leaving/",
        f"/people/{city.dana.pk}/if-left/",
        "/people/departures/",
        f"/people/offices/{city.zoo.office.pk}/fill/",
        "/credentials/emergencies/",
        f"/credentials/emergencies/{emergency.pk}/",
        f"/credentials/{zoo.pk}/",
        f"/credentials/{zoo.pk}/break-glass/",
        f"/custody/accounts/{zoo.account_id}/roles/",
        "/custody/",
        "/credentials/noted/",
    ]
    for address in addresses:
        answer = page.goto(live_server.url + address)
        assert answer is not None
        assert answer.status == 200, address
        found = Axe().run(page, options=RULES).response["violations"]
        assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    page.context.clear_cookies()
    sign_in(page, live_server, city.dana)
    for address in ("/credentials/noted/", "/credentials/", "/today/"):
        page.goto(live_server.url + address)
        assert Axe().run(page, options=RULES).response["violations"] == [], address
