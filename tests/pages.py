"""Every page that somebody can open, with who opens it: from the permission table, so that none is missed."""

from __future__ import annotations

from collections.abc import Iterator

from tests.permission_scene import Scene
from tests.permission_table import TABLE

WHO = ("anonymous", "dana", "sam", "eleanor", "helen", "adele", "carla", "priya", "joel", "tom", "mona")
"""The first of them who may open a page opens it."""

MORE = (
    *(
        "/verify/?q=x.com/HutchZoo",
        "/verify/?q=HutchZoo",
        "/verify/?q=@HutchZ00",
        "/verify/?q=x.com/HutchZooOfficial",
    ),
    *(
        "/verify/?q=https://twitter.com@evil.example/HutchZoo",
        "/verify/?q=x.com/Nobody",
        "/verify/?q=some+words",
    ),
    *("/verify/?q=https://youtu.be/abc", "/verify/?q=x.com/not_zoo", "/verify/?q=https://hutchgov.com/"),
    *("/?q=nothing+fits", "/?q=zoo&platform=x&topic=events", "/report/?address=x.com/HutchZ00", "/nowhere/"),
)
"""Answers that one address gives to different questions."""


def pages(scene: Scene) -> Iterator[tuple[str, str]]:
    """(who, address), each address once. What is not a page is for the caller to leave out."""
    seen = set()
    things = scene.things["zoo"]
    for row in TABLE:
        address = row.address.format_map(things)
        who = next((one for one in WHO if row.get(one, "zoo") in (200, 401, 404)), None)
        if who and address not in seen:
            seen.add(address)
            yield who, address
    for address in MORE:
        yield "anonymous", address
