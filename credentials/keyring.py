"""The vault's keys: a file outside the database, one Fernet key a line, newest first.

Lines that begin with `#` are comments; one that says `demonstration` marks a file that no real installation may use.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet
from django.conf import settings

DEMONSTRATION = "# demonstration"


class VaultUnavailable(Exception):
    """No secret can be opened or sealed now. The text says which key or row, and never holds a secret."""


class NoKeys(VaultUnavailable):
    """There is no usable key file."""


class WrongKey(VaultUnavailable):
    """The row was sealed with a key that the key file does not hold."""


@dataclass(frozen=True)
class Key:
    """One Fernet key and the id that is stored beside what it sealed."""

    id: str
    fernet: Fernet


@dataclass(frozen=True)
class Keyring:
    """The keys, newest first. The first one seals."""

    keys: tuple[Key, ...]
    demonstration: bool

    @property
    def newest(self) -> Key:
        return self.keys[0]

    def key(self, key_id: str) -> Key:
        """The key with this id. Raises WrongKey."""
        for key in self.keys:
            if key.id == key_id:
                return key
        raise WrongKey(
            f"The key {key_id} is not in the vault's key file. Put that key back; "
            f"the file holds {', '.join(key.id for key in self.keys)}."
        )


def key_id(key: bytes) -> str:
    """16 hexadecimal digits that tell keys apart and give nothing of them away."""
    return hashlib.sha256(b"official-accounts vault key id\x00" + key).hexdigest()[:16]


def load(path: str | Path | None = None) -> Keyring:
    """Read the key file. Raises NoKeys, saying what is wrong with it and how to mend it."""
    name = str(path or settings.VAULT_KEYS_FILE)
    if not name:
        raise NoKeys(
            "VAULT_KEYS_FILE is not set. Make a key with `manage.py generate_vault_key --output FILE`."
        )
    try:
        with open(name, "rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            lines = file.read().decode("ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise NoKeys(f"The vault's key file {name} cannot be read ({type(error).__name__}).") from None
    if mode & 0o077:
        raise NoKeys(
            f"The vault's key file {name} is open to others (mode {mode:04o}). Run `chmod 600 {name}`."
        )
    keys = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        try:
            keys.append(Key(key_id(text.encode()), Fernet(text)))
        except ValueError:
            # `from None`: the cause would print the line.
            raise NoKeys(f"Line {number} of the vault's key file {name} is not a Fernet key.") from None
    if not keys:
        raise NoKeys(f"The vault's key file {name} holds no key.")
    return Keyring(tuple(keys), any(line.startswith(DEMONSTRATION) for line in lines))
