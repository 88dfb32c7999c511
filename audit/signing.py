"""The key that signs checkpoints: a file of its own, apart from the vault's keys and from the database.

One key a line, the newest first; lines that begin with `#` are comments. The first signing key signs. Below it may
stand older ones, or their verifier keys alone: what they signed is still believed.
"""

from __future__ import annotations

import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from audit import notes
from audit.errors import Refused

DEMONSTRATION = "# demonstration"


class NoSigningKey(Refused):
    """No checkpoint can be signed now. The text says what is wrong and never holds a key."""


@dataclass(frozen=True, repr=False)
class Keys:
    """Who signs, and whose signatures are believed."""

    signer: notes.Signer
    verifiers: tuple[notes.Verifier, ...]
    demonstration: bool = False


def load(path: str | Path | None = None) -> Keys:
    """Read the key file. Raises NoSigningKey, saying how to mend it."""
    name = str(path or settings.LEDGER_KEY_FILE)
    if not name:
        raise NoSigningKey(
            "LEDGER_KEY_FILE is not set. Make a key with `manage.py generate_ledger_key --output FILE`."
        )
    try:
        with open(name, "rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            lines = file.read(100_000).decode("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise NoSigningKey(f"The ledger's key file {name} cannot be read ({type(error).__name__}).") from None
    if mode & 0o077:
        raise NoSigningKey(
            f"The ledger's key file {name} is open to others (mode {mode:04o}). Run `chmod 600 {name}`."
        )
    signers: list[notes.Signer] = []
    verifiers: list[notes.Verifier] = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        try:
            if text.startswith("PRIVATE+"):
                signers.append(notes.signer(text))
                verifiers.append(signers[-1].verifier)
            else:
                verifiers.append(notes.verifier(text))
        except notes.WrongNote:
            # `from None`: the cause could tell of the line.
            raise NoSigningKey(f"Line {number} of the ledger's key file {name} is not a key.") from None
    if not signers:
        raise NoSigningKey(f"The ledger's key file {name} holds no signing key.")
    return Keys(signers[0], tuple(verifiers), any(line.startswith(DEMONSTRATION) for line in lines))


def generate(path: str | Path, *, name: str, demonstration: bool = False) -> notes.Verifier:
    """Make a key for the log `name` in a new file of mode 0600. Raises FileExistsError, ValueError for the name."""
    if not notes.is_name(name):
        raise ValueError(f"{name!r} is no name for a log: no spaces and no plus sign.")
    signer = notes.Signer(name, secrets.token_bytes(notes.SEED))
    head = f"{DEMONSTRATION}: not for a real installation\n" if demonstration else ""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"{head}{signer.spelt()}\n")
    return signer.verifier


def default_name() -> str:
    """What the City's log is called where nobody says otherwise."""
    return f"{settings.CITY_WEBSITE}/official-accounts"
