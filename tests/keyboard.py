"""A page without a mouse: for tests in a browser."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect


def tab_to(page: Page, role: Any, name: str | re.Pattern[str], *, times: int = 90) -> None:
    """Press Tab until the one with this name has the focus, and see that it stands in sight."""
    wanted = page.get_by_role(role, name=name).first
    for _press in range(times):
        if wanted.evaluate("element => element === document.activeElement"):
            expect(wanted).to_be_in_viewport()
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} is not reached by Tab")


def press(page: Page, name: str | re.Pattern[str], role: Any = "button") -> None:
    """Go there by Tab, press Enter, and wait for what comes."""
    tab_to(page, role, name)
    with page.expect_navigation():
        page.keyboard.press("Enter")
