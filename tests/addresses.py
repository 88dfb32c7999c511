"""Every address that the application answers, as the URLconf has it."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver


def patterns() -> Iterator[str]:
    """Every pattern, written as Django writes a match's route."""
    yield from _within(get_resolver().url_patterns, "")


def _within(found: list[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for one in found:
        here = str(one.pattern)
        here = before + here.removeprefix("^") if before else here
        if isinstance(one, URLResolver):
            yield from _within(one.url_patterns, here)
        else:
            yield here
