"""A policy's plain text, read as sections, clauses and lettered items, each with an address of its own.

    4. Community Standards            a section: a short line that stands alone, with or without its number
    4.2 Comments are removed that …   a clause: a paragraph, with or without its number
    (a) are profane                   an item of the clause above: a letter in brackets, or a bullet

What has no number gets the next one. Bullets that follow a heading directly are clauses. The numbers make the
addresses (`#clause-4-2-a`), so that whoever applies a clause can point at it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.text import slugify

LONGEST_HEADING = 80

_SECTION = re.compile(r"(\d{1,3})\.?\s+(\D.*)")
_CLAUSE = re.compile(r"(\d{1,3}\.\d{1,3})\.?\s+(.+)", re.DOTALL)
_ITEM = re.compile(r"\(([a-z]{1,3}|\d{1,3})\)\s+(.+)", re.DOTALL)
_BULLET = re.compile(r"[•·*–-]\s+(.+)", re.DOTALL)
_STARTS = re.compile(r"\s*(?:\d{1,3}\.\d{1,3}\.?|\([a-z]{1,3}\)|\(\d{1,3}\)|[•·*–-])\s+\S")


@dataclass(frozen=True)
class Item:
    letter: str
    anchor: str
    text: str


@dataclass
class Clause:
    number: str
    text: str
    items: list[Item] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        return f"clause-{self.number.replace('.', '-')}"


@dataclass
class Section:
    """`number` and `title` are empty for what stands before the first heading."""

    number: str
    title: str
    slug: str
    clauses: list[Clause] = field(default_factory=list)


def read(text: str) -> list[Section]:
    """The sections of `text`; a heading without any clause (a title above the text, say) is left out."""
    sections = [Section("", "", "preamble")]
    slugs: set[str] = set()
    for block, alone in _blocks(text):
        heading = _heading(block, alone)
        if heading is not None:
            if not sections[-1].clauses:
                sections.pop()
            last = int(sections[-1].number or 0) if sections else 0
            number, title = heading
            sections.append(Section(number or str(last + 1), title, _slug(title, slugs)))
        else:
            _take(sections[-1], block)
    return [section for section in sections if section.clauses]


def _take(section: Section, block: str) -> None:
    if found := _CLAUSE.fullmatch(block):
        section.clauses.append(Clause(found[1], found[2]))
    elif found := _ITEM.fullmatch(block):
        _item(section, found[1], found[2])
    elif found := _BULLET.fullmatch(block):
        _bullet(section, found[1])
    else:
        section.clauses.append(Clause(_next(section), block))


def _blocks(text: str) -> Iterator[tuple[str, bool]]:
    """Paragraphs and items as one line each, and whether it stood alone between empty lines."""
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        parts: list[list[str]] = []
        for line in paragraph.split("\n"):
            if not parts or _STARTS.match(line):
                parts.append([])
            parts[-1].append(line.strip())
        for part in parts:
            yield " ".join(part).strip(), len(parts) == 1 and len(part) == 1


def _heading(block: str, alone: bool) -> tuple[str, str] | None:
    """Number (perhaps empty) and title, where the block is a heading."""
    if not alone or len(block) > LONGEST_HEADING or block.endswith((".", ";", ":", ",", "?", "!")):
        return None
    if _CLAUSE.fullmatch(block) or _ITEM.fullmatch(block) or _BULLET.fullmatch(block):
        return None
    found = _SECTION.fullmatch(block)
    return (found[1], found[2]) if found else ("", block)


def _slug(title: str, taken: set[str]) -> str:
    base = slug = slugify(title) or "section"
    for more in range(2, 1000):
        if slug not in taken:
            break
        slug = f"{base}-{more}"
    taken.add(slug)
    return slug


def _next(section: Section) -> str:
    prefix = section.number or "0"
    used = {clause.number for clause in section.clauses}
    number = len(section.clauses) + 1
    while f"{prefix}.{number}" in used:
        number += 1
    return f"{prefix}.{number}"


def _bullet(section: Section, text: str) -> None:
    """An item of a clause that announces a list, or of one that has items already; else a clause of its own."""
    last = section.clauses[-1] if section.clauses else None
    if last is not None and (last.items or last.text.endswith(":")):
        _item(section, _letter(len(last.items)), text)
    else:
        section.clauses.append(Clause(_next(section), text))


def _item(section: Section, letter: str, text: str) -> None:
    if not section.clauses:
        section.clauses.append(Clause(_next(section), text))
        return
    clause = section.clauses[-1]
    clause.items.append(Item(letter, f"{clause.anchor}-{letter}", text))


def _letter(place: int) -> str:
    """a … z, aa, bb, …"""
    return chr(ord("a") + place % 26) * (place // 26 + 1)


def repeated(sections: list[Section]) -> list[str]:
    """Numbers that stand more than once: two clauses would have one address."""
    seen: set[str] = set()
    twice: list[str] = []
    for section in sections:
        for clause in section.clauses:
            for anchor in (clause.anchor, *(item.anchor for item in clause.items)):
                if anchor in seen:
                    twice.append(anchor)
                seen.add(anchor)
    return twice
