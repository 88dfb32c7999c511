"""System checks of the vault's key file: no server starts without a key of its own."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks

from credentials import keyring


def register() -> None:
    """Add the check to those that run before every server and most commands."""
    checks.register(vault_key)


def vault_key(**_: Any) -> list[checks.CheckMessage]:
    """The key file is there, closed to others, well formed, and no demonstration one outside DEBUG."""
    try:
        keys = keyring.load()
    except keyring.NoKeys as error:
        return [checks.Error(str(error), id="credentials.E001")]
    if keys.demonstration and not settings.DEBUG:
        return [
            checks.Error(
                f"The vault's key file {settings.VAULT_KEYS_FILE} is a demonstration one. Make a key of your own with "
                "`manage.py generate_vault_key --output FILE`, or set DEBUG=true.",
                id="credentials.E002",
            )
        ]
    return []
