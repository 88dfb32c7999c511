"""What somebody means who pastes a link, a handle or a whole post into the box of verify.

Two readings of it: the strict one, which alone can make an answer “official” (`accounts.canonical` names the account),
and a lenient one that finds words to compare with the City's handles. Nothing is fetched.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from django.conf import settings

from accounts import addresses, canonical, platforms, resemblance
from accounts.canonical import Identity
from accounts.catalogue import CATALOGUE
from accounts.spec import Kind, Spec
from audit.errors import Invalid

LONGEST = 500
WORDS = 4
"""Parts of an address that are compared with handles."""

HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_EDGES = "\u200b\u200c\u200d\u200e\u200f\u2060\u2066\u2067\u2068\u2069\u00ad\ufeff"
"""What apps put around a link that is copied: not part of it, and nobody's trick there."""

_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
_ON = re.compile(r"(?P<handle>@?[^\s@]\S*)\s+(?:on|at|\||\()\s*(?P<platform>.+?)\)?", re.IGNORECASE)
_NAMED = re.compile(r"(?P<platform>[A-Za-z][A-Za-z ()+]*?)\s*:\s*(?P<handle>@?[^\s/:][^\s:]*)")
_COMMON = frozenset(
    [
        *(
            "status",
            "statuses",
            "post",
            "posts",
            "photo",
            "photos",
            "video",
            "videos",
            "reel",
            "reels",
            "story",
        ),
        *(
            "stories",
            "p",
            "tv",
            "about",
            "company",
            "showcase",
            "school",
            "group",
            "groups",
            "in",
            "pages",
            "pg",
        ),
        *(
            "people",
            "channel",
            "user",
            "c",
            "watch",
            "profile",
            "profile.php",
            "permalink.php",
            "share",
            "hashtag",
        ),
        *(
            "agency-detail",
            "agency",
            "city",
            "web",
            "i",
            "intent",
            "events",
            "media",
            "albums",
            "search",
            "explore",
        ),
        *("category", "home", "feed", "update", "embed"),
    ]
)
_AUTHORLESS = {
    "x": r"/i/.*|/search.*|/hashtag/.*",
    "facebook": r"/share/.*|/watch.*|/reel/.*|/events/.*|/hashtag/.*|/photo.*|/media/.*",
    "instagram": r"/(?:p|reel|reels|tv)/.*|/explore/.*",
    "youtube": r"/watch.*|/shorts/.*|/live/.*|/playlist.*|/embed/.*|/clip/.*|/post/.*",
    "linkedin": r"/posts/.*|/feed/.*|/pulse/.*|/jobs/.*|/events/.*",
    "tiktok": r"/t/.*|/v/.*|/tag/.*",
    "nextdoor": r"/(?:news_feed|p|events)/.*|/news_feed.*",
    "threads": r"/t/.*",
    "flickr": r"/gp/.*",
}
"""Paths of posts, by platform, that do not say who posted them."""


