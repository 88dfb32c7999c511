"""In a browser, by keyboard alone, wide and on a phone: notes, and a rotation that goes into somebody else's hands."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect

from audit import clock, verification
from credentials import notes
from credentials.models import Credential, Knowledge, Rotation
from employees import services as people
from employees.models import Employee
from tests import keyboard
from tests.cast import City, cookie_of, designate
from tests.credentials.accounts import SECRET, deposited, open_account
from tests.keyboard import tab_to

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
FIRST = "Ask Priya for the second telephone."
SECOND = "The telephone lies in the safe now."


@pytest.fixture
def zoo(city: City) -> Credential:
    """Helen's, with Priya as designee, who knows the password: she deposited it."""
    designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    return deposited(city.priya, open_account(city.dana, city.zoo))


@pytest.fixture(params=[1280, 390], ids=["wide", "phone"])
def page(request: pytest.FixtureRequest, new_context: Any) -> Page:
    """Without a mouse. axe is put into the page, so its policy is set aside here; other tests hold it."""
    opened: Page = new_context(viewport={"width": request.param, "height": 900}, bypass_csp=True).new_page()
    return opened


def sign_in(page: Page, live_server: Any, person: Employee) -> None:
    page.context.clear_cookies()
    page.context.add_cookies([cookie_of(person, live_server.url)])


def press(page: Page, name: str | re.Pattern[str], role: Any = "button") -> None:
    """Go there by Tab, press Enter, and look at what comes."""
    keyboard.press(page, name, role)
    clean(page)


def clean(page: Page) -> None:
    """axe finds nothing, and nothing is wider than the screen."""
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def test_notes_are_written_read_and_written_over(
    city: City, zoo: Credential, live_server: Any, page: Page
) -> None:
    address = live_server.url + reverse("credentials:credential", args=[zoo.pk])
    sign_in(page, live_server, city.helen)
    page.goto(address)
    press(page, "Write notes")
    tab_to(page, "textbox", "Notes")
    page.keyboard.type(FIRST)
    press(page, "Seal the notes")
    expect(page.get_by_text("The notes are sealed.")).to_be_visible()
    assert FIRST not in page.content()

    sign_in(page, live_server, city.priya)
    page.goto(address)
    assert FIRST not in page.content()
    press(page, "Read the notes")
    expect(page.get_by_label("Notes")).to_have_value(FIRST)
    press(page, "Back without changing them", "link")
    press(page, "Read the notes")
    tab_to(page, "textbox", "Notes")
    page.keyboard.press("Control+A")
    page.keyboard.type(SECOND)
    press(page, "Seal the notes")
    assert notes.read(actor=city.helen, credential=zoo) == SECOND
    assert verification.verify().findings == []


def test_a_rotation_is_handed_over_and_carried_to_its_end(
    city: City, zoo: Credential, live_server: Any, page: Page
) -> None:
    """Priya left. Sam of IT starts in the queue and hands it to Helen, who finds it among what waits for her."""
    people.separate(actor=city.carla, employee=city.priya, last_day=clock.today(), reason="Moves away")
    sign_in(page, live_server, city.sam)
    page.goto(live_server.url + "/credentials/queue/")
    clean(page)
    press(page, "Start @HutchZoo on X")
    expect(page.get_by_text("Step 2: see both passwords")).to_be_visible()
    unfold(page)
    clean(page)
    tab_to(page, "combobox", "To")
    page.keyboard.type("Helen")
    expect(page.get_by_label("To", exact=True)).to_have_value(str(city.helen.pk))
    press(page, "Hand it over")
    expect(page.get_by_role("status")).to_contain_text("Helen Okafor has it in hand now")
    expect(page.get_by_text("Started by Sam Whitaker, and handed over")).to_be_visible()

    sign_in(page, live_server, city.helen)
    page.goto(live_server.url + "/today/")
    expect(page.get_by_text("Sam Whitaker started a rotation of its password")).to_be_visible()
    clean(page)
    press(page, "Go on with the rotation", "link")
    press(page, "Show both passwords")
    expect(page.get_by_text(SECRET)).to_be_visible()
    press(page, "Go on, to say that it is changed", "link")
    press(page, "I have changed it on X")
    press(page, "The new password opens it")
    done = page.get_by_role("button", name=re.compile("^Done"))
    for left in range(done.count(), 0, -1):
        expect(done).to_have_count(left)
        press(page, re.compile("^Done"))
    expect(page.get_by_role("status")).to_contain_text("Everything is done. The rotation is closed.")

    finished = Rotation.objects.get()
    assert (finished.started_by, finished.handed_to, finished.closed_by) == (city.sam, city.helen, city.helen)
    assert not Knowledge.objects.filter(version=finished.version, person=city.sam).exists(), "he never saw it"
    page.goto(live_server.url + "/today/")
    expect(page.get_by_text("Handed to you")).to_have_count(0)
    assert verification.verify().findings == []


def unfold(page: Page) -> None:
    """Open “Hand it over” by keyboard: a summary, whose role no browser agrees upon."""
    summary = page.locator("summary", has_text="Hand it over")
    for _press in range(90):
        if summary.evaluate("element => element === document.activeElement"):
            page.keyboard.press("Enter")
            expect(page.get_by_label("To", exact=True)).to_be_visible()
            return
        page.keyboard.press("Tab")
    raise AssertionError("“Hand it over” is not reached by Tab")
