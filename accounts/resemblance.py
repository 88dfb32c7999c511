"""When two handles, or two hosts, look alike to a person who reads them quickly.

Unicode's own table of confusable characters (its Technical Standard 39), as the package `confusable-homoglyphs` carries
it, folds letters of other scripts; a few folds of our own follow for what the fonts of social networks make alike.
Hints for people, never proof that two things are the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from confusable_homoglyphs import categories, confusables

SHORTEST = 4
"""Shorter skeletons resemble too much to say anything."""

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_ALIKE = str.maketrans(
    {"0": "o", "1": "l", "i": "l", "|": "l", "!": "l", "5": "s", "$": "s", "2": "z", "8": "b"}
)
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("nn", "m"))
_SEPARATORS = re.compile(r"[\W_]+")
_BEFORE = ("the", "real", "official")
_BEHIND = ("official", "real", "support", "help", "gov", "page")
"""Words that claim to be the real one; whoever imitates an account adds them."""


@cache
def _table() -> dict[int, str]:
    """What one character of another script is drawn like: a letter or digit of ours, by Unicode's table."""
    drawn: dict[int, str] = {}
    for character, likes in confusables.confusables_data.items():
        bare = character.strip("\u200e")
        if len(bare) != 1 or bare.isascii():
            continue
        plain = [one["c"].casefold() for one in likes if one["c"].isascii() and one["c"].isalnum()]
        if plain and len(plain[0]) <= 2:
            drawn[ord(bare)] = plain[0]
    return drawn


def skeleton(text: str) -> str:
    """`text` with what looks alike made equal: `Hutch_Z00`, `HutchZоо` (Cyrillic) and `hutchzoo` have one skeleton."""
    # Before case is folded: Unicode's table draws Cyrillic С, not с, like C.
    drawn = unicodedata.normalize("NFKC", text).translate(_table()).casefold().translate(_table())
    bare = "".join(
        one
        for one in unicodedata.normalize("NFKD", drawn)
        if unicodedata.category(one) not in ("Mn", "Cf", "Cc", "Cs")
    )
    folded = _SEPARATORS.sub("", bare).translate(_ALIKE)
    for pair, letter in _PAIRS:
        folded = folded.replace(pair, letter)
    return folded[:200]


def unclaimed(folded: str) -> str:
    """A skeleton without the words by which an imitation claims to be the real one."""
    return _claims().sub("", folded)


@cache
def _claims() -> re.Pattern[str]:
    before, behind = ("|".join(map(skeleton, words)) for words in (_BEFORE, _BEHIND))
    return re.compile(rf"^(?:{before})(?=.{{4}})|(?<=.{{4}})(?:{behind})$")


def one_off(one: str, other: str) -> bool:
    """Whether two texts differ by one letter: put in, left out, another one, or two neighbours swapped."""
    if one == other:
        return False
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    start = 0
    while start < len(one) and one[start] == other[start]:
        start += 1
    if len(one) < len(other):
        return one[start:] == other[start + 1 :]
    if one[start + 1 :] == other[start + 1 :]:
        return True
    swapped = one[start : start + 2][::-1] == other[start : start + 2]
    return swapped and one[start + 2 :] == other[start + 2 :]


def word_of(slug: str, handle: str) -> str:
    """The part of a registered handle that people read, as a skeleton; "" for numbers and for sites of one's own."""
    from accounts import platforms
    from accounts.spec import Kind

    spec = platforms.spec(slug)
    if spec.kind is Kind.SITE or re.fullmatch(r"\d+(?:@N\d\d)?", handle):
        return ""
    name = handle.partition("@")[0] if spec.kind is Kind.FEDERATED else handle.rpartition("/")[2]
    if spec.case_kept and re.fullmatch(spec.case_kept, name):
        return ""
    return skeleton(name)


def alike(one: str, other: str) -> bool:
    """Whether two skeletons are those of things that look alike: equal, one letter off, or with a claim added."""
    if min(len(one), len(other)) < SHORTEST:
        return one == other != ""
    return one == other or one_off(one, other) or unclaimed(one) == other


def scripts(text: str) -> set[str]:
    """Names of the scripts that the letters of `text` belong to: LATIN, CYRILLIC, …"""
    return {name for name in categories.unique_aliases(text) if name not in ("COMMON", "INHERITED")}


def spelled(host: str) -> str:
    """A host as it reads to a person: punycode labels decoded, where they can be."""
    labels = []
    for label in host.split("."):
        if label.lower().startswith("xn--"):
            try:
                label = label[4:].encode("ascii").decode("punycode")
            except UnicodeError:
                pass
        labels.append(label)
    return ".".join(labels)


def imitated(host: str, known: Iterable[str]) -> str | None:
    """The one of the `known` hosts that `host` imitates, or None: it holds it, or looks like it."""
    read = spelled(host).lower()
    folded = {".".join(skeleton(label) for label in read.split(".")), skeleton(read)}
    for one in known:
        bare = one.removeprefix("www.")
        if len(bare) <= 6:  # x.com: nearly everything would hold it or be one letter off
            if read != bare and (read.startswith(f"{bare}.") or skeleton(read) == skeleton(bare)):
                return one
            continue
        name = bare.rpartition(".")[0]
        target = skeleton(bare)
        if read == bare:
            continue
        if bare in read or any(
            part.startswith(f"{name}-") or part.endswith(f"-{name}") for part in read.split(".")
        ):
            return one
        if target in folded or any(one_off(target, part) for part in folded) or _label_like(read, name):
            return one
    return None


def _label_like(host: str, name: str) -> bool:
    """Whether a label of the host looks like the network's name: `faceb00k`, `twltter`, under whatever ending."""
    if len(name) < 6:
        return False
    target = skeleton(name)
    return any(
        skeleton(label) == target or one_off(target, skeleton(label)) for label in host.split(".")[:-1]
    )
