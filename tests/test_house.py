"""The rules of the house that no linter knows."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# A room imports only from rooms on its left, and from itself.
ORDER = ["audit", "employees", "accounts", "credentials", "approvals", "config"]
ASIDE = {"moderation": {"audit", "employees", "accounts"}}  # only config imports it
ROOMS = [*ORDER, *ASIDE]


def may_import(room: str) -> set[str]:
    if room in ASIDE:
        return ASIDE[room] | {room}
    left = set(ORDER[: ORDER.index(room) + 1])
    return left | set(ASIDE) if room == "config" else left


def modules(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py"))


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """(line, name) of everything imported anywhere in the file, in functions and under TYPE_CHECKING too."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


@pytest.mark.parametrize("room", ROOMS)
def test_imports_run_one_way(room: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules(room)
        for line, name in imported(path)
        if name.split(".")[0] in ROOMS and name.split(".")[0] not in may_import(room)
    ]
    assert wrong == []


def test_every_room_is_in_the_order() -> None:
    """A new app must say where it stands."""
    from config.settings import INSTALLED_APPS

    ours = {app.split(".")[0] for app in INSTALLED_APPS if (ROOT / app.split(".")[0]).is_dir()}
    assert ours <= set(ROOMS)


def test_only_audit_opens_transactions() -> None:
    """Entries come last in the outermost transaction, so audit's own decorator is the one way to open one."""
    wrong = []
    for path in modules(*ROOMS):
        if path.relative_to(ROOT).parts[0] == "audit":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Attribute) and node.attr == "atomic"
            named = isinstance(node, ast.ImportFrom) and any(alias.name == "atomic" for alias in node.names)
            if (called or named) and isinstance(node, ast.Attribute | ast.ImportFrom):
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert wrong == []


def files_of_the_project() -> list[Path]:
    """What is in git, and what would be added to it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


PLACE_ON_A_MACHINE = re.compile(r"(?<![\w.<>{}/-])/(?:home|root|Users|work)/\w")
REGISTRY = re.compile(r"registry\.npm[j]s|py[p]i\.org|files\.python[h]osted", re.IGNORECASE)


@pytest.mark.parametrize("pattern", [PLACE_ON_A_MACHINE, REGISTRY], ids=["machine", "registry"])
def test_no_file_names_a_machine_or_a_registry(pattern: re.Pattern[str]) -> None:
    """Whoever clones this uses their own folders and their own mirror."""
    wrong = []
    for path in files_of_the_project():
        text = path.read_bytes().decode("utf-8", errors="ignore")
        wrong += [f"{path.relative_to(ROOT)}: {found.group()}" for found in pattern.finditer(text)]
    assert wrong == []


def test_templates_carry_nothing_inline() -> None:
    """The Content-Security-Policy would refuse it, silently for whoever does not look at the console."""
    inline = re.compile(r"<style\b|<script(?![^>]*\bsrc=)|\sstyle=\"|\son[a-z]+=\"", re.IGNORECASE)
    wrong = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for found in inline.finditer(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []
