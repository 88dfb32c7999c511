"""Real processes for tests of what happens at once: forked, so that a child begins in milliseconds.

A child that hangs or dies is a failure with a name, never a run that stands still: each answers through a pipe of its
own, whoever is late is told to print where it stands and killed. And it is forked from a process without other threads
(a live server, a browser's event loop, a worker of pytest-xdist): a lock that one of those holds at that moment is held
in the child for ever. So these tests carry the mark `processes`, and `make test` runs them by themselves.
"""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.synchronize import Barrier
from typing import Any

from django.db import connections

FORK = multiprocessing.get_context("fork")
PATIENCE = 120
"""Seconds after which a child that has not answered is a failure."""


def together(jobs: Sequence[Callable[[], str]], *, patience: float = PATIENCE) -> list[str]:
    """Run each of `jobs` in a process of its own, all at once, and give what each returned, in the order of `jobs`.

    What a job raises comes back as text that begins with `failed:`; so does a job that died, or that has not answered
    after `patience` seconds. Wants a test that commits.
    """
    assert len(sys._current_frames()) == 1, (
        "Threads run beside this test. Mark it `processes` and run it so: pytest -m processes"
    )
    connections.close_all()  # a child must not share its parent's connection
    start = FORK.Barrier(len(jobs))
    pipes = [FORK.Pipe(duplex=False) for _job in jobs]
    children = [
        FORK.Process(target=_child, args=(job, start, answer), daemon=True)
        for job, (_ear, answer) in zip(jobs, pipes, strict=True)
    ]
    for child in children:
        child.start()
    for _ear, answer in pipes:
        answer.close()
    ears = [ear for ear, _answer in pipes]
    told = _listen(ears, time.monotonic() + patience)
    _end(children)
    return [
        told.get(place) or f"failed: no answer ({child.exitcode})" for place, child in enumerate(children)
    ]


def _listen(ears: list[Connection[Any, Any]], deadline: float) -> dict[int, str]:
    """What the children said, by place, until all have spoken, or died, or the time is up."""
    told: dict[int, str] = {}
    waiting = {id(ear): place for place, ear in enumerate(ears)}
    while waiting and (left := deadline - time.monotonic()) > 0:
        for ear in wait([ears[place] for place in waiting.values()], left):
            assert isinstance(ear, Connection)
            try:
                told[waiting[id(ear)]] = ear.recv()
            except EOFError:
                pass  # it died; its exit code says how
            del waiting[id(ear)]
    return told


def _end(children: Sequence[Any]) -> None:
    """Whoever has not come home prints where it stands, and is killed."""
    deadline = time.monotonic() + 5
    for child in children:
        child.join(max(0.0, deadline - time.monotonic()))
    late = [child for child in children if child.is_alive()]
    for child in late:
        os.kill(child.pid, signal.SIGUSR1)
    if late:
        time.sleep(1)
    for child in late:
        child.kill()
        child.join()


_inherited: list[Any] = []
"""Kept alive in a child: a connection that is collected there would say good-bye to the parent's server."""


def _forget_inherited_connections() -> None:
    """Begin without any. A parent in which a browser's event loop runs keeps its connections in another place than a
    child looks for them, and closes only those: what a child finds is an old one, and all children find the same."""
    _inherited.extend(connections.all(initialized_only=True))
    for connection in _inherited:
        del connections[connection.alias]


def _child(job: Callable[[], str], start: Barrier, answer: Connection[Any, Any]) -> None:
    faulthandler.register(signal.SIGUSR1, file=2, all_threads=True)
    _forget_inherited_connections()
    try:
        start.wait(PATIENCE)
        answer.send(job())
    except BaseException as error:
        answer.send(f"failed: {error!r}")
    finally:
        connections.close_all()
