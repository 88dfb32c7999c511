"""What changed between two versions of the policy: clause by clause, and within a clause word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Literal

from employees.clauses import Section

Kind = Literal["added", "removed", "changed"]
ALIKE = 0.5
"""How alike two clauses must be to be one that was changed; else one went and another came."""


@dataclass(frozen=True)
class Change:
    """One clause. `parts` are texts with what became of them: "same", "added" or "removed"."""

    kind: Kind
    section: str
    number: str
    anchor: str
    parts: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class _Line:
    section: str
    number: str
    anchor: str
    text: str


def between(before: list[Section], after: list[Section]) -> list[Change]:
    """The changes from one version to the next, in the order of the newer text."""
    old, new = _lines(before), _lines(after)
    matcher = SequenceMatcher(None, [one.text for one in old], [one.text for one in new], autojunk=False)
    found: list[Change] = []
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            continue
        gone, come = old[a:b], new[c:d]
        for line in come:
            twin = max(gone, key=lambda one, line=line: _ratio(one, line), default=None)  # type: ignore[misc]
            if twin is not None and _ratio(twin, line) >= ALIKE:
                gone.remove(twin)
                found.append(Change("changed", line.section, line.number, line.anchor, _words(twin, line)))
            else:
                found.append(Change("added", line.section, line.number, line.anchor, [(line.text, "added")]))
        found += [Change("removed", one.section, one.number, "", [(one.text, "removed")]) for one in gone]
    return found


def _lines(sections: list[Section]) -> list[_Line]:
    lines = []
    for section in sections:
        for clause in section.clauses:
            lines.append(_Line(section.title, clause.number, clause.anchor, clause.text))
            for item in clause.items:
                number = f"{clause.number} ({item.letter})"
                lines.append(_Line(section.title, number, item.anchor, item.text))
    return lines


def _ratio(one: _Line, other: _Line) -> float:
    return SequenceMatcher(None, one.text.split(), other.text.split(), autojunk=False).ratio()


def _words(old: _Line, new: _Line) -> list[tuple[str, str]]:
    """The words of both, each run with what became of it."""
    before: list[str] = re.findall(r"\S+\s*", old.text)
    after: list[str] = re.findall(r"\S+\s*", new.text)
    gone, come = [word.strip() for word in before], [word.strip() for word in after]
    parts = []
    for kind, a, b, c, d in SequenceMatcher(None, gone, come, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(("".join(after[c:d]), "same"))
            continue
        parts += [("".join(before[a:b]), "removed")] if a < b else []
        parts += [("".join(after[c:d]), "added")] if c < d else []
    return parts
