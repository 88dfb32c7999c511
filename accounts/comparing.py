"""Where two handles differ, letter by letter and in words, for who reads them beside each other."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

from accounts.asking import HIDDEN

MOST = 3
"""Places that differ; two handles with more are not shown letter by letter."""

_AS_IN = dict(
    word.split()
    for word in (
        *(
            "a apple",
            "b bird",
            "c cat",
            "d dog",
            "e egg",
            "f fish",
            "g goat",
            "h house",
            "i ice",
            "j jam",
            "k kite",
        ),
        *(
            "l lamp",
            "m moon",
            "n nest",
            "o owl",
            "p park",
            "q queen",
            "r road",
            "s sun",
            "t tree",
            "u umbrella",
        ),
        *("v van", "w water", "x xylophone", "y yard", "z zoo"),
    )
)
_SIGNS = {"_": _("an underscore"), ".": _("a dot"), "-": _("a hyphen"), "@": _("an @"), "/": _("a slash")}


@dataclass(frozen=True)
class Side:
    """One handle: its parts (text, whether it differs) and what is there that the other lacks, in words."""

    parts: list[tuple[str, bool]]
    words: list[str]


def sides(asked: str, official: str) -> tuple[Side, Side] | None:
    """Both handles side by side; None where they differ in nothing but case, or in too much."""
    matcher = SequenceMatcher(None, asked.casefold(), official.casefold(), autojunk=False)
    if len(asked.casefold()) != len(asked) or len(official.casefold()) != len(official):
        return None
    steps = matcher.get_opcodes()
    if not 0 < sum(step[0] != "equal" for step in steps) <= MOST:
        return None
    ours, theirs = Side([], []), Side([], [])
    for kind, a, b, c, d in steps:
        differs = kind != "equal"
        for side, text in ((ours, asked[a:b]), (theirs, official[c:d])):
            if text:
                side.parts.append((shown(text), differs))
            if differs:
                side.words.append(spoken(text))
    return ours, theirs


def shown(text: str) -> str:
    """`text` with what cannot be seen made visible."""
    return "".join(f"[U+{ord(one):04X}]" if unicodedata.category(one) in HIDDEN else one for one in text)


def spoken(text: str) -> str:
    """What stands there, in words: “the small letter L, as in “lamp””."""
    if not text:
        return _("nothing in this place")
    return _(" and ").join(_letter(one) for one in text[:4]) + (_(" and more") if len(text) > 4 else "")


def _letter(one: str) -> str:
    if one in _SIGNS:
        return str(_SIGNS[one])
    if one.isascii() and one.isdigit():
        return _("the digit %(digit)s") % {"digit": one}
    if one.isascii() and one.isalpha():
        size = _("capital") if one.isupper() else _("small")
        letter, word = one.upper(), _AS_IN[one.lower()]
        return _("the %(size)s letter %(letter)s, as in “%(word)s”") % {
            "size": size,
            "letter": letter,
            "word": word,
        }
    code = f"U+{ord(one):04X}"
    if unicodedata.category(one) in HIDDEN:
        return _("a character that cannot be seen (%(code)s)") % {"code": code}
    name = unicodedata.name(one, "").lower()
    script = name.split(" ")[0].capitalize() if " letter " in f" {name} " else ""
    if script and script != "Latin":
        return _("a %(script)s letter that only looks like one of ours (%(code)s)") % {
            "script": script,
            "code": code,
        }
    return _("another character (%(name)s, %(code)s)") % {"name": name or _("unnamed"), "code": code}
