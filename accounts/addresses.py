"""Reading a web address the suspicious way: what a browser would open must be what the text shows.

Nothing is fetched. What cannot be read with certainty is refused with the reason.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

Refuse = Callable[[str], Exception]
"""Makes the error out of a sentence, so that it names the caller's field."""

LONGEST = 500
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*)://", re.ASCII)
_OTHER_SCHEME = re.compile(
    r"(javascript|data|mailto|acct|tel|file|ftp|vbscript|blob|about|intent|fb):", re.IGNORECASE
)
_LABEL = re.compile(r"(?!-)[a-z0-9_\-]{1,63}(?<!-)")
_PRIVATE = frozenset(
    [
        "localhost",
        "local",
        "localdomain",
        "internal",
        "intranet",
        "lan",
        "home",
        "corp",
        "onion",
        "arpa",
        "invalid",
        "test",
    ]
)
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@dataclass(frozen=True)
class Address:
    """An http address taken apart: lower-case host, decoded path segments, query as written, fragment."""

    host: str
    segments: tuple[str, ...]
    query: tuple[tuple[str, str], ...]
    fragment: str


def plain(text: str, refuse: Refuse) -> str:
    """`text` without white space around it, NFC; refused where anything in it cannot be seen."""
    if not isinstance(text, str):
        raise refuse("A text was expected.")
    for character in text.strip(" \t\r\n"):
        if unicodedata.category(character) in _HIDDEN:
            name = unicodedata.name(character, "a control character")
            raise refuse(
                f"It contains a character that cannot be seen (U+{ord(character):04X}, {name.lower()})."
            )
    bare = unicodedata.normalize("NFC", text).strip()
    if not bare:
        raise refuse("It is empty.")
    if len(bare) > LONGEST:
        raise refuse(f"It is longer than {LONGEST} characters.")
    if re.search(r"\s", bare):
        raise refuse("It contains a space.")
    if "\\" in bare:
        raise refuse("It contains a backslash, which browsers read as a slash.")
    return bare


def is_address(text: str, known: Callable[[str], bool]) -> bool:
    """Whether `text` is written as an address and not as a handle; `known` tells hosts of platforms."""
    if "://" in text or text.startswith("//") or _OTHER_SCHEME.match(text):
        return True
    if text.lower().startswith(("http:", "https:", "www.")):
        return True
    head = re.split(r"[/?#]", text, maxsplit=1)[0]
    if not text.startswith("@") and any(known(part.partition(":")[0].lower()) for part in head.split("@")):
        return True
    return head != text and not text.startswith("@") and bool(re.search(r"[.:@]", head))


def read(text: str, refuse: Refuse) -> Address:
    """The parts of an address that passed `plain`. Raises what `refuse` makes."""
    if match := _OTHER_SCHEME.match(text):
        raise refuse(
            f"“{match[1].lower()}:” is not a web address; one that begins with https:// was expected."
        )
    match = _SCHEME.match(text)
    if match and match[1].lower() not in ("http", "https"):
        raise refuse(f"“{match[1]}://” is not a web address; one that begins with https:// was expected.")
    if not match and re.match(r"https?:", text, re.IGNORECASE):
        raise refuse("After https: two slashes were expected.")
    if not match:
        text = "https://" + text.lstrip("/")
    try:
        parts = urlsplit(text)
        query = tuple(parse_qsl(parts.query, keep_blank_values=True, errors="strict"))
    except (ValueError, UnicodeDecodeError):
        raise refuse("It cannot be read as a web address.") from None
    host = host_of(parts.netloc, refuse)
    segments = tuple(decoded(part, refuse) for part in parts.path.split("/") if part)
    for _name, value in query:
        visible(value, refuse)
    return Address(host, segments, query, parts.fragment)


def host_of(netloc: str, refuse: Refuse) -> str:
    """The lower-case host of `netloc`; refused where it is not a plain public host name."""
    if "@" in netloc:
        real = netloc.rpartition("@")[2]
        raise refuse(f"What stands before the @ is not the site: this address leads to {real}.")
    if netloc.startswith("["):
        raise refuse("It names a number (IP address), not a host.")
    if ":" in netloc:
        raise refuse(f"It names a port ({netloc.rpartition(':')[2]}); an address without one was expected.")
    host = netloc.lower()
    if not host.isascii():
        raise refuse(f"The host {netloc} contains letters that only look like others.")
    if is_number(host):
        raise refuse(f"{host} is a number (IP address), not a host name.")
    labels = host.split(".")
    if any(label.startswith("xn--") for label in labels):
        raise refuse(f"The host {host} is written in punycode, which can imitate another name.")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels) or not labels[-1].isalpha():
        raise refuse(f"{netloc or 'Nothing'} is not a host name such as facebook.com.")
    if labels[-1] in _PRIVATE:
        raise refuse(f"{host} is not a host of the public Internet.")
    return host


def is_number(host: str) -> bool:
    """Whether `host` is an IP address in any of the ways that browsers read one (dotted, decimal, hexadecimal)."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(re.fullmatch(r"(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+))*\.?", host))
    return True


def decoded(segment: str, refuse: Refuse) -> str:
    """One path segment, percent-decoded once and NFC; refused where decoding changes the path's shape."""
    try:
        text = unicodedata.normalize("NFC", unquote(segment, errors="strict"))
    except UnicodeDecodeError:
        raise refuse(f"“{segment}” is not readable text.") from None
    if text in (".", "..") or re.search(r"[/\\?#%\s]", text):
        raise refuse(f"“{segment}” is not a plain part of an address.")
    visible(text, refuse)
    return text


def visible(text: str, refuse: Refuse) -> None:
    """Refuse control, bidirectional and zero-width characters that came out of percent-encoding."""
    if any(unicodedata.category(character) in _HIDDEN for character in text):
        raise refuse("It contains an encoded character that cannot be seen.")
