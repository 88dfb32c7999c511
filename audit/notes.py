"""Signed notes and checkpoints as the C2SP specifications `signed-note` and `tlog-checkpoint` want them, with Ed25519.

hutchgov.com/official-accounts          the log's name
1824                                    entries
9VvdEDbI…=                              root hash, base64

— hutchgov.com/official-accounts 7cX…=  key id (four bytes) and signature, base64
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ED25519 = b"\x01"
"""What stands before a key to say which kind it is."""

LARGEST = 10_000
"""Characters of a note that are looked at: ours have some two hundred."""

SIZE = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)
NAME = re.compile(r"[^\s+]{1,200}")
SEED = 32


class WrongNote(ValueError):
    """The text is no checkpoint, or nobody whose key is known has signed it."""


@dataclass(frozen=True)
class Checkpoint:
    """A log's name, how many entries it held, and their root hash."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True)
class Verifier:
    """A public key and the log's name that it stands for."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def spelt(self) -> str:
        """As C2SP spells a verifier key: `name+key id+base64`."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    def pem(self) -> str:
        """As openssl reads it."""
        key = Ed25519PublicKey.from_public_bytes(self.public)
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def holds(self, text: str, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, repr=False)
class Signer:
    """A private key and the log's name that it signs for."""

    name: str
    seed: bytes

    def __repr__(self) -> str:
        return f"Signer({self.name!r})"

    @property
    def verifier(self) -> Verifier:
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        return Verifier(self.name, public.public_bytes(Encoding.Raw, PublicFormat.Raw))

    def spelt(self) -> str:
        """As golang.org/x/mod/sumdb/note spells a signer key. It is the secret."""
        encoded = base64.b64encode(ED25519 + self.seed).decode()
        return f"PRIVATE+KEY+{self.name}+{self.verifier.key_id.hex()}+{encoded}"

    def sign(self, checkpoint: Checkpoint) -> str:
        """The note: the checkpoint's text and this key's signature."""
        text = checkpoint.text()
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())
        signed = base64.b64encode(self.verifier.key_id + signature).decode()
        return f"{text}\n— {self.name} {signed}\n"


def verifier(spelling: str) -> Verifier:
    """The key that a C2SP verifier key spells. Raises WrongNote."""
    name, key_id, key = _parts(spelling, 3)
    found = Verifier(name, _key(key))
    if found.key_id.hex() != key_id:
        raise WrongNote(f"The key id {key_id} does not belong to this name and key.")
    return found


def signer(spelling: str) -> Signer:
    """The key that a signer key spells. Raises WrongNote, which never repeats it."""
    if not spelling.startswith("PRIVATE+KEY+"):
        raise WrongNote("This is no signing key.")
    name, key_id, key = _parts(spelling.removeprefix("PRIVATE+KEY+"), 3)
    found = Signer(name, _key(key))
    if found.verifier.key_id.hex() != key_id:
        raise WrongNote(f"The key id {key_id} does not belong to this name and key.")
    return found


def is_name(name: str) -> bool:
    """Whether a log may be called so: something without spaces and plus signs."""
    return bool(NAME.fullmatch(name))


def _parts(spelling: str, count: int) -> list[str]:
    parts = spelling.strip().split("+", count - 1)
    if len(parts) != count or not is_name(parts[0]):
        raise WrongNote("This is no key: expected name+key id+base64.")
    return parts


def _key(encoded: str) -> bytes:
    raw = exact_base64(encoded)
    if raw[:1] != ED25519 or len(raw) != 1 + SEED:
        raise WrongNote("This is no Ed25519 key.")
    return raw[1:]


def exact_base64(text: str) -> bytes:
    """The bytes of `text`, which must be the one spelling that they have. Raises WrongNote."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise WrongNote("This is not base64.") from None
    if base64.b64encode(raw).decode() != text:
        raise WrongNote("This is not base64 as it is written.")
    return raw


def read(note: str) -> Checkpoint:
    """What a note says, whoever signed it. Raises WrongNote."""
    return _checkpoint(_split(note)[0])


def opened(note: str, verifiers: Iterable[Verifier]) -> Checkpoint:
    """What a note says that one of `verifiers` has signed.

    Signatures of others (witnesses, say) are passed over; a wrong one of a known key is none. Raises WrongNote.
    """
    text, lines = _split(note)
    known = {(one.name, one.key_id): one for one in verifiers}
    signed: set[Verifier] = set()
    for line in lines:
        name, key_id, signature = _signature(line)
        key = known.get((name, key_id))
        if key is None:
            continue
        if not key.holds(text, signature):
            raise WrongNote(f"The signature of {name} does not hold.")
        signed.add(key)
    checkpoint = _checkpoint(text)
    if not any(key.name == checkpoint.origin for key in signed):
        raise WrongNote("No known key of this log has signed it.")
    return checkpoint


def _split(note: str) -> tuple[str, list[str]]:
    if len(note) > LARGEST:
        raise WrongNote("This is too long for a checkpoint.")
    if any(character < " " and character != "\n" for character in note):
        raise WrongNote("There are control characters in it.")
    text, empty, signatures = note.rpartition("\n\n")
    if not empty or not signatures.endswith("\n"):
        raise WrongNote("There are no signatures beneath an empty line.")
    return f"{text}\n", signatures[:-1].split("\n")


def _signature(line: str) -> tuple[str, bytes, bytes]:
    if not line.startswith("— "):
        raise WrongNote("A line among the signatures is none.")
    name, space, encoded = line.removeprefix("— ").partition(" ")
    raw = exact_base64(encoded)
    if not space or not is_name(name) or len(raw) < 5:
        raise WrongNote("A line among the signatures is none.")
    return name, raw[:4], raw[4:]


def _checkpoint(text: str) -> Checkpoint:
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not lines[0] or not all(lines[:-1]):
        raise WrongNote("A checkpoint has a name, a size and a root hash, each in its line.")
    origin, size, encoded = lines[:3]
    root = exact_base64(encoded)
    if not SIZE.fullmatch(size) or len(root) != 32:
        raise WrongNote("The size is no number, or the root hash has not 32 bytes.")
    return Checkpoint(origin, int(size), root)
