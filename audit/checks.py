"""System checks of the ledger's signing key."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks

from audit import signing


def register() -> None:
    """Add the check to those that run before every server and most commands."""
    checks.register(ledger_key)


def ledger_key(**_: Any) -> list[checks.CheckMessage]:
    """There is a key that signs checkpoints, closed to others, and no demonstration one outside DEBUG."""
    if not settings.LEDGER_KEY_FILE:
        return [
            checks.Warning(
                "LEDGER_KEY_FILE is not set, so no checkpoint is signed and nobody outside can tell whether the ledger "
                "was rewritten. Make a key with `manage.py generate_ledger_key --output FILE`.",
                id="audit.W001",
            )
        ]
    try:
        keys = signing.load()
    except signing.NoSigningKey as error:
        return [checks.Error(str(error), id="audit.E001")]
    if keys.demonstration and not settings.DEBUG:
        return [
            checks.Error(
                f"The ledger's key file {settings.LEDGER_KEY_FILE} is a demonstration one. Make a key of your own with "
                "`manage.py generate_ledger_key --output FILE`, or set DEBUG=true.",
                id="audit.E002",
            )
        ]
    return []
