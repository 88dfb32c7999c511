"""Sealing one value with Fernet so that it opens only where it belongs.

Fernet has no associated data, so the plaintext carries its context and opening compares the whole of it: the
installation, a purpose, the row's id, the account and item it belongs to, its version, and how often the row was
sealed. A token copied to another row, account or installation does not open, and neither does an earlier token of the
same row. Plaintexts are padded to 256-byte blocks, because a Fernet token gives the length away.
"""

from __future__ import annotations

import base64
import binascii
import json
import string
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import InvalidToken
from django.views.decorators.debug import sensitive_variables

from audit import installation
from credentials import keyring, seals
from credentials.keyring import Key, Keyring, VaultUnavailable
from credentials.models import DigestKey, Sealed, SealedNote, SecretVersion

BLOCK = 256
ALPHABET = (string.ascii_letters + string.digits + "-_").encode()


class Damaged(VaultUnavailable):
    """The sealed row was changed, or belongs elsewhere."""


class RolledBack(Damaged):
    """The row holds an earlier token of its own."""


@dataclass(frozen=True)
class Bound:
    """What the rows of one model are bound to: a purpose that never changes, and columns, by their lookups."""

    purpose: str
    columns: dict[str, str]

    def context(self, installation_id: str, pk: object, values: dict[str, Any]) -> bytes:
        """The head of the plaintext, in canonical JSON: everything but the counter and the value."""
        bound = {"installation": installation_id, "purpose": self.purpose, "id": str(pk), **values}
        return b'{"context":' + _canonical(bound).encode()


_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode

BOUND: dict[type[Sealed], Bound] = {
    SecretVersion: Bound(
        "official-accounts/secret-version/1",
        {
            "account": "item__credential__account_id",
            "item": "item_id",
            "kind": "item__kind",
            "version": "number",
        },
    ),
    SealedNote: Bound(
        "official-accounts/notes/1", {"account": "credential__account_id", "item": "credential_id"}
    ),
    DigestKey: Bound("official-accounts/digest-key/1", {}),
}


@sensitive_variables()
def seal(row: Sealed, value: str) -> None:
    """Seal `value` into `row`, whose id, place and counter must be known; saves nothing. Raises VaultUnavailable."""
    key = keyring.load().newest
    text = _canonical(value).encode()
    row.token, row.key_id = close(key, context_of(row), row.seal_counter, text), key.id


@sensitive_variables()
def unseal(row: Sealed) -> str:
    """The value of `row`.

    Raises WrongKey when the key is not in the key file, RolledBack when the ledger tells of a later sealing, and
    Damaged when the row was changed or belongs elsewhere.
    """
    expected = seals.told(row.pk)
    if row.seal_counter < expected:
        # Sealed anew since it was read, or put back: the row itself says which.
        row.refresh_from_db(fields=["token", "key_id", "seal_counter"])
        expected = max(expected, seals.told(row.pk))
    # The keys last: a key is in the file before anything is sealed with it.
    return unlock(keyring.load(), row, expected=expected)


@sensitive_variables()
def unlock(keys: Keyring, row: Sealed, *, expected: int) -> str:
    """The value of `row`, which the ledger says was sealed `expected` times. Raises as `unseal` does."""
    if row.seal_counter != expected:
        raise RolledBack(
            f"{spoken(row)} was sealed {expected} times, as the ledger tells, and the row holds token "
            f"{row.seal_counter}: an earlier one was put back."
        )
    try:
        text = reopen(keys.key(row.key_id), stored(row.token), context_of(row), row.seal_counter)
        return str(json.loads(text))
    except Damaged:
        raise Damaged(f"{spoken(row)} is damaged: it does not open in its place.") from None


@sensitive_variables()
def close(key: Key, context: bytes, counter: int, text: bytes) -> bytes:
    """The token of `text`, a value in JSON: `{"context":{…},"seal":…,"value":…}`, canonical, padded to whole blocks.

    Blocks for the context and blocks for the value: else a long context would move the edge over which a short value
    shows its length.
    """
    plain = b'%b,"seal":%d,"value":%b}' % (context, counter, text)
    return key.fernet.encrypt(plain.ljust(_whole(len(text)) + _whole(len(plain) - len(text))))


@sensitive_variables()
def reopen(key: Key, token: bytes, context: bytes, counter: int) -> bytes:
    """The value in `token`, in JSON. Raises Damaged unless it was sealed with `key`, there, and that many times."""
    # Fernet skips characters that are not base64; the token must be exactly the one that was written.
    if token.translate(None, ALPHABET).rstrip(b"=") or len(token) % 4 or b"=" in token[:-2]:
        raise Damaged
    try:
        if base64.urlsafe_b64encode(base64.urlsafe_b64decode(token[-4:])) != token[-4:]:
            raise Damaged
        plain = key.fernet.decrypt(token)
    except (InvalidToken, binascii.Error, ValueError):
        raise Damaged from None
    # Both are canonical, so comparing the bytes compares everything in them.
    head = b'%b,"seal":%d,"value":' % (context, counter)
    if not plain.startswith(head):
        raise Damaged
    return plain.rstrip(b" ")[len(head) : -1]


def stored(token: Any) -> bytes:
    """A token as it lies in its row. SQLite keeps text where text was written: that is damage, and opens nothing."""
    return b"" if isinstance(token, str) else bytes(token)


def _whole(length: int) -> int:
    """`length` up to the next whole block."""
    return -(-length // BLOCK) * BLOCK


def context_of(row: Sealed) -> bytes:
    """What `row` is bound to. Reads its item and credential where they are not loaded."""
    bound = BOUND[type(row)]
    values = {name: _follow(row, lookup) for name, lookup in bound.columns.items()}
    return bound.context(str(installation.current().pk), row.pk, values)


def _follow(row: Any, lookup: str) -> Any:
    for name in lookup.split("__"):
        row = getattr(row, name)
    return row


def spoken(row: Sealed) -> str:
    """Which row, for whoever has to mend it: the secret and its account, never by its content."""
    if isinstance(row, SecretVersion):
        return f"Version {row.number}, {row.item} ({row.pk})"
    if isinstance(row, SealedNote):
        return f"Notes of {row.credential} ({row.pk})"
    return f"{str(row._meta.verbose_name).capitalize()} ({row.pk})"
