"""The recipe for shares of the vault's key, as the operations manual prints it."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

MANUAL = Path(__file__).resolve().parent.parent.parent / "docs" / "operations.md"


def recipes() -> list[str]:
    """What stands between `<<'END'` and `END` in the manual: making the shares, and putting two together."""
    return re.findall(r"<<'END'.*?\n(.*?)\nEND\n", MANUAL.read_text(encoding="utf-8"), re.DOTALL)


def run(recipe: str, folder: Path, *arguments: str) -> bytes:
    return subprocess.run(
        [sys.executable, "-", *arguments], input=recipe.encode(), cwd=folder, check=True, capture_output=True
    ).stdout


def test_any_two_shares_make_the_key_and_one_alone_is_random(tmp_path: Path) -> None:
    split, join = recipes()
    content = Fernet.generate_key() + b"\n" + Fernet.generate_key() + b"\n"
    (tmp_path / "vault.keys").write_bytes(content)
    run(split, tmp_path, "vault.keys")
    shares = sorted(path.name for path in tmp_path.glob("share-*"))
    assert len(shares) == 6
    for one, two in combinations("ABC", 2):
        assert run(join, tmp_path, f"share-{one}-with-{two}", f"share-{two}-with-{one}") == content
    for holder in "ABC":
        own = sorted(tmp_path.glob(f"share-{holder}-*"))
        assert [path.stat().st_mode & 0o777 for path in own] == [0o600, 0o600]
        with pytest.raises(subprocess.CalledProcessError) as alone:
            run(join, tmp_path, *(path.name for path in own))
        assert alone.value.stderr.decode() == "These are not the two halves of one key.\n"
        assert alone.value.stdout == b""


@pytest.mark.parametrize("typed", ["123456789abcdef0", "ol23456789abcdef"], ids=["another digit", "a letter"])
def test_a_slip_while_typing_a_share_is_named_by_its_line(tmp_path: Path, typed: str) -> None:
    split, join = recipes()
    (tmp_path / "vault.keys").write_bytes(Fernet.generate_key() + b"\n")
    run(split, tmp_path, "vault.keys")
    share = tmp_path / "share-B-with-A"
    lines = share.read_text().splitlines()
    lines[1] = lines[1].translate(str.maketrans("0123456789abcdef", typed))
    share.write_text("\n".join(lines) + "\n")
    with pytest.raises(subprocess.CalledProcessError) as slip:
        run(join, tmp_path, "share-A-with-B", "share-B-with-A")
    assert slip.value.stderr.decode() == "share-B-with-A: line 2 is not as it was printed\n"
    assert slip.value.stdout == b""
