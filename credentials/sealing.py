"""Sealing one value with Fernet so that it opens only where it belongs.

Fernet has no associated data, so the plaintext carries its context (installation, purpose, item, version, number) and
opening compares the whole of it: a token copied to another row, account or installation does not open. Plaintexts are
padded to 256-byte blocks, because a Fernet token gives the length away.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass

from cryptography.fernet import InvalidToken

from audit import installation
from credentials import keyring
from credentials.keyring import VaultUnavailable
from credentials.models import SecretVersion

PURPOSE = "official-accounts/secret-version/1"
BLOCK = 256


class Damaged(VaultUnavailable):
    """The sealed row was changed, or belongs elsewhere."""


@dataclass(frozen=True)
class Sealed:
    """A token and the id of the key that made it."""

    token: bytes
    key_id: str


def seal(version: SecretVersion, value: str) -> Sealed:
    """Seal `value` for `version`, whose id, item and number must be known. Raises VaultUnavailable."""
    key = keyring.load().newest
    text = json.dumps(
        {"context": _context(version), "value": value}, sort_keys=True, ensure_ascii=False
    ).encode()
    padded = text.ljust(-(-len(text) // BLOCK) * BLOCK)
    return Sealed(key.fernet.encrypt(padded), key.id)


def unseal(version: SecretVersion) -> str:
    """The value of `version`.

    Raises WrongKey when the key is not in the key file and Damaged when the row was changed or belongs elsewhere.
    """
    key = keyring.load().key(version.key_id)
    damaged = Damaged(f"Version {version.number} ({version.pk}) is damaged: it does not open in its place.")
    token = bytes(version.token)
    try:
        # Fernet skips characters that are not base64; the token must be exactly the one that was written.
        if base64.urlsafe_b64encode(base64.urlsafe_b64decode(token)) != token:
            raise damaged
        content = json.loads(key.fernet.decrypt(token))
    except (InvalidToken, binascii.Error, ValueError):
        raise damaged from None
    if content.get("context") != _context(version):
        raise damaged
    value = content["value"]
    assert isinstance(value, str)
    return value


def _context(version: SecretVersion) -> dict[str, str | int]:
    return {
        "installation": str(installation.current().pk),
        "purpose": PURPOSE,
        "item": version.item_id,
        "version": str(version.pk),
        "number": version.number,
    }
