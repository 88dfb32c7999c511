"""The canonical form of an account: which addresses and handles are the same account, and which are none.

Host aliases, `www.`, scheme, trailing slash, fragment and tracking parameters fold. Numbers in a query string do not
(`facebook.com/profile.php?id=…`). Case folds only where the platform's does. A canonical address is a fixed point.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlencode

from accounts import addresses, platforms
from accounts.addresses import Address, Refuse
from accounts.spec import Kind, Spec
from audit.errors import Invalid

LONGEST_HANDLE = 200
_TRACKING = re.compile(
    r"utm_.*|mc_[ce]id|_hs(?:enc|mi)|fbclid|gclid|dclid|msclkid|twclid|igsh|igshid|mibextid|ref_src|ref_url|_ga",
    re.I,
)


@dataclass(frozen=True)
class Identity:
    """An account as its platform tells it apart: handle as written, key that decides sameness, address."""

    handle: str
    key: str
    url: str


def identify(platform: str, text: str, *, posts: bool = False, field: str = "handle") -> Identity:
    """The account on the platform with the slug `platform` that `text` names: an address or a handle.

    With `posts`, the address of a single post names the account that posted it. Raises Invalid, with what was
    expected under `field`.
    """
    spec = platforms.spec(platform)

    def refuse(reason: str) -> Invalid:
        return Invalid(
            f"{reason} An account on {spec.name} is {spec.expects}.",
            fields={field: f"{reason} Expected: {spec.expects}."},
        )

    bare = addresses.plain(text, refuse)
    found = _READERS[spec.kind](spec, bare, posts, refuse)
    if len(found.handle) > LONGEST_HANDLE or len(found.url) > addresses.LONGEST:
        raise refuse(f"It is longer than {LONGEST_HANDLE} characters.")
    return found


def shown(platform: str, handle: str) -> str:
    """The handle as people write it, or "" where the account only has a number."""
    spec = platforms.spec(platform)
    if re.fullmatch(r"\d+|\d+@N\d\d", handle) or (
        spec.case_kept and spec.kind is Kind.HOSTED and _keeps(spec, handle)
    ):
        return ""
    if "/" in handle and spec.kind is Kind.HOSTED:
        return handle.rpartition("/")[2]
    return f"@{handle}" if spec.at else handle


def _hosted(spec: Spec, text: str, posts: bool, refuse: Refuse) -> Identity:
    if addresses.is_address(text, lambda host: platforms.owner_of_host(host) is not None):
        address = addresses.read(text, refuse)
        _of_platform(spec, address.host, refuse)
        return _from_path(spec, _path(spec, address, refuse), posts, refuse)
    if "@" in text[1:] and not re.fullmatch(r"\d+@N\d\d", text):
        raise refuse("An @ within it is neither an address nor a handle here.")
    return _from_path(spec, _address_path(spec, text.removeprefix("@").strip("/")), posts, refuse)


def _from_path(spec: Spec, path: str, posts: bool, refuse: Refuse) -> Identity:
    """The account that `path` (with its kept query) names on one of the platform's own hosts."""
    handle = _match(spec, path, posts, refuse)
    if handle.rpartition("/")[2].lower() in spec.reserved or not re.fullmatch(spec.handle_pattern, handle):
        raise refuse(f"“{path.lstrip('/')}” does not name an account.")
    return Identity(
        handle, _key(spec, handle), f"https://{spec.hosts[0]}{_quoted(_address_path(spec, handle))}"
    )


def _federated(spec: Spec, text: str, posts: bool, refuse: Refuse) -> Identity:
    handle = re.fullmatch(r"@?([^@/:]+)@([^@/]+)", text)
    if handle:
        name, host = handle[1], addresses.host_of(handle[2], refuse)
    else:
        if not addresses.is_address(text, lambda host: "." in host):
            raise refuse("The server is part of the handle, and it is missing.")
        address = addresses.read(text, refuse)
        host = address.host
        name = _match(spec, _path(spec, address, refuse), posts, refuse)
    host = host.removeprefix("www.")
    _nobody_elses(host, refuse)
    if "@" in name:
        raise refuse(
            f"This is {host}'s view of an account on another server, {name.rpartition('@')[2]}; give that."
        )
    full = f"{name}@{host}"
    if not re.fullmatch(spec.handle_pattern, full):
        raise refuse(f"“{name}” is not the handle of an account.")
    return Identity(full, full.lower(), f"https://{host}/@{name}")


