"""The vault's keys: a file outside the database, one Fernet key a line, newest first.

Where they come from is a `Provider`'s business: today a file (a Docker secret is one, too) or a credential that systemd
hands to the service. Lines that begin with `#` are comments; one that says `demonstration` marks a file that no real
installation may use.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.fernet import Fernet
from django.conf import settings

DEMONSTRATION = "# demonstration"


class VaultUnavailable(Exception):
    """No secret can be opened or sealed now. The text says which key or row, and never holds a secret."""


class NoKeys(VaultUnavailable):
    """There is no usable key file."""


class WrongKey(VaultUnavailable):
    """The row was sealed with a key that the key file does not hold: the one with the id `key_id`."""

    def __init__(self, text: str, key_id: str = "") -> None:
        super().__init__(text)
        self.key_id = key_id


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
            f"the file holds {', '.join(key.id for key in self.keys)}.",
            key_id,
        )


class Provider(Protocol):
    """Where keys come from. A hardware module or a key service would be another one."""

    def load(self) -> Keyring:
        """The keys. Raises NoKeys, saying what is wrong and how to mend it."""
        ...

    def stamp(self) -> object:
        """Equal as long as the keys are the same, and cheap. None where there are none."""
        ...


@dataclass(frozen=True)
class KeyFile:
    """A file that nobody but its owner may read; the owner is the service or root."""

    path: str
    forbidden: int = 0o077

    def load(self) -> Keyring:
        """Read the file. Raises NoKeys."""
        name = self.path
        try:
            with open(name, "rb") as file:
                status = os.fstat(file.fileno())
                lines = file.read().decode("ascii").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise NoKeys(f"The vault's key file {name} cannot be read ({type(error).__name__}).") from None
        mode = stat.S_IMODE(status.st_mode)
        if mode & self.forbidden:
            raise NoKeys(
                f"The vault's key file {name} is open to others (mode {mode:04o}). Run `chmod 600 {name}`."
            )
        if status.st_uid not in (0, os.geteuid()):
            raise NoKeys(f"The vault's key file {name} belongs to somebody else (uid {status.st_uid}).")
        return _parse(name, lines)

    def stamp(self) -> object:
        """The file's identity, size and times."""
        try:
            status = os.stat(self.path)
        except OSError:
            return None
        return self.path, status.st_ino, status.st_size, status.st_mtime_ns, status.st_mode


@dataclass(frozen=True)
class SystemdCredential(KeyFile):
    """A credential of systemd, in a folder that it opens for the service alone.

    It gives the service's user access by an ACL, whose mask shows as the group's right to read.
    """

    forbidden: int = 0o037


def _parse(name: str, lines: list[str]) -> Keyring:
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


def key_id(key: bytes) -> str:
    """16 hexadecimal digits that tell keys apart and give nothing of them away."""
    return hashlib.sha256(b"official-accounts vault key id\x00" + key).hexdigest()[:16]


def provider(path: str | Path | None = None) -> Provider:
    """Where the keys are: at `path`, else where the settings say. Raises NoKeys when they say nothing."""
    name = str(path or settings.VAULT_KEYS_FILE)
    if not name:
        raise NoKeys(
            "VAULT_KEYS_FILE is not set. Make a key with `manage.py generate_vault_key --output FILE`."
        )
    credentials = os.environ.get("CREDENTIALS_DIRECTORY", "")
    if credentials and Path(name).is_relative_to(credentials):
        return SystemdCredential(name)
    return KeyFile(name)


def load(path: str | Path | None = None) -> Keyring:
    """The keys now: read anew each time, so that a changed file counts at once. Raises NoKeys."""
    return provider(path).load()
