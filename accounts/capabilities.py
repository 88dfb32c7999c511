"""What each platform offers from a day on, and what its passwords must look like.

Days are those on which a platform announced the feature, to the month where no day is known. Two separate facts
decide custody: is there an owner login that someone must hold, and which roles can be given to people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

Role = tuple[str, bool, bool]
"""A platform role: its name there, whether it gives full control, whether its holder may grant roles."""


@dataclass(frozen=True)
class Offer:
    """What a platform offers from `since` until its next offer."""

    since: date
    owner_login: bool
    roles: tuple[Role, ...] = ()

    def roles_as_data(self) -> list[dict[str, Any]]:
        """The roles as `Capability.roles` keeps them."""
        return [{"name": name, "full_control": full, "may_grant": grant} for name, full, grant in self.roles]


META_ROLES: tuple[Role, ...] = (("Full control", True, True), ("Partial access", False, False))
PAGE_ROLES: tuple[Role, ...] = (*META_ROLES, ("Task access", False, False))
X_ROLES: tuple[Role, ...] = (("Admin", True, True), ("Contributor", False, False))
YOUTUBE_ROLES: tuple[Role, ...] = (
    ("Manager", True, True),
    ("Editor", False, False),
    ("Editor (limited)", False, False),
    ("Subtitle editor", False, False),
    ("Viewer", False, False),
)
LINKEDIN_ROLES: tuple[Role, ...] = (
    ("Super admin", True, True),
    ("Content admin", False, False),
    ("Curator", False, False),
    ("Analyst", False, False),
)

OFFERS: dict[str, tuple[Offer, ...]] = {
    "x": (
        Offer(date(2006, 3, 21), owner_login=True),
        Offer(date(2023, 8, 1), owner_login=True, roles=X_ROLES),
    ),
    "facebook": (Offer(date(2007, 11, 6), owner_login=False, roles=PAGE_ROLES),),
    "instagram": (
        Offer(date(2010, 10, 6), owner_login=True),
        Offer(date(2020, 9, 17), owner_login=True, roles=META_ROLES),
    ),
    "youtube": (
        Offer(date(2005, 2, 14), owner_login=True),
        Offer(date(2020, 4, 1), owner_login=True, roles=YOUTUBE_ROLES),
    ),
    "linkedin": (Offer(date(2010, 11, 1), owner_login=False, roles=LINKEDIN_ROLES),),
    "mastodon": (Offer(date(2016, 3, 16), owner_login=True),),
    "nextdoor": (Offer(date(2011, 10, 26), owner_login=True),),
    "threads": (Offer(date(2023, 7, 5), owner_login=True),),
    "tiktok": (Offer(date(2017, 9, 1), owner_login=True),),
    "flickr": (Offer(date(2004, 2, 10), owner_login=True),),
    "blog": (Offer(date(1999, 8, 23), owner_login=True),),
}

SYMBOLS = "!#$%&*+-.=?@_"

PASSWORD_RULES: dict[str, dict[str, Any]] = {
    "x": {"min": 10, "max": 128, "symbols": SYMBOLS},
    "facebook": {"min": 8, "max": 64, "symbols": SYMBOLS},
    "instagram": {"min": 8, "max": 64, "symbols": SYMBOLS},
    "youtube": {"min": 12, "max": 100, "symbols": SYMBOLS},
    "linkedin": {"min": 8, "max": 64, "symbols": SYMBOLS},
    "mastodon": {"min": 8, "max": 72, "symbols": SYMBOLS},
    "nextdoor": {"min": 10, "max": 64, "symbols": SYMBOLS},
    "threads": {"min": 8, "max": 64, "symbols": SYMBOLS},
    "tiktok": {"min": 8, "max": 20, "symbols": "!#$%&*?@"},
    "flickr": {"min": 12, "max": 64, "symbols": SYMBOLS},
    "blog": {"min": 12, "max": 64, "symbols": SYMBOLS},
}
"""Lengths in characters, and the symbols that the platform takes; a generated password keeps to them."""