def _site(spec: Spec, text: str, posts: bool, refuse: Refuse) -> Identity:
    address = addresses.read(text, refuse)
    host = address.host.removeprefix("www.")
    _nobody_elses(host, refuse)
    kept = [(name, value) for name, value in address.query if not _TRACKING.fullmatch(name)]
    tail = "".join(f"/{quote(part, safe=_SAFE)}" for part in address.segments)
    tail += f"?{urlencode(kept)}" if kept else ""
    return Identity(host + tail, host + tail, f"https://{address.host}{tail}")


_READERS: dict[Kind, Callable[[Spec, str, bool, Refuse], Identity]] = {
    Kind.HOSTED: _hosted,
    Kind.FEDERATED: _federated,
    Kind.SITE: _site,
}
_SAFE = "!$&'()*+,;=:@-._~"


def _of_platform(spec: Spec, host: str, refuse: Refuse) -> None:
    """Refuse a host that is not exactly one of the platform's."""
    if host in spec.hosts:
        return
    if host in platforms.SHORTENERS:
        raise refuse(f"{host} makes short links that hide where they lead.")
    owner = platforms.owner_of_host(host)
    if owner:
        raise refuse(f"{host} belongs to {owner}, not to {spec.name}.")
    near = platforms.resembling(host)
    if near:
        raise refuse(f"{host} looks like {near.hosts[0]} and does not belong to {near.name}.")
    raise refuse(f"{host} is not a host of {spec.name}.")


def _nobody_elses(host: str, refuse: Refuse) -> None:
    """Refuse, for a federated platform or a site, the hosts of networks and of short links."""
    if host in platforms.SHORTENERS:
        raise refuse(f"{host} makes short links that hide where they lead.")
    owner = platforms.owner_of_host(host)
    if owner:
        raise refuse(f"{host} belongs to {owner}.")


def _path(spec: Spec, address: Address, refuse: Refuse) -> str:
    """Path and the query parameters that may name an account, in one string; old `#!/name` paths included."""
    segments = address.segments
    fragment = unquote(address.fragment)
    if segments in ((), ("home.php",)) and fragment.startswith("!/"):
        parts = fragment[2:].partition("?")[0].split("/")
        segments = tuple(addresses.decoded(part, refuse) for part in parts if part)
    if not segments:
        raise refuse("It leads to the front page.")
    path = "/" + "/".join(segments)
    kept = [(name, value) for name, value in address.query if name in spec.query]
    if path.lower().endswith(".php") or len(segments) == 1:
        if len(kept) > 1:
            raise refuse(f"It says {kept[0][0]} more than once.")
        path += "".join(f"?{name}={value}" for name, value in kept)
    return path


def _match(spec: Spec, path: str, posts: bool, refuse: Refuse) -> str:
    """The handle that the first fitting form reads out of `path`."""
    for written in dict.fromkeys((path, path.partition("?")[0])):
        for form in spec.forms:
            match = re.fullmatch(form.pattern, written)
            if match and form.post and not posts:
                raise refuse("It leads to a single post.")
            if match:
                return form.handle.format(name=match["name"])
    raise refuse(f"“{path.lstrip('/')}” does not name an account.")


def _address_path(spec: Spec, handle: str) -> str:
    """The path under which the account with `handle` is found."""
    for pattern, path in spec.paths:
        if re.fullmatch(pattern, handle):
            return path.format(handle=handle)
    return f"/{handle}"


def _quoted(path: str) -> str:
    return quote(path, safe="/@?=&.-_~")


def _keeps(spec: Spec, handle: str) -> bool:
    return spec.case_kept is not None and re.fullmatch(spec.case_kept, handle) is not None


def _key(spec: Spec, handle: str) -> str:
    """What decides sameness: case folded and ignored characters dropped, where the platform does so."""
    if _keeps(spec, handle):
        return handle
    folded = handle.lower()
    for character in spec.ignored:
        folded = folded.replace(character, "")
    return folded
