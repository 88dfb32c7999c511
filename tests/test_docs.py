"""What the documents name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
TESTS = sorted((ROOT / "tests").rglob("*.py"))
EVERY_TEST = {
    name
    for path in TESTS
    for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
}
each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


@each_document
def test_every_test_that_a_document_names_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    paths = re.findall(r"`(tests/[\w/.]*)`", text)
    missing = [path for path in paths if not (ROOT / path).exists()]
    files = {path.name for path in TESTS}
    for name in re.findall(r"`(?:[\w/]*/)?(test_\w+(?:\.py)?)`", text):
        if (name not in files) if name.endswith(".py") else (name not in EVERY_TEST):
            missing.append(name)
    assert missing == []


def rows(document: Path) -> list[list[str]]:
    lines = [line for line in document.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def test_every_threat_has_a_defence_a_test_and_what_remains() -> None:
    found = rows(ROOT / "docs" / "threat-model.md")
    assert len(found) >= 12
    for row in found:
        assert len(row) == 6, row
        assert all(row), row
        assert set(re.findall(r"`(test_\w+)`", row[4])) & EVERY_TEST, row
