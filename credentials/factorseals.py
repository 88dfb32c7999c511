"""Seeds of second factors, sealed with the vault's keys. Nothing else about them is this room's business.

The text carries the id of its key before a colon. Unlike secrets of accounts, a seed is sealed without the row it
belongs to: django-allauth seals before there is a row.
"""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.views.decorators.debug import sensitive_variables

from credentials import keyring

SEALED = ("secret", "seed")
"""Names under which an authenticator keeps what is sealed."""


@sensitive_variables()
def seal(text: str) -> str:
    """Raises VaultUnavailable."""
    key = keyring.load().newest
    return f"{key.id}:{key.fernet.encrypt(text.encode()).decode()}"


@sensitive_variables()
def unseal(text: str) -> str:
    """Raises VaultUnavailable: no such key, or not what was sealed."""
    key_id, _colon, token = text.partition(":")
    try:
        return keyring.load().key(key_id).fernet.decrypt(token.encode()).decode()
    except InvalidToken:
        raise keyring.VaultUnavailable("A second factor's seed does not open: it was changed.") from None


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
