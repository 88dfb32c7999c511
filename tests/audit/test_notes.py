"""Signed notes: what we sign is read by the rules of C2SP, and nothing else is believed."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import assume, given, settings
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
    """A few characters put somewhere in place of others."""
    note = data.draw(st.sampled_from((NOTE, COSIGNED)))
    place = data.draw(st.integers(0, len(note) - 1))
    end = data.draw(st.integers(place, min(len(note), place + 3)))
    put = data.draw(st.text(max_size=3))
    forged = note[:place] + put + note[end:]
    found = believed(forged)
    assert found in (None, STATED)
    if found is not None:  # what was signed is untouched: only what others signed beneath it may differ
        assert forged.startswith(NOTE.rpartition("\n\n")[0])


def signed(text: str, *, seed: bytes = SIGNER.seed, name: str = SIGNER.name) -> str:
    """Any text, signed with a key: what whoever has it could make."""
    signer = notes.Signer(name, seed)
    raw = Ed25519PrivateKey.from_private_bytes(seed).sign(text.encode())
    return f"{text}\n— {name} {base64.b64encode(signer.verifier.key_id + raw).decode()}\n"


BODY, SIGNATURE = NOTE.split("\n\n")
ROOT = base64.b64encode(bytes(32)).decode()
SEEDS = st.binary(min_size=32, max_size=32).filter(lambda seed: seed != SIGNER.seed)
SPACE = st.sampled_from((" ", "\t", "\r", "\n", "\u00a0", "\u2003", "\ufeff", "\x00", "\x0b"))
NO_NUMBER = (
    "0{0}",
    "+{0}",
    "-{0}",
    " {0}",
    "{0} ",
    "{0}.0",
    "{0}e0",
    "0x{0}",
    "{0}_0",
    "{0}, ",
    "",
    "٣{0}",
    "²",
)


def _structured(data: st.DataObject, kind: str) -> str:
    """A forged note of this kind. Where the kind says "signed", it is signed with the right key."""
    draw = data.draw
    size = str(draw(st.integers(0, 10**17)))
    root = base64.b64encode(draw(st.binary(min_size=32, max_size=32))).decode()
    name, _, encoded = SIGNATURE.removeprefix("— ").strip().partition(" ")
    raw = base64.b64decode(encoded)
    match kind:
        case "wrong key":
            return signed(f"{SIGNER.name}\n{size}\n{root}\n", seed=draw(SEEDS))
        case "wrong key, right key id":
            other = base64.b64decode(signed(BODY + "\n", seed=draw(SEEDS)).strip().rpartition(" ")[2])
            return f"{BODY}\n\n— {name} {base64.b64encode(raw[:4] + other[4:]).decode()}\n"
        case "another key id":
            ident = draw(st.binary(min_size=4, max_size=4).filter(lambda one: one != raw[:4]))
            return f"{BODY}\n\n— {name} {base64.b64encode(ident + raw[4:]).decode()}\n"
        case "wrong origin":
            return NOTE.replace(
                SIGNER.name, draw(st.text(max_size=20).filter(lambda one: one != SIGNER.name)), 1
            )
        case "wrong origin, signed":
            origin = draw(st.from_regex(r"[a-z]{1,8}\\.example/log", fullmatch=True))
            return signed(f"{origin}\n{size}\n{root}\n")
        case "wrong size":
            return NOTE.replace("1824", size if size != "1824" else "1825", 1)
        case "wrong root":
            return NOTE.replace(ROOT, root if root != ROOT else ROOT[::-1], 1)
        case "no number, signed":
            return signed(f"{SIGNER.name}\n{draw(st.sampled_from(NO_NUMBER)).format(size)}\n{root}\n")
        case "root of another length, signed":
            odd = draw(st.binary(max_size=70).filter(lambda one: len(one) != 32))
            return signed(f"{SIGNER.name}\n{size}\n{base64.b64encode(odd).decode()}\n")
        case "malformed base64, signed":
            spoilt = (
                root[:-1],
                root + "=",
                root.rstrip("="),
                root[:9] + "\n" + root[9:],
                root[:4] + "!" + root[4:],
            )
            more = (root[:-2] + "B=", "-_" + root[2:], root + " ", root[:-4])
            bad = draw(st.sampled_from([one for one in (*spoilt, *more) if one != root]))
            assume(bad[-2:] != root[-2:] or len(bad) != len(root) or bad[:2] == "-_")
            return signed(f"{SIGNER.name}\n{size}\n{bad}\n")
        case "malformed base64 of the signature":
            spoilt = (
                encoded[:-1],
                encoded + "=",
                encoded.rstrip("="),
                encoded[:-3] + "/==",
                encoded[:8] + "!" + encoded[8:],
            )
            return f"{BODY}\n\n— {name} {draw(st.sampled_from([one for one in spoilt if one != encoded]))}\n"
        case "signature of another length":
            odd = draw(st.binary(max_size=80).filter(lambda one: one != raw[4:]))
            return f"{BODY}\n\n— {name} {base64.b64encode(raw[:4] + odd).decode()}\n"
        case "a wrong signature beside the right one":
            wrong = raw[:4] + bytes([raw[4] ^ draw(st.integers(1, 255))]) + raw[5:]
            line = f"— {name} {base64.b64encode(wrong).decode()}\n"
            return NOTE + line if draw(st.booleans()) else f"{BODY}\n\n{line}{SIGNATURE}"
        case "a line that is no signature":
            junk = draw(st.text(min_size=1, max_size=40).filter(lambda one: not one.startswith("— ")))
            return f"{NOTE}{junk}\n" if draw(st.booleans()) else f"{BODY}\n\n{junk}\n{SIGNATURE}"
        case "white space":
            spot = draw(st.sampled_from([at for at, one in enumerate(NOTE) if one == "\n"] + [0, len(NOTE)]))
            return NOTE[:spot] + draw(SPACE) + NOTE[spot:]
        case "other ends of lines":
            return NOTE.replace("\n", draw(st.sampled_from(("\r\n", "\r", "\u2028", "\x85"))))
        case "a line missing":
            lines = NOTE.split("\n")
            del lines[draw(st.integers(0, len(lines) - 1))]
            return "\n".join(lines)
        case "a dash of another kind":
            return NOTE.replace("— ", draw(st.sampled_from(("- ", "– ", "—", "―", "--", ""))))
        case "an empty line more":
            return NOTE.replace("\n\n", "\n\n\n") if draw(st.booleans()) else NOTE + "\n"
        case "signed for a key's name that is not ours":
            return signed(BODY + "\n", name=draw(st.from_regex(r"[a-z]{3,9}\\.example/x", fullmatch=True)))
    raise AssertionError(kind)


FORGERIES = (
    *("wrong key", "wrong key, right key id", "another key id", "wrong origin", "wrong origin, signed"),
    *(
        "wrong size",
        "wrong root",
        "no number, signed",
        "root of another length, signed",
        "malformed base64, signed",
    ),
    *(
        "malformed base64 of the signature",
        "signature of another length",
        "a wrong signature beside the right one",
    ),
    *(
        "a line that is no signature",
        "white space",
        "other ends of lines",
        "a line missing",
        "a dash of another kind",
    ),
    *("an empty line more", "signed for a key's name that is not ours"),
)


def forge_well(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(FORGERIES))
    forged = _structured(data, kind)
    assert forged != NOTE
    assert believed(forged) is None, kind


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_no_forged_note_is_believed(data: st.DataObject) -> None:
    forge(data)


@settings(deadline=None, max_examples=500)
@given(st.data())
def test_no_note_that_is_forged_by_who_knows_the_format_is_believed(data: st.DataObject) -> None:
    forge_well(data)


@pytest.mark.soak
@settings(deadline=None, max_examples=10_000)
@given(st.data())
def test_none_of_ten_thousand_forged_notes_is_believed(data: st.DataObject) -> None:
    forge(data)


@pytest.mark.soak
@settings(deadline=None, max_examples=10_000)
@given(st.data())
def test_none_of_ten_thousand_well_forged_notes_is_believed(data: st.DataObject) -> None:
    forge_well(data)
