"""Which platform is meant: by its name as lists write it, or by a host that stands in the catalogue."""

from __future__ import annotations

import difflib

from accounts.catalogue import CATALOGUE
from accounts.spec import Spec

SHORTENERS = frozenset(
    [
        "t.co",
        "bit.ly",
        "fb.me",
        "fb.watch",
        "youtu.be",
        "lnkd.in",
        "flic.kr",
        "vm.tiktok.com",
        "vt.tiktok.com",
        "goo.gl",
        "ow.ly",
        "tinyurl.com",
        "linktr.ee",
        "go.usa.gov",
        "is.gd",
        "buff.ly",
        "dlvr.it",
        "m.me",
        "wa.me",
    ]
)
"""Hosts that lead elsewhere: what they name cannot be seen from the address."""

OTHERS: dict[str, tuple[str, ...]] = {
    "Bluesky": ("bsky.app", "bsky.social"),
    "Pinterest": ("pinterest.com", "www.pinterest.com"),
    "Reddit": ("reddit.com", "www.reddit.com"),
    "Snapchat": ("snapchat.com", "www.snapchat.com"),
    "Tumblr": ("www.tumblr.com", "tumblr.com"),
    "Vimeo": ("vimeo.com", "www.vimeo.com"),
    "WhatsApp": ("whatsapp.com", "www.whatsapp.com"),
    "Telegram": ("t.me", "telegram.me"),
    "Google+": ("plus.google.com",),
    "GitHub": ("github.com", "www.github.com"),
    "Foursquare": ("foursquare.com", "www.foursquare.com"),
}
"""Networks that lists name and this catalogue does not have. No account of ours is on their hosts."""

MASTODON_SERVERS = frozenset(
    [
        "mastodon.social",
        "mstdn.social",
        "mas.to",
        "mastodon.online",
        "mastodon.world",
        "fosstodon.org",
        "hachyderm.io",
        "social.coop",
        "urbanists.social",
        "mastodon.gamedev.place",
        "sfba.social",
        "newsie.social",
        "journa.host",
    ]
)
"""Well-known servers: where a list leaves the platform out, their host decides it. Others must be named."""

_HOSTS = {host: spec for spec in CATALOGUE.values() for host in spec.hosts}
_OTHER_HOSTS = {host: name for name, hosts in OTHERS.items() for host in hosts}
_NAMES = {
    " ".join(name.casefold().split()): spec
    for spec in CATALOGUE.values()
    for name in (spec.slug, spec.name, spec.label, *spec.aliases)
}
_CLOSE = 0.8
"""How alike a misspelt name must be (difflib's ratio): "Facebok", "Instagramm"; not "Pinterest"."""


def spec(slug: str) -> Spec:
    """The platform with this slug. Raises KeyError."""
    return CATALOGUE[slug]


def of_host(host: str) -> Spec | None:
    """The platform that has exactly this host, or None."""
    return _HOSTS.get(host.lower())


def owner_of_host(host: str) -> str | None:
    """Name of the network, ours or another, that has exactly this host, or None."""
    found = of_host(host)
    return found.name if found else _OTHER_HOSTS.get(host.lower())


def named(text: str) -> Spec | None:
    """The platform that `text` names: its name or an alias whatever the case, or one plain misspelling of it."""
    words = " ".join(text.casefold().split())
    if not words:
        return None
    if words in _NAMES:
        return _NAMES[words]
    joined = words.replace(" ", "")
    if other_named(words) or len(joined) < 5:
        return None
    near = difflib.get_close_matches(joined, [name for name in _NAMES if len(name) > 4], n=1, cutoff=_CLOSE)
    return _NAMES[near[0]] if near else None


def other_named(text: str) -> str | None:
    """Name of a network outside the catalogue that `text` names, or None."""
    words = " ".join(text.casefold().split())
    return next((name for name in OTHERS if name.casefold() == words), None)


def resembling(host: str) -> Spec | None:
    """The platform whose host `host` is nearest to or contains, for a message. Never says that it is the platform."""
    for known, found in _HOSTS.items():
        if len(known) > 6 and known in host:
            return found
    near = difflib.get_close_matches(host, list(_HOSTS), n=1, cutoff=_CLOSE)
    return _HOSTS[near[0]] if near else None
