"""Every verb is spoken, recorded by some service, and grammatical; every signal has somebody who listens."""

from __future__ import annotations

import ast
import importlib
import inspect
from pathlib import Path

import pytest
from django.dispatch import Signal

from audit.actions import Verb
from audit.phrases import PHRASES, spoken

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("audit", "employees", "accounts", "credentials", "approvals", "config")


def used() -> set[str]:
    """Names of the verbs that code outside the list and the phrases mentions."""
    found = set()
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            if path.name in ("actions.py", "phrases.py"):
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if (
                    isinstance(node, ast.Attribute)
                    and isinstance(node.value, ast.Name)
                    and node.value.id == "Verb"
                ):
                    found.add(node.attr)
    return found


def test_every_verb_is_recorded_by_some_service() -> None:
    assert {verb.name for verb in Verb} - used() == set()


@pytest.mark.parametrize("verb", Verb)
def test_every_verb_has_three_parts_and_a_phrase(verb: Verb) -> None:
    room, thing, act = verb.split(".")
    assert room in ROOMS
    assert thing.isidentifier()
    assert act.isidentifier()
    assert verb in PHRASES


def test_an_old_verb_is_shown_as_it_is() -> None:
    assert spoken("things.thing.juggle") == "things.thing.juggle"


@pytest.mark.parametrize("room", ["employees", "accounts"])
def test_every_signal_has_a_receiver(room: str) -> None:
    module = importlib.import_module(f"{room}.signals")
    signals = {name: value for name, value in inspect.getmembers(module) if isinstance(value, Signal)}
    assert signals
    silent = [name for name, signal in signals.items() if not signal.receivers]
    assert silent == []
