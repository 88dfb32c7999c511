"""Passwords and passphrases made to a platform's rules, and the measure of those that people type."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterable
from functools import cache
from typing import TypedDict

from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from xkcdpass import xkcd_password
from zxcvbn import zxcvbn

from accounts.models import Platform
from audit.errors import Invalid

LENGTH = 24
WORDS = 6
FEWEST_WORDS = 5
"""Words of a list of 7,776: 12.9 bits each, so 64 at least."""
AMBIGUOUS = set("O0Il1|`'\"")
STRONG = 3
"""Of zxcvbn's scores from 0 to 4: more than 10^8 guesses."""
MEASURED = 72
"""Characters that zxcvbn looks at; a longer password is as strong as its beginning, at least."""
PASSWORD, PASSPHRASE = "password", "passphrase"
STYLES = (PASSWORD, PASSPHRASE)


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


@sensitive_variables()
def generate(platform: Platform, style: str = PASSWORD) -> str:
    """A random password or passphrase within the platform's rules, with letters of both cases, a digit and a symbol.

    Raises Invalid where the platform's longest password is too short for words.
    """
    return _phrase(platform) if style == PASSPHRASE else _characters(platform)


@sensitive_variables()
def _characters(platform: Platform) -> str:
    rule = rules(platform)
    classes = [
        clear
        for chosen in (string.ascii_lowercase, string.ascii_uppercase, string.digits, rule["symbols"])
        if (clear := [char for char in chosen if char not in AMBIGUOUS])
    ]
    length = max(rule["min"], min(LENGTH, rule["max"]))
    alphabet = [char for chosen in classes for char in chosen]
    while True:
        candidate = "".join(secrets.choice(alphabet) for _place in range(length))
        if all(any(char in chosen for char in candidate) for chosen in classes):
            return candidate


@cache
def _words() -> tuple[str, ...]:
    """The long list of the Electronic Frontier Foundation, but for its few words with a hyphen."""
    words = xkcd_password.generate_wordlist(wordfile="eff-long", min_length=3, max_length=9)
    return tuple(word for word in words if word.isalpha())


def takes_words(platform: Platform) -> bool:
    """Whether five words of any length fit."""
    return rules(platform)["max"] >= FEWEST_WORDS * 10 + 2


@sensitive_variables()
def _phrase(platform: Platform) -> str:
    rule = rules(platform)
    if not takes_words(platform):
        raise Invalid(
            _("{platform} takes at most {most} characters: too few for words. Make a password.").format(
                platform=platform.name, most=rule["max"]
            ),
            fields={"style": "password"},
        )
    between = "-" if "-" in rule["symbols"] else rule["symbols"][:1]
    count = WORDS if rule["max"] >= WORDS * 10 + 2 else FEWEST_WORDS
    words = [secrets.choice(_words()).capitalize() for _place in range(count)]
    phrase = between.join([*words, str(secrets.randbelow(10))])
    return phrase + "".join(secrets.choice(string.digits) for _place in range(rule["min"] - len(phrase)))


@sensitive_variables()
def check_typed(value: str) -> str:
    """`value` as typed, where it can be what the platform accepts. Raises Invalid, which never repeats it.

    A platform's rules are for new passwords: one that is older than them may be shorter, and the vault must have it.
    """
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
    return value


@sensitive_variables()
def check_new(value: str, platform: Platform, about: Iterable[str] = ()) -> str:
    """`value` as typed, once it may become the password: within the platform's rules, and strong.

    `about` are words that a guesser would try first. Raises Invalid, which never repeats it.
    """
    check_typed(value)
    rule = rules(platform)
    if len(value) < rule["min"]:
        raise Invalid(
            _("{platform} wants at least {least} characters.").format(
                platform=platform.name, least=rule["min"]
            ),
            fields={"password": f"at least {rule['min']} characters"},
        )
    if len(value) > rule["max"]:
        raise Invalid(
            _("{platform} takes at most {most} characters.").format(platform=platform.name, most=rule["max"]),
            fields={"password": f"at most {rule['max']} characters"},
        )
    strange = {
        char for char in value if not (char.isascii() and char.isalnum()) and char not in rule["symbols"]
    }
    if strange:
        raise Invalid(
            _("{platform} takes letters, digits and {symbols}, nothing else.").format(
                platform=platform.name, symbols=rule["symbols"]
            ),
            fields={"password": "letters, digits and those symbols"},
        )
    if strength(value, about) < STRONG:
        raise Invalid(
            _("This can be guessed. Let one be made, or type a longer one that is no phrase or name."),
            fields={"password": "one that is hard to guess"},
        )
    return value


@sensitive_variables()
def strength(value: str, about: Iterable[str] = ()) -> int:
    """zxcvbn's score: 0 (guessed at once) to 4."""
    return int(zxcvbn(value[:MEASURED], user_inputs=[word for word in about if word])["score"])
