"""Passwords made to a platform's rules, and the check of those that people type."""

from __future__ import annotations

import secrets
import string
from typing import TypedDict

from accounts.models import Platform
from audit.errors import Invalid

LENGTH = 24
AMBIGUOUS = set("O0Il1|`'\"")


class Rules(TypedDict):
    """Lengths in characters, and the symbols that the platform takes."""

    min: int
    max: int
    symbols: str


def rules(platform: Platform) -> Rules:
    """The platform's rules, with what holds nearly everywhere where it says nothing."""
    said = platform.password_rules or {}
    return Rules(
        min=int(said.get("min", 8)),
        max=int(said.get("max", 64)),
        symbols=str(said.get("symbols", "!#$%*+-=?@_")),
    )


def generate(platform: Platform) -> str:
    """A random password within the platform's rules, with a letter of each case, a digit and a symbol."""
    rule = rules(platform)
    classes = [
        [char for char in chosen if char not in AMBIGUOUS]
        for chosen in (string.ascii_lowercase, string.ascii_uppercase, string.digits, rule["symbols"])
        if chosen
    ]
    length = max(rule["min"], min(LENGTH, rule["max"]))
    alphabet = [char for chosen in classes for char in chosen]
    while True:
        candidate = "".join(secrets.choice(alphabet) for _ in range(length))
        if all(any(char in chosen for char in candidate) for chosen in classes):
            return candidate


def check_typed(value: str, platform: Platform) -> str:
    """`value` as typed, once it can be a password of the platform. Raises Invalid, which never repeats it."""
    rule = rules(platform)
    if not value:
        raise Invalid("Type the password.", fields={"password": "the password that the platform accepts"})
    if any(ord(char) < 32 or ord(char) == 127 for char in value):
        raise Invalid(
            "The password holds a line break or another control character. Type or paste it again.",
            fields={"password": "one line of text"},
        )
    if len(value) > 1024:
        raise Invalid(
            "The password is longer than 1,024 characters.", fields={"password": "at most 1,024 characters"}
        )
    if len(value) < rule["min"]:
        raise Invalid(
            f"{platform.name} wants at least {rule['min']} characters, so this cannot be its password.",
            fields={"password": f"at least {rule['min']} characters"},
        )
    return value
