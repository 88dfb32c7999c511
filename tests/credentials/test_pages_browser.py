"""In a browser: what only a browser knows of showing a secret, hiding it, and the queue's keys."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, expect

from credentials import notes
from credentials.models import Credential, Rotation
from employees.models import Employee
from tests.cast import City, client_of, code_of, cookie_of, enrol
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
    # The page's script runs by then: it hides the secret, and lets forms be sent.
    page.wait_for_load_state("load")


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
    page.get_by_role("link", name="Go on, to say that it is changed").click()
    page.get_by_role("button", name="I have changed it on X").click()
    page.get_by_role("button", name="The new password opens it").click()
    expect(page.get_by_role("status")).to_contain_text(
        "Version 2 of the password of @HutchZoo on X is current"
    )
    assert Rotation.objects.get().state == Rotation.State.VERIFIED
    assert csp_violations == []


def press(page: Page, role: Any, name: str, *, times: int = 60) -> None:
    """Go to a control with the Tab key alone, and press Enter."""
    target = page.get_by_role(role, name=name).first
    for _step in range(times):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"{name} is not reached by Tab")


def test_reveal_copy_and_hide_by_keyboard(
    city: City, zoo: Credential, live_server: Any, new_context: Any
) -> None:
    context = new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.clock.install()
    sign_in(page, live_server, "helen")
    page.goto(live_server.url + reverse("credentials:credential", args=[zoo.pk]))
    press(page, "button", "Reveal")
    expect(page.get_by_text(SECRET)).to_be_visible()
    press(page, "button", "Copy version 1")
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == SECRET
    page.clock.run_for(61_000)
    expect(page.get_by_text(SECRET)).to_have_count(0)
    expect(page.get_by_role("button", name="Copy version 1")).to_have_count(0)


def test_a_whole_rotation_by_keyboard_with_every_step_axe_clean(
    city: City, zoo: Credential, live_server: Any, new_context: Any
) -> None:
    page = new_context(bypass_csp=True).new_page()
    sign_in(page, live_server, "sam")
    page.goto(live_server.url + reverse("credentials:rotate", args=[zoo.pk]))

    def clean(where: str) -> None:
        found = Axe().run(page, options=RULES).response["violations"]
        assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == [], where

    for role, name, then in (
        ("button", "Make a new password", "Step 2"),
        ("button", "Show both passwords", "You know both now"),
        ("link", "Go on, to say that it is changed", "Step 3"),
        ("button", "I have changed it on X", "Step 4"),
        ("button", "Neither password opens it", "Find out which password"),
        ("button", "Show every password that is kept", "You know them now"),
        ("link", "Say what opens it", "Find out which password"),
    ):
        clean(f"before {name}")
        press(page, role, name)
        expect(page.get_by_text(then).first).to_be_visible()
    page.get_by_role("radio", name="The new password").focus()
    page.keyboard.press("Space")
    press(page, "button", "This opens the account")
    expect(page.get_by_text("Step 4: sign in")).to_be_visible()
    press(page, "button", "The new password opens it")
    expect(page.get_by_text("Step 5: look at all else")).to_be_visible()
    clean("the closing list")
    for step in ("Every other session", "Second factors", "Recovery mailbox", "Connected apps"):
        press(page, "button", f"Done {step}")
        page.wait_for_load_state()
    expect(page.get_by_role("status")).to_contain_text("Everything is done. The rotation is closed.")
    assert Rotation.objects.get().closed_at is not None


def test_the_code_counts_down_and_hides(city: City, zoo: Credential, live_server: Any, page: Page) -> None:
    from credentials import vault

    vault.deposit_item(
        actor=city.helen, credential=zoo, kind="totp_seed", typed="GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    )
    page.clock.install()
    sign_in(page, live_server, "helen")
    page.goto(live_server.url + reverse("credentials:credential", args=[zoo.pk]))
    page.get_by_role("button", name="Show the one-time code of now").click()
    code = page.locator("#code").inner_text()
    assert code.isdigit()
    page.wait_for_load_state("load")
    before = int(page.locator("[data-countdown]").inner_text())
    if before > 2:
        page.clock.run_for(2_000)
        counting = page.locator("[data-countdown]")
        expect(counting).not_to_have_text(str(before))  # the script may have come a moment later
        assert int(counting.inner_text()) < before
    page.clock.run_for(31_000)
    expect(page.get_by_text(code, exact=True)).to_have_count(0)
    expect(page.get_by_text("This code is over. Show the next one.")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_wcag(city: City, zoo: Credential, live_server: Any, new_context: Any, width: int) -> None:
    page = new_context(viewport={"width": width, "height": 900}, bypass_csp=True).new_page()
    sign_in(page, live_server, "marcus")
    addresses = [
        reverse(f"credentials:{name}", args=[zoo.pk])
        for name in ("credential", "deposit", "rotate", "correct", "changed")
    ]
    addresses += [
        reverse("credentials:deposit_item", args=[zoo.pk, "recovery_codes"]),
        reverse("credentials:ways", args=[zoo.account_id]),
    ]
    for address in [*addresses, "/credentials/", "/credentials/queue/", "/custody/", "/access/entries/"]:
        page.goto(live_server.url + address)
        found = Axe().run(page, options=RULES).response["violations"]
        assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    revealed(page, live_server, zoo)
    assert Axe().run(page, options=RULES).response["violations"] == []


def test_typed_notes_survive_confirming_in_another_tab(
    city: City, zoo: Credential, live_server: Any, page: Page, csp_violations: list[str]
) -> None:
    seed = enrol(city.helen)
    sign_in(page, live_server, "helen")
    page.goto(live_server.url + reverse("credentials:credential", args=[zoo.pk]))
    page.get_by_role("button", name="Write notes").click()
    page.get_by_label("Notes").fill("Ask Priya for the second telephone.")
    cookie = cookie_of(city.helen, live_server.url)
    cookie["value"] = client_of(city.helen, factor="stale").cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([cookie])
    page.get_by_role("button", name="Seal the notes").click()
    expect(page.get_by_text("Nothing is sealed yet")).to_be_visible()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Confirm in another tab").click()
    other = opened.value
    other.locator("input[name=code]").fill(code_of(seed))
    other.get_by_role("button", name="Confirm").click()
    expect(other.get_by_role("button", name="Write notes")).to_be_visible()
    other.close()
    expect(page.get_by_label("Notes")).to_have_value("Ask Priya for the second telephone.")
    page.get_by_role("button", name="Seal the notes").click()
    expect(page.get_by_text("The notes are sealed.")).to_be_visible()
    assert notes.read(actor=city.helen, credential=zoo) == "Ask Priya for the second telephone."
    assert csp_violations == []
