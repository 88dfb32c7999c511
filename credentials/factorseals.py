"""Seeds of second factors, sealed with the vault's keys, each to its person. Nothing else is this room's business.

The text carries the id of its key before a colon; inside lie the person's id and the name under which it is kept, so
that a seed hung up at somebody else's row, or at another place of the same row, opens nothing.

django-allauth seals before there is a row and opens without saying whose row it was. So what comes from `seal` is tied
to nobody until its row is saved, and what a row carries remembers in memory which row that was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.views.decorators.debug import sensitive_variables

from credentials import keyring

SEALED = ("secret", "seed")
"""Names under which an authenticator keeps what is sealed."""

KEY_ID = re.compile("[0-9a-f]{16}")


class Loose(str):
    """Sealed a moment ago, and not tied to anybody yet. Never kept."""

    __slots__ = ()


class Hung(str):
    """What lies at a row, with whose row that is and under which name: not yet opened, so not yet believed."""

    person: int | None = None
    name: str = ""


@sensitive_variables()
def seal(text: str) -> str:
    """Raises VaultUnavailable."""
    return Loose(_close(text, None, ""))


@sensitive_variables()
def unseal(text: str) -> str:
    """What a row carries, if it was sealed for that row's person. Raises VaultUnavailable: no such key, or changed."""
    if isinstance(text, Hung) and text.person is not None:
        return _open(text, text.person, text.name)
    raise keyring.VaultUnavailable("A second factor's seed does not open: nobody knows whose it is.")


def hung_up(sender: Any, *, instance: Authenticator, **_: Any) -> None:
    """A row was read or made: its seeds are opened as its person's, or not at all."""
    if "data" not in instance.__dict__ or "user_id" not in instance.__dict__ or instance.pk is None:
        return
    _hang(instance)


def tied(sender: Any, *, instance: Authenticator, raw: bool = False, **_: Any) -> None:
    """A row is about to be saved: what was sealed a moment ago is tied to its person."""
    if raw or not isinstance(instance.data, dict):
        return
    for name in SEALED:
        text = instance.data.get(name)
        if isinstance(text, Loose):
            instance.data[name] = _close(_open(text, None, ""), instance.user_id, name)
        elif isinstance(text, Hung) and text.person != instance.user_id:
            raise keyring.VaultUnavailable("A second factor's seed is somebody else's.")
    _hang(instance)


@sensitive_variables()
def reseal() -> int:
    """Seal every seed with the newest key; gives how many changed. For a rotation of the vault's keys."""
    newest, changed = keyring.load().newest.id, 0
    for row in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN):
        old = {name: row.data[name] for name in SEALED if name in row.data}
        stale = {name: text for name, text in old.items() if not text.startswith(f"{newest}:")}
        if stale:
            row.data.update({name: seal(unseal(text)) for name, text in stale.items()})
            row.save(update_fields=["data"])
            changed += 1
    return changed


@sensitive_variables()
def examine(keys: keyring.Keyring) -> Iterator[keyring.VaultUnavailable | None]:
    """Open every seed and show none: None for one that opens, else what is wrong with it, and whose it is.

    A WrongKey names nobody: every seed under that key is as shut.
    """
    rows = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).select_related("user")
    for row in rows.order_by("pk").iterator(chunk_size=1000):
        names = [name for name in SEALED if name in row.data]
        if row.type == Authenticator.Type.TOTP and "secret" not in names:
            yield keyring.VaultUnavailable(f"{_whose(row)}: there is no seed.")
        for name in names:
            try:
                _open(str(row.data[name]), row.user_id, name, keys)
            except keyring.WrongKey as trouble:
                yield trouble
            except keyring.VaultUnavailable as trouble:
                yield keyring.VaultUnavailable(f"{_whose(row)}: {trouble}")
            else:
                yield None


def _whose(row: Authenticator) -> str:
    return f"second factor of employee {getattr(row.user, 'employee_number', row.user_id)}"


def _hang(row: Authenticator) -> None:
    if not isinstance(row.data, dict):
        return
    for name in SEALED:
        text = row.data.get(name)
        if isinstance(text, str) and not isinstance(text, Hung | Loose):
            hung = Hung(text)
            hung.person, hung.name = row.user_id, name
            row.data[name] = hung


@sensitive_variables()
def _close(text: str, person: int | None, name: str) -> str:
    key = keyring.load().newest
    inside = json.dumps([person, name, text])
    return f"{key.id}:{key.fernet.encrypt(inside.encode()).decode()}"


@sensitive_variables()
def _open(sealed: str, person: int | None, name: str, keys: keyring.Keyring | None = None) -> str:
    key_id, _colon, token = str(sealed).partition(":")
    if not KEY_ID.fullmatch(key_id):
        raise keyring.VaultUnavailable("A second factor's seed does not open: it was changed.")
    try:
        whose, where, text = json.loads((keys or keyring.load()).key(key_id).fernet.decrypt(token.encode()))
    except (InvalidToken, ValueError, TypeError):
        raise keyring.VaultUnavailable("A second factor's seed does not open: it was changed.") from None
    if (whose, where) != (person, name):
        raise keyring.VaultUnavailable(
            "A second factor's seed does not open: it was sealed for somebody else."
        )
    return str(text)
