"""The pages of an auditor in a browser, on desk and phone: WCAG, width, the content policy; the picture in print."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page

from audit import checkpoints, clock, verified
from audit.verification import verify
from credentials import records, reviews, vault
from credentials.models import Campaign, Credential, RecordsRequest
from tests.cast import City, cookie_of, designate
from tests.config.test_look import RULES, SIZES
from tests.credentials.accounts import deposited, open_account, rotated
from tests.credentials.test_pages_reviews import finish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def zoo(city: City) -> Credential:
    credential = deposited(city.helen, open_account(city.dana, city.zoo))
    designate(city.joel, city.zoo, by=city.helen, confirmed_by=city.carla)
    vault.reveal(actor=city.joel, credential=credential)
    rotated(city.sam, credential)
    return credential


def planned(city: City, title: str) -> Campaign:
    today = clock.today()
    return reviews.plan(actor=city.dana, title=title, starts=today, due=today + timedelta(days=14))


def told(city: City, zoo: Credential) -> dict[Any, list[str]]:
    """Addresses, by who opens them; the review that is closed is made first, since one is open at a time."""
    closed = planned(city, "Spring")
    finish(city, closed)
    reviews.close(actor=city.dana, campaign=closed)
    running = planned(city, "Autumn")
    request: RecordsRequest = records.receive(
        actor=city.eleanor,
        number="ORR-7",
        received_on=clock.today(),
        subject="Who had access",
        account=zoo.account,
    )
    verified.note(verify(), by=verified.DAILY_RUN, tables=True)
    checkpoints.make(actor=None)
    account, on = zoo.account, clock.today().isoformat()
    return {
        city.eleanor: [
            reverse("credentials:timeline", args=[account.pk]),
            reverse("credentials:person_timeline", args=[city.joel.pk]),
            f"/access/?q={account.reference}&on={on}",
            f"/access/?q=joel@hutch.example&on={on}",
            f"/access/entries/?object={account.reference}",
            f"/access/entries/export/?object={account.reference}",
            "/access/export/",
            "/access/ledger/",
            "/access/records/",
            reverse("credentials:records_request", args=[request.pk]),
            "/reviews/",
            running.get_absolute_url() + "?show=all",
            closed.get_absolute_url() + "?show=removals",
            reverse("credentials:review_certificate", args=[closed.pk]),
        ],
        city.helen: [running.get_absolute_url()],
    }  # fmt: skip


def refused(page: Page) -> list[str]:
    """What the page's policy refuses, from its first moment on."""
    found: list[str] = []
    page.expose_function("reportRefused", lambda violation: found.append(violation))
    page.add_init_script(
        "document.addEventListener('securitypolicyviolation',"
        " e => window.reportRefused(`${location.pathname} ${e.violatedDirective} ${e.blockedURI}`))"
    )
    return found


def test_an_auditors_pages_can_be_used_by_everybody(
    live_server: Any, new_context: Callable[..., Any], city: City, zoo: Credential
) -> None:
    wrong: list[Any] = []
    for person, paths in told(city, zoo).items():
        cookie = cookie_of(person, live_server.url)
        strict = new_context(
            viewport=SIZES[1]
        )  # axe is itself an inline script, so the policy is watched apart
        strict.add_cookies([cookie])
        watched = strict.new_page()
        violations = refused(watched)
        loose = new_context(bypass_csp=True)
        loose.add_cookies([cookie])
        page = loose.new_page()
        for path in paths:
            assert watched.goto(live_server.url + path).status == 200, path
            page.goto(live_server.url + path)
            for size in SIZES:
                page.set_viewport_size(size)
                found = Axe().run(page, options=RULES).response["violations"]
                wrong += [
                    (path, size["width"], one["id"], [n["target"] for n in one["nodes"]]) for one in found
                ]
                if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
                    wrong.append((path, size["width"], "wider than the screen"))
        wrong += violations
        strict.close()
        loose.close()
    assert wrong == []