@dataclass
class Question:
    """`identities` are platform slugs with the account that the strict reading found on each; `words` what the lenient
    one found. `trouble` says why the address is not what it seems, `imitates` which host it imitates.
    """

    text: str
    host: str = ""
    spec: Spec | None = None
    identities: list[tuple[str, Identity]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    post: bool = False
    trouble: str = ""
    imitates: str = ""
    authorless: bool = False
    own_site: bool = False
    is_words: bool = False

    @property
    def is_address(self) -> bool:
        return bool(self.host)


class _Reason(Exception):
    """Why an address is refused, as a sentence."""


def visible(text: str) -> str:
    """`text` without what cannot be seen at its ends, and without halves of characters."""
    bare = "".join(one for one in text[: 2 * LONGEST] if unicodedata.category(one) != "Cs" and one != "\x00")
    return unicodedata.normalize("NFC", bare.strip().strip(_EDGES).strip())[:LONGEST]


def read(asked: str) -> Question:
    """Both readings of what was asked. Never fails, whatever it is given."""
    text = visible(asked)
    link = _LINK.search(text)
    if link and link.group() != text:
        text = link.group().rstrip(".,;:!?)»”\"'")
    if addresses.is_address(text, lambda host: platforms.owner_of_host(host) is not None):
        return _address(text)
    if "/" in text and "." in text.partition("/")[0]:
        return _address(text)
    return _handle(text)


def _handle(text: str) -> Question:
    """A handle, perhaps with its platform: `@HutchZoo`, `HutchZoo on X`, `X: @HutchZoo`, `@zoo@server`."""
    question = Question(text)
    slugs = list(CATALOGUE)
    for form in (_ON, _NAMED):
        found = form.fullmatch(text)
        spec = platforms.named(found["platform"]) if found else None
        if found and spec:
            question.spec, text = spec, found["handle"]
            slugs = [spec.slug]
            break
    if re.search(r"\s", text):
        question.is_words = True
        return question
    for slug in slugs:
        if CATALOGUE[slug].kind is Kind.SITE and len(slugs) > 1:
            continue
        _identify(question, slug, text)
    seen = "".join(one for one in text if unicodedata.category(one) not in HIDDEN)
    word = text.replace("@", "", 1) if seen.startswith("@") else text
    question.words = [word.partition("@")[0]]
    if seen != text:
        question.trouble = "It contains a character that cannot be seen."
    return question


def _address(text: str) -> Question:
    question = Question(text)
    host, before, segments = _parts(text)
    question.host = host or "?"
    question.spec = platforms.of_host(host)
    question.trouble = _trouble(text, host)
    question.own_site = _is_own(host)
    fitting = (
        [question.spec.slug]
        if question.spec
        else [slug for slug, spec in CATALOGUE.items() if spec.kind is not Kind.HOSTED]
    )
    clean = _without_default_port(text)
    for slug in fitting:
        _identify(question, slug, clean)
    if question.spec is None:
        hosts = [one for spec in CATALOGUE.values() for one in spec.hosts]
        question.imitates = resemblance.imitated(before, hosts) or resemblance.imitated(host, hosts) or ""
        if before and platforms.of_host(before):
            question.imitates = before
    elif not question.identities and not question.trouble:
        question.authorless = _is_authorless(question.spec.slug, text)
    if host in platforms.SHORTENERS:
        question.authorless = True
    question.words = [one for one in segments if one.lower() not in _COMMON and not one.isdigit()][:WORDS]
    if not question.spec and not question.own_site and not platforms.owner_of_host(host):
        labels = resemblance.spelled(host).split(".")[:-1]
        question.words += [one for one in labels if one not in ("www", "m")][:WORDS]
    if question.authorless:
        question.words = []
    return question


def _identify(question: Question, slug: str, text: str) -> None:
    """Let the strict reading name the account of `text` on a platform, where it does."""
    try:
        identity = canonical.identify(slug, text, posts=True)
    except Invalid:
        return
    question.identities.append((slug, identity))
    try:
        canonical.identify(slug, text)
    except Invalid:
        question.post = True


def _parts(text: str) -> tuple[str, str, list[str]]:
    """Host, what stands before an @ in its place, and the path's segments, as leniently as a browser reads them."""
    rest = re.sub(r"^[A-Za-z][A-Za-z0-9+.\-]*:(?=//)", "", text).lstrip("/")
    rest = re.sub(r"^https?:", "", rest, flags=re.IGNORECASE).lstrip("/\\")
    netloc, *path = re.split(r"[/\\?#]", rest)
    before, _at, host = netloc.rpartition("@")
    host = host.rpartition(":")[0] if re.search(r":\d*$", host) else host
    segments = []
    for part in path:
        try:
            part = unquote(part, errors="strict")
        except UnicodeDecodeError:
            continue
        if part and "=" not in part:
            segments.append(part.removeprefix("@")[:200])
    return host.strip().lower(), before.lower().partition(":")[0], segments


def _trouble(text: str, host: str) -> str:
    """Why the address is not to be trusted, in a sentence; empty where it is plain and its host is a platform's."""
    try:
        plain = addresses.plain(_without_default_port(text), _Reason)
        real = addresses.read(plain, _Reason).host
    except _Reason as reason:
        return str(reason)
    if platforms.of_host(real):
        return ""
    if real in platforms.SHORTENERS:
        return f"{real} makes short links that hide where they lead."
    near = platforms.resembling(real)
    owner = platforms.owner_of_host(real)
    if owner:
        return f"{real} belongs to {owner}, where the City has no account."
    return f"{real} looks like {near.hosts[0].removeprefix('www.')} and is not {near.name}." if near else ""


def _without_default_port(text: str) -> str:
    return re.sub(
        r"^(https://[^/?#@]*?):443(?=[/?#]|$)|^(http://[^/?#@]*?):80(?=[/?#]|$)", r"\1\2", text, flags=re.I
    )


def _is_own(host: str) -> bool:
    site = str(settings.CITY_WEBSITE).lower()
    return host == site or host.endswith(f".{site}")


def _is_authorless(slug: str, text: str) -> bool:
    pattern = _AUTHORLESS.get(slug)
    if not pattern:
        return False
    try:
        path = urlsplit(text if "://" in text else f"https://{text}").path
    except ValueError:
        return False
    return re.fullmatch(pattern, path) is not None
