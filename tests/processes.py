"""Real processes for tests of what happens at once: forked, so that a child begins in milliseconds."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from multiprocessing.synchronize import Barrier
from typing import Any

from django.db import connections

FORK = multiprocessing.get_context("fork")
PATIENCE = 120
"""Seconds after which a child that has not answered is a failure."""


def together(jobs: Sequence[Callable[[], str]]) -> list[str]:
    """Run each of `jobs` in a process of its own, all at once, and give what each returned.

    What a job raises comes back as text that begins with `failed:`. Wants a test that commits.
    """
    connections.close_all()  # a child must not share its parent's connection
    results: Any = FORK.SimpleQueue()
    start = FORK.Barrier(len(jobs))
    children = [FORK.Process(target=_child, args=(job, start, results)) for job in jobs]
    for child in children:
        child.start()
    told = [results.get() for _child in children]
    for child in children:
        child.join(PATIENCE)
        assert child.exitcode == 0
    return told


_inherited: list[Any] = []
"""Kept alive in a child: a connection that is collected there would say good-bye to the parent's server."""


def _forget_inherited_connections() -> None:
    """Begin without any. A parent in which a browser's event loop runs keeps its connections in another place than a
    child looks for them, and closes only those: what a child finds is an old one, and all children find the same."""
    _inherited.extend(connections.all(initialized_only=True))
    for connection in _inherited:
        del connections[connection.alias]


def _child(job: Callable[[], str], start: Barrier, results: Any) -> None:
    _forget_inherited_connections()
    start.wait(PATIENCE)
    try:
        results.put(job())
    except BaseException as error:
        results.put(f"failed: {error!r}")
    finally:
        connections.close_all()
