"""Signed notes: what we sign is read by the rules of C2SP, and nothing else is believed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import notes

SIGNER = notes.Signer("hutch.example/official-accounts", bytes(range(32)))
STATED = notes.Checkpoint(SIGNER.name, 1824, bytes(32))
NOTE = SIGNER.sign(STATED)
COSIGNED = NOTE + notes.Signer("witness.example/1", bytes(32)).sign(STATED).rpartition("\n\n")[2]


def believed(note: str) -> notes.Checkpoint | None:
    try:
        return notes.opened(note, [SIGNER.verifier])
    except notes.WrongNote:
        return None


def test_a_note_is_opened_with_its_key_alone_and_beside_a_witness() -> None:
    assert believed(NOTE) == believed(COSIGNED) == STATED
    with pytest.raises(notes.WrongNote):
        notes.opened(NOTE, [notes.Signer(SIGNER.name, bytes(32)).verifier])


def test_keys_are_spelt_and_read_back_and_never_shown() -> None:
    assert notes.verifier(SIGNER.verifier.spelt()) == SIGNER.verifier
    assert notes.signer(SIGNER.spelt()).seed == SIGNER.seed
    assert repr(SIGNER) == "Signer('hutch.example/official-accounts')"


def test_the_key_of_the_specification_of_go_is_read() -> None:
    """The example of golang.org/x/mod/sumdb/note: another implementation made key, id and signature."""
    key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    assert notes.verifier(key).spelt() == key
    text = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
    )
    signed = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    raw = notes.exact_base64(signed)
    assert raw[:4] == notes.verifier(key).key_id
    assert notes.verifier(key).holds(text, raw[4:])


def forge(data: st.DataObject) -> None:
    note = data.draw(st.sampled_from((NOTE, COSIGNED)))
    place = data.draw(st.integers(0, len(note) - 1))
    end = data.draw(st.integers(place, min(len(note), place + 3)))
    put = data.draw(st.text(max_size=3))
    forged = note[:place] + put + note[end:]
    found = believed(forged)
    assert found in (None, STATED)
    if found is not None:  # what was signed is untouched: only what others signed beneath it may differ
        assert forged.startswith(NOTE.rpartition("\n\n")[0])


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_no_forged_note_is_believed(data: st.DataObject) -> None:
    forge(data)


@pytest.mark.soak
@settings(deadline=None, max_examples=10_000)
@given(st.data())
def test_none_of_ten_thousand_forged_notes_is_believed(data: st.DataObject) -> None:
    forge(data)
