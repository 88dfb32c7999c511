"""Roots and proofs against public vectors and an independent implementation."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from audit import merkle, subtrees

VECTORS = json.loads((Path(__file__).parent.parent / "data" / "rfc6962_vectors.json").read_text())


def raw(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def holds(check: Callable[..., None], *arguments: Any) -> bool:
    try:
        check(*arguments)
    except merkle.WrongProof:
        return False
    return True


@pytest.mark.parametrize("case", VECTORS["inclusion"], ids=lambda case: case["file"][9:-5])
def test_public_vectors_of_inclusion(case: dict[str, Any]) -> None:
    proof = [raw(one) for one in case["proof"] or ()]
    given = case["leafIdx"], case["treeSize"], raw(case["leafHash"]), proof, raw(case["root"])
    assert holds(merkle.check_inclusion, *given) is not case["wantErr"]


@pytest.mark.parametrize("case", VECTORS["consistency"], ids=lambda case: case["file"][9:-5])
def test_public_vectors_of_consistency(case: dict[str, Any]) -> None:
    proof = [raw(one) for one in case["proof"] or ()]
    given = case["size1"], case["size2"], raw(case["root1"]), raw(case["root2"]), proof
    assert holds(merkle.check_consistency, *given) is not case["wantErr"]


def subtree_of(leaves: list[bytes]) -> merkle.Subtree:
    return lambda level, number: subtrees.fold_whole(leaves[number << level : (number + 1) << level])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.binary(max_size=40), min_size=1, max_size=70), st.data())
def test_an_independent_implementation_agrees(items: list[bytes], data: st.DataObject) -> None:
    other = InmemoryTree(algorithm="sha256")
    for item in items:
        other.append_entry(item)
    leaves = [merkle.leaf(item) for item in items]
    tree = merkle.Tree()
    tree.extend(leaves)
    size = len(leaves)
    old = data.draw(st.integers(1, size))
    index = data.draw(st.integers(0, size - 1))
    subtree = subtree_of(leaves)
    roots = [merkle.root(count, subtree) for count in (old, size)]

    assert tree.root() == roots[1] == other.get_root()
    assert roots[0] == other.get_root(old)
    proof = merkle.consistency(old, size, subtree)
    merkle.check_consistency(old, size, roots[0], roots[1], proof)
    path = merkle.inclusion(index, size, subtree)
    merkle.check_inclusion(index, size, leaves[index], path, roots[1])
    theirs = other.prove_inclusion(index + 1, size).serialize()["path"]
    assert [one.hex() for one in path] == theirs[1:]


@settings(deadline=None, max_examples=150)
@given(st.integers(2, 60), st.data())
def test_no_changed_proof_is_accepted(size: int, data: st.DataObject) -> None:
    leaves = [hashlib.sha256(bytes([place])).digest() for place in range(size)]
    subtree = subtree_of(leaves)
    old = data.draw(st.integers(1, size - 1))
    roots = [merkle.root(count, subtree) for count in (old, size)]
    proof = merkle.consistency(old, size, subtree)
    kind = data.draw(st.sampled_from(("flip", "drop", "add", "swap", "old root", "new root", "size")))
    place = data.draw(st.integers(0, len(proof) - 1))
    forged, sizes, said = list(proof), [old, size], list(roots)
    if kind == "flip":
        forged[place] = bytes([forged[place][0] ^ 1]) + forged[place][1:]
    elif kind == "drop":
        del forged[place]
    elif kind == "add":
        forged.insert(place, data.draw(st.binary(min_size=32, max_size=32)))
    elif kind == "swap":
        forged = [*forged[place + 1 :], *forged[: place + 1]]
    elif kind == "size":
        sizes[0] = data.draw(st.integers(1, size - 1).filter(lambda other: other != old) | st.just(size))
    else:
        which = kind == "new root"
        said[which] = data.draw(st.binary(min_size=32, max_size=32))
    if (forged, sizes, said) != (proof, [old, size], roots):
        same = sizes[0] != old and merkle.root(sizes[0], subtree) == said[0]
        assert same or not holds(merkle.check_consistency, *sizes, *said, forged)
