"""In a browser: every kind from draft to effect by keyboard alone; axe on every page; nothing breaks at 390 px."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from accounts.models import Account
from approvals.kinds import Kind
from approvals.models import Request
from approvals.transitions import Status
from audit import clock
from credentials.models import Grant
from employees.models import Employee
from tests.approvals.kinds import active, imported, suspended
from tests.approvals.paths import endorsed
from tests.cast import City, cookie_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
FARTHEST = 120
"""Tabs after which a control counts as out of reach."""


class Keyboard:
    """Somebody without a mouse: Tab to a control, then type, Space or Enter."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def reach(self, control: Locator) -> None:
        control = control.first
        expect(control).to_be_visible()
        for _step in range(FARTHEST):
            if control.evaluate("node => node === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"no way to {control} by keyboard")

    def press(self, name: str) -> None:
        self.reach(self.page.get_by_role("button", name=name, exact=True))
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def write(self, label: str, text: str) -> None:
        self.reach(self.page.get_by_label(label))
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def tick(self, label: str) -> None:
        self.reach(self.page.get_by_label(label))
        self.page.keyboard.press("Space")

    def choose(self, label: str, begins: str) -> None:
        """An entry of a list, by typing how it begins."""
        self.reach(self.page.get_by_label(label))
        self.page.keyboard.type(begins)

    def radio(self, kind: Kind) -> None:
        """One of the radio buttons: Tab reaches the group, arrows move in it."""
        first = self.page.locator("input[name=kind]").first
        self.reach(first)
        self.page.keyboard.press("Space")
        for _step in range(list(Kind).index(kind)):
            self.page.keyboard.press("ArrowDown")
        assert self.page.locator(f"input[name=kind][value={kind.value}]").is_checked()


def check(page: Page) -> None:
    """axe finds nothing, and the page is no wider than its window, here and at 390 px."""
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == [], page.url
    before = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    assert before is not None
    page.set_viewport_size(before)


def come_in(context: Any, live_server: Any, person: Employee, address: str) -> Page:
    context.clear_cookies()
    context.add_cookies([cookie_of(person, live_server.url)])
    page: Page = context.new_page()
    page.goto(live_server.url + address)
    return page


WRITTEN: dict[Kind, Any] = {
    Kind.NEW_ACCOUNT: lambda hand: _new_account(hand),
    Kind.ADOPT: lambda hand: None,  # all are ticked
    Kind.RENAME: lambda hand: (
        hand.choose("Which account", "@HutchZoo"),
        hand.write("The new handle", "@HutchinsonZoo"),
    ),
    Kind.TRANSFER: lambda hand: (
        hand.choose("Which account", "@HutchZoo"),
        hand.choose("Department that is to have it", "Parks"),
    ),
    Kind.SUSPEND: lambda hand: hand.choose("Which account", "@HutchZoo"),
    Kind.REINSTATE: lambda hand: hand.choose("Which account", "@HutchZoo"),
    Kind.CLOSE: lambda hand: hand.choose("Which account", "@HutchZoo"),
    Kind.ACCESS: lambda hand: _access(hand),
}


def _new_account(hand: Keyboard) -> None:
    hand.choose("Platform", "Instagram")
    hand.write("Proposed handle", "@hutchzookids")
    hand.write("Name that the account shows", "Hutchinson Zoo Kids")
    hand.press("Save and continue")
    check(hand.page)
    hand.tick("Community events")
    hand.write("Who will read it", "Families")
    hand.write("Why an existing account does not serve", "Class dates drown.")
    hand.press("Save and continue")
    check(hand.page)
    hand.write("Who will post and monitor", "priya@hutch.example")
    hand.write("Who takes over", "helen@hutch.example")
    hand.write("Mailbox for the login", "zoo-social@hutch.example")


def _access(hand: Keyboard) -> None:
    hand.choose("Which account", "@HutchZoo")
    hand.write("Who gets access", "joel@hutch.example")
    day = clock.today() + timedelta(days=30)
    hand.reach(hand.page.get_by_label("Last day of the access"))
    hand.page.keyboard.type(f"{day:%m%d%Y}")


WHY = {
    Kind.ADOPT: "What your department uses them for",
    Kind.TRANSFER: "Why another department should have it",
    Kind.ACCESS: "What the person does there, and why now",
}

EFFECT: dict[Kind, Any] = {
    Kind.NEW_ACCOUNT: lambda: Account.objects.get(handle="hutchzookids").state == Account.State.PROVISIONING,
    Kind.ADOPT: lambda: not Account.objects.to_adopt().exists(),
    Kind.RENAME: lambda: Account.objects.get().handle == "HutchinsonZoo",
    Kind.TRANSFER: lambda: Account.objects.get().department.code == "parks",
    Kind.SUSPEND: lambda: Account.objects.get().state == Account.State.SUSPENDED,
    Kind.REINSTATE: lambda: Account.objects.get().state == Account.State.ACTIVE,
    Kind.CLOSE: lambda: Account.objects.get().state == Account.State.RETIRED,
    Kind.ACCESS: lambda: Grant.objects.get().person.name == "Joel Hansen",
}


@pytest.mark.parametrize("kind", list(Kind))
def test_from_draft_to_effect_by_keyboard(city: City, live_server: Any, context: Any, kind: Kind) -> None:
    if kind == Kind.ADOPT:
        imported(city.zoo, "ZooOne", "ZooTwo")
    elif kind == Kind.REINSTATE:
        suspended(city)
    elif kind != Kind.NEW_ACCOUNT:
        active(city)
    page = come_in(context, live_server, city.priya, "/requests/new/")
    hand = Keyboard(page)
    check(page)
    hand.radio(kind)
    hand.press("Continue")
    check(page)
    WRITTEN[kind](hand)
    if kind != Kind.NEW_ACCOUNT:
        hand.write(WHY.get(kind, "Why"), "Because it is due.")
    hand.press("Save and continue")
    check(page)
    expect(page.get_by_text("Incomplete", exact=True)).to_have_count(0)
    hand.press("Submit")
    expect(page.get_by_text("It is Helen Okafor’s turn", exact=True)).to_be_visible()
    check(page)
    request = Request.objects.get()
    for person, act in ((city.helen, "Endorse"), (city.dana, "Approve")):
        director = come_in(context, live_server, person, "/admin/approvals/request/")
        hand = Keyboard(director)
        hand.reach(director.locator("#result_list tbody th a"))
        with director.expect_navigation():
            director.keyboard.press("Enter")
        hand.tick("Serves a City purpose")
        check(director)
        if act == "Approve":
            mail = director.locator("textarea[name=approve-mail]")
            expect(mail).to_have_value(re.compile("Reasons: Serves a City purpose\\."))
        hand.press(act)
        expect(director.locator(".messagelist")).to_contain_text(request.number)
    request.refresh_from_db()
    assert request.status == (Status.APPROVED if kind == Kind.NEW_ACCOUNT else Status.FULFILLED)
    assert EFFECT[kind]()


def test_a_duplicate_is_said_while_one_types(
    city: City, live_server: Any, context: Any, csp_violations: list[str], page: Page
) -> None:
    endorsed(city)
    page.context.add_cookies([cookie_of(city.priya, live_server.url)])
    page.goto(f"{live_server.url}/requests/new/")
    hand = Keyboard(page)
    hand.radio(Kind.NEW_ACCOUNT)
    hand.press("Continue")
    hand.choose("Platform", "Instagram")
    hand.write("Proposed handle", "hutchzookids")
    said = page.locator("#handle-said")
    expect(said).to_contain_text("asks for this account already")
    expect(said.get_by_role("link", name="See that request")).to_be_visible()
    hand.write("Proposed handle", "hutchzo0kids")
    expect(said).not_to_contain_text("asks for this account already")
    assert csp_violations == []


def test_the_directors_lists_and_several_at_once(city: City, live_server: Any, context: Any) -> None:
    for place in range(2):
        endorsed(city, handle=f"@several{place}", name=f"Several {place}")
    page = come_in(context, live_server, city.dana, "/admin/approvals/request/")
    check(page)
    _age_and_due_are_seen(page)
    hand = Keyboard(page)
    hand.tick("Select all objects on this page for an action")
    hand.choose("Action:", "Decide several")
    hand.press("Go")
    check(page)
    hand.press("Deny…")
    check(page)
    hand.tick("Purpose or audience not clear")
    hand.press("Deny 2 requests")
    expect(page.get_by_text("2 of 2 decided.")).to_be_visible()
    check(page)
    assert Request.objects.filter(status=Status.DENIED).count() == 2


def _age_and_due_are_seen(page: Page) -> None:
    """Without scrolling sideways, at both widths."""
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for name in ("age", "due"):
            box = page.locator(f"#result_list .field-{name}").first.bounding_box()
            assert box is not None
            assert box["x"] + box["width"] <= width
    page.set_viewport_size({"width": 1280, "height": 900})


def test_taking_the_review_keeps_reasons_and_the_mail_names_them_once(
    city: City, live_server: Any, context: Any
) -> None:
    request = endorsed(city)
    page = come_in(context, live_server, city.dana, f"/admin/approvals/request/{request.pk}/change/")
    hand = Keyboard(page)
    hand.tick("Serves a City purpose")
    hand.press("Take review")
    expect(page.get_by_label("Serves a City purpose")).to_be_checked()
    mail = page.locator("textarea[name=approve-mail]")
    expect(mail).to_have_value(re.compile("Reasons: Serves a City purpose\\."))
    hand.tick("Meets a legal duty")
    expect(mail).to_have_value(re.compile("Reasons: Serves a City purpose; Meets a legal duty\\."))
    assert mail.input_value().count("Reasons:") == 1
    check(page)
