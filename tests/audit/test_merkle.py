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
from pymerkle import InmemoryTree, InvalidProof, verify_consistency, verify_inclusion

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


def test_the_public_vectors_are_whole() -> None:
    for kind in ("inclusion", "consistency"):
        assert len(VECTORS[kind]) == 98
        assert sum(case["wantErr"] for case in VECTORS[kind]) == 92


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

    grown = other.prove_consistency(old, size)
    verify_consistency(*roots, grown)
    verify_inclusion(leaves[index], roots[1], other.prove_inclusion(index + 1, size))
    wrong = hashlib.sha256(roots[0]).digest()
    for sent in ((wrong, roots[1]), (roots[0], wrong)):  # what one refuses the other refuses
        with pytest.raises(InvalidProof):
            verify_consistency(*sent, grown)
        assert not holds(merkle.check_consistency, old, size, *sent, proof)
    with pytest.raises(InvalidProof):
        verify_inclusion(wrong, roots[1], other.prove_inclusion(index + 1, size))
    assert not holds(merkle.check_inclusion, index, size, wrong, path, roots[1])


def forge_consistency(size: int, data: st.DataObject) -> None:
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


def forge_inclusion(size: int, data: st.DataObject) -> None:
    leaves = [hashlib.sha256(bytes([place])).digest() for place in range(size + 9)]
    subtree = subtree_of(leaves)
    index = data.draw(st.integers(0, size - 1))
    right = (index, size, leaves[index], merkle.inclusion(index, size, subtree), merkle.root(size, subtree))
    at, count, leaf, proof, root = right[0], right[1], right[2], list(right[3]), right[4]
    kind = data.draw(st.sampled_from(("flip", "drop", "add", "swap", "leaf", "root", "index", "size", "cut")))
    place = data.draw(st.integers(0, len(proof) - 1))
    if kind == "flip":
        byte, bit = data.draw(st.integers(0, 31)), 1 << data.draw(st.integers(0, 7))
        proof[place] = proof[place][:byte] + bytes([proof[place][byte] ^ bit]) + proof[place][byte + 1 :]
    elif kind == "drop":
        del proof[place]
    elif kind == "add":
        proof.insert(place, data.draw(st.binary(min_size=32, max_size=32)))
    elif kind == "swap":
        proof = [*proof[place + 1 :], *proof[: place + 1]]
    elif kind == "leaf":  # of another place, a node of the tree, or anything
        leaf = data.draw(st.sampled_from([*leaves, *proof]) | st.binary(max_size=40))
    elif kind == "root":
        root = data.draw(st.binary(max_size=40))
    elif kind == "index":
        at = data.draw(st.integers(-3, size + 3))
    elif kind == "size":  # with the root that a tree of that size has
        count = data.draw(st.integers(0, size + 9))
        root = merkle.root(count, subtree)
    else:
        proof[place] = proof[place][: data.draw(st.integers(0, 31))]
    if (at, count, leaf, proof, root) != right:
        assert not holds(merkle.check_inclusion, at, count, leaf, proof, root) or (
            kind == "size" and at < count and proof == merkle.inclusion(at, count, subtree)
        )


@settings(deadline=None, max_examples=150)
@given(st.integers(2, 60), st.data())
def test_no_changed_proof_is_accepted(size: int, data: st.DataObject) -> None:
    forge_consistency(size, data)
    forge_inclusion(size, data)


@pytest.mark.soak
@settings(deadline=None, max_examples=10_000)
@given(st.integers(2, 200), st.data())
def test_none_of_ten_thousand_changed_proofs_of_consistency_is_accepted(
    size: int, data: st.DataObject
) -> None:
    forge_consistency(size, data)


@pytest.mark.soak
@settings(deadline=None, max_examples=10_000)
@given(st.integers(2, 200), st.data())
def test_none_of_ten_thousand_changed_proofs_of_inclusion_is_accepted(size: int, data: st.DataObject) -> None:
    forge_inclusion(size, data)
