"""In a browser: enrolling, a passkey, stepping up, being signed out; every page of the way can be used by everybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect

from audit import clock
from credentials.models import Credential
from employees import services
from tests.cast import PASSWORD, City, code_of, cookie_of, enrol
from tests.config.test_look import RULES, SIZES
from tests.credentials.accounts import SECRET, deposited, open_account

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def zoo(city: City) -> Credential:
    return deposited(city.helen, open_account(city.dana, city.zoo))


def type_password(page: Page, live_server: Any, email: str | None, path: str = "/login/") -> None:
    page.goto(live_server.url.replace("127.0.0.1", "localhost") + path)
    page.get_by_label("Work e-mail").fill(email or "")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


def checked(page: Page) -> None:
    """The page has no violation of WCAG, fits its window, and has one heading."""
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(page.url, one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    assert page.locator("h1").count() == 1, page.url


@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone"])
def test_enrolling_and_every_page_of_it(
    city: City, live_server: Any, new_context: Callable[..., Any], size: dict[str, int]
) -> None:
    page = new_context(viewport=size, bypass_csp=True).new_page()  # axe is itself an inline script
    type_password(page, live_server, city.dana.email)
    expect(page.get_by_role("heading", name="Your second factor")).to_be_visible()
    checked(page)
    page.get_by_role("link", name="Add an app").click()
    checked(page)
    seed = page.locator("#totp-secret").inner_text()
    page.get_by_label("Authenticator code").fill("000000")
    page.get_by_role("button", name="Add this app").click()
    expect(page.get_by_text("That code does not open it.")).to_be_visible()
    checked(page)
    page.get_by_label("Authenticator code").fill(code_of(seed))
    page.get_by_role("button", name="Add this app").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert page.locator("#recovery-codes li").count() == 10
    checked(page)
    page.get_by_role("link", name="I have them").click()
    expect(page.get_by_role("heading", name="Yours today")).to_be_visible()
    base = live_server.url.replace("127.0.0.1", "localhost")
    for path in (
        "/sessions/",
        "/login/factor/",
        "/login/factor/webauthn/",
        "/login/factor/webauthn/add/",
        "/login/factor/totp/deactivate/",
        "/login/factor/recovery-codes/",
        "/login/factor/recovery-codes/generate/",
        "/login/factor/reauthenticate/",
        "/logout/",
    ):
        page.goto(base + path)
        checked(page)
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    type_password(page, live_server, city.dana.email)
    checked(page)
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Sign in").click()
    checked(page)


def test_a_passkey_signs_in_and_confirms(
    city: City, zoo: Credential, live_server: Any, page: Page, csp_violations: list[str], settings: Any
) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    type_password(page, live_server, city.helen.email)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_text("Passwordless", exact=True).click()
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.get_by_role("button", name="Sign out").first.click()

    base = live_server.url.replace("127.0.0.1", "localhost")
    page.goto(base + "/login/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Yours today")).to_be_visible()

    settings.STEP_UP_SECONDS = 0
    page.goto(base + reverse("credentials:credential", args=[zoo.pk]))
    page.get_by_role("button", name="Reveal").click()
    expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    page.get_by_role("link", name="Use a security key").click()
    settings.STEP_UP_SECONDS = 300
    page.get_by_role("button", name="Use your passkey or key").click()
    page.get_by_role("button", name="Reveal").click()
    expect(page.get_by_text(SECRET)).to_be_visible()
    assert csp_violations == []


def test_an_old_confirmation_is_asked_for_anew(
    city: City, zoo: Credential, live_server: Any, page: Page, csp_violations: list[str], settings: Any
) -> None:
    seed = enrol(city.helen)
    here = reverse("credentials:credential", args=[zoo.pk])
    type_password(page, live_server, city.helen.email, f"/login/?next={here}")
    page.get_by_label("Code").fill(code_of(seed))
    page.get_by_role("button", name="Sign in").click()
    settings.STEP_UP_SECONDS = 0
    page.get_by_role("button", name="Reveal").click()
    expect(page.get_by_role("status")).to_contain_text("Nothing was done yet.")
    settings.STEP_UP_SECONDS = 300
    page.get_by_label("Code").fill(code_of(seed))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("That code does not open it.")).to_be_visible()
    page.get_by_label("Code").fill(code_of(seed, step=1))
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url(lambda url: url.endswith(here))
    page.get_by_role("button", name="Reveal").click()
    expect(page.get_by_text(SECRET)).to_be_visible()
    assert csp_violations == []


def test_a_separation_signs_out_while_one_is_on_a_page(
    city: City, zoo: Credential, live_server: Any, page: Page
) -> None:
    page.context.add_cookies([cookie_of(city.helen, live_server.url)])
    page.goto(live_server.url + reverse("credentials:credential", args=[zoo.pk]))
    services.separate(actor=city.carla, employee=city.helen, last_day=clock.today(), reason="Left")
    page.get_by_role("button", name="Reveal").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert SECRET not in page.content()


@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone"])
def test_the_pages_of_a_reset(
    city: City, live_server: Any, new_context: Callable[..., Any], size: dict[str, int]
) -> None:
    enrol(city.helen)
    for person, button in ((city.sam, "Ask for the reset"), (city.carla, "Reset the second factor")):
        context = new_context(viewport=size, bypass_csp=True)
        context.add_cookies([cookie_of(person, live_server.url)])
        page = context.new_page()
        page.goto(live_server.url + reverse("employees:factor", args=[city.helen.pk]))
        checked(page)
        if page.get_by_label("Reason").count():
            page.get_by_label("Reason").fill("Telephone lost")
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("status")).to_be_visible()
