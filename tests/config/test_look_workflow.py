"""In a browser: the pages of the policy, of Status, of figures and of what holders keep up, on desk and phone."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import expect
from post_office.models import STATUS, Email

from accounts import affiliations
from audit import clock
from audit.ledger import act
from employees import outbox, policy
from tests.approvals.paths import approved, submitted
from tests.cast import City, client_of, make_city
from tests.config.test_look import RULES, SIZES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def city(transactional_db: None) -> City:
    return make_city()


def signed_in(context: Any, person: Any, url: str) -> None:
    cookie = client_of(person).cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": url}])


@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone"])
def test_pages_can_be_used_by_everybody(
    live_server: Any, new_context: Callable[..., Any], city: City, size: dict[str, int]
) -> None:
    account = approved(city).account
    assert account is not None
    submitted(city, handle="@hutchzoonights")
    text = "1. Rules\n\n1.1 Removed is:\n(a) spam\n(b) threats\n\n1.2 Be kind."
    policy.publish_policy(actor=city.dana, title="Social Media Policy", text=text, effective=clock.today())
    made = affiliations.record_affiliation(
        actor=city.helen, account=account, kind="page", name="State Fair", url="x.com/fair", purpose="Events"
    )
    with act():
        outbox.post(to=[city.dana], subject="A comment", text="See http://127.0.0.1/x/", at_once=False)
        outbox.post(to=[city.helen], subject="Given up, " * 9, text="x", at_once=True)
    Email.objects.update(status=STATUS.failed, number_of_retries=3)
    pages = {
        city.dana: ("/today/", "/requests/figures/", "/affiliations/", f"/affiliations/{made.pk}/order/"),
        city.helen: (
            *("/policy/acknowledge/", "/policy/acknowledged/"),
            *(f"/registry/{account.pk}/profile/", f"/registry/{account.pk}/affiliations/"),
        ),
        city.sam: ("/status/", f"/registry/{account.pk}/"),
        city.eleanor: (f"/registry/{account.pk}/profile/",),
    }
    wrong: list[Any] = []
    for person, paths in pages.items():
        context = new_context(viewport=size, bypass_csp=True)  # axe is itself an inline script
        signed_in(context, person, live_server.url)
        page = context.new_page()
        for path in paths:
            assert page.goto(live_server.url + path).status == 200, path
            found = Axe().run(page, options=RULES).response["violations"]
            wrong += [(path, one["id"], [node["target"] for node in one["nodes"]]) for one in found]
            if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
                wrong.append((path, "wider than the screen"))
        context.close()
    assert wrong == []


def test_profile_and_policy_by_keyboard_alone(
    live_server: Any, new_context: Callable[..., Any], city: City
) -> None:
    account = approved(city).account
    assert account is not None
    policy.publish_policy(actor=city.dana, title="Policy", text="Rules\n\nBe kind.", effective=clock.today())
    context = new_context()
    signed_in(context, city.helen, live_server.url)
    page = context.new_page()
    page.goto(f"{live_server.url}/policy/acknowledge/")
    page.get_by_role("button", name="I have read this policy").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("You acknowledged")
    page.goto(f"{live_server.url}/registry/{account.pk}/profile/")
    page.locator("input[name=branding]").first.focus()
    page.keyboard.press("Space")
    for name in ("maintained_by", "policy_link", "website_link"):
        while page.evaluate("document.activeElement.name") != name:
            page.keyboard.press("Tab")
        page.keyboard.press("Space")
    while page.evaluate("document.activeElement.type") != "submit":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The profile follows the policy")
