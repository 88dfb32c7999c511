"""Whether a password was used before, on any account, without keeping it in the clear.

Each password's version carries an HMAC-SHA256 of it. The key is made at random once and lies sealed in the vault like
a secret: whoever has the tables alone can try no guesses, a rotation of the vault's keys changes no digest, and there
is no second file to lose.
"""

from __future__ import annotations

import hmac
import secrets

from django.db import IntegrityError
from django.views.decorators.debug import sensitive_variables

from audit.ledger import service
from credentials import sealing, seals
from credentials.models import DigestKey, SecretVersion


@sensitive_variables()
def of(value: str) -> str:
    """The digest of a password: 64 hexadecimal digits. Called within a service. Raises VaultUnavailable."""
    row = DigestKey.objects.first()
    if row is None:
        try:
            row = _make()
        except IntegrityError:  # somebody else was first
            row = DigestKey.objects.get()
    return hmac.digest(bytes.fromhex(sealing.unseal(row)), value.encode(), "sha256").hex()


@service
def _make() -> DigestKey:
    row = DigestKey()
    sealing.seal(row, secrets.token_hex(32))
    row.save(force_insert=True)
    seals.tell({str(row.pk): 1}, actor=None, key_id=row.key_id)
    return row


def used_before(digest: str) -> bool:
    """Whether any version of any account has this digest."""
    return SecretVersion.objects.exclude(digest="").filter(digest=digest).exists()
