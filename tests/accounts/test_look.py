"""In a browser: the directory, the registry and the list to attest, on a desk and on a phone."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings

from accounts import services
from tests.accounts.made import active, imported
from tests.cast import City, client_of, make_city
from tests.config.test_look import RULES, SIZES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def city(transactional_db: None) -> City:
    return make_city()


@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone"])
def test_pages_can_be_used_by_everybody(
    live_server: Any, new_context: Callable[..., Any], city: City, size: dict[str, int]
) -> None:
    account = active(city, "HutchZoo", also_for=[city.parks])
    account.handles.create(handle="OldZoo", key="oldzoo", since="2023-01-01", until="2024-05-01")
    waiting = imported(city, 6, agency="Office of the Superintendent of Very Long Department Names")
    services.attest(actor=city.dana, accounts=waiting[:3])
    public = ("/", "/?q=nothing", f"/accounts/{account.pk}/")
    staff = (
        "/registry/",
        "/registry/?state=retired",
        f"/registry/{account.pk}/",
        f"/registry/{account.pk}/describe/",
    )
    admin = ("/admin/accounts/account/attest/?tick=all",)
    context = new_context(viewport=size, bypass_csp=True)  # axe is itself an inline script
    page = context.new_page()
    wrong: list[Any] = []
    for path in (*public, "sign in", *staff, *admin):
        if path == "sign in":
            cookie = client_of(city.dana).cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
            )
            continue
        assert page.goto(live_server.url + path).status == 200
        found = Axe().run(page, options=RULES).response["violations"]
        wrong += [(path, one["id"], [node["target"] for node in one["nodes"]]) for one in found]
        if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            wrong.append((path, "wider than the screen"))
    assert wrong == []


def test_the_policy_refuses_nothing_that_the_pages_want(
    live_server: Any, page: Any, csp_violations: list[str], city: City
) -> None:
    account = active(city, "HutchZoo")
    for path in ("/", f"/accounts/{account.pk}/"):
        page.goto(live_server.url + path)
    assert csp_violations == []
