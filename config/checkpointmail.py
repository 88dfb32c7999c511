"""Checkpoints go to addresses outside Information Technology's control, each as soon as it is made."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from audit.models import Checkpoint

logger = logging.getLogger(__name__)


def made(*, checkpoint: Checkpoint, **_: Any) -> None:
    """Mail the note once it is committed. A mail that fails is logged; the note stays published."""
    if settings.LEDGER_CHECKPOINT_TO:
        transaction.on_commit(lambda: _send(checkpoint))


def _send(checkpoint: Checkpoint) -> None:
    domain = settings.DEFAULT_FROM_EMAIL.rstrip(">").rpartition("@")[2] or "localhost"
    mail = EmailMessage(
        f"Official Accounts: checkpoint of {checkpoint.size} entries",
        "Keep this mail, or the attached file, where nobody who runs the system can change it. With it anybody can "
        "prove later that no entry before it was changed (docs/verify-an-export.md).\n\n" + checkpoint.note,
        to=settings.LEDGER_CHECKPOINT_TO,
        headers={
            "Message-ID": f"<checkpoint-{checkpoint.size}-{bytes(checkpoint.root).hex()[:16]}@{domain}>"
        },
    )
    mail.attach(f"checkpoint-{checkpoint.size}", checkpoint.note, "text/plain")
    try:
        mail.send()
    except OSError:
        logger.exception("The checkpoint of %s entries could not be mailed", checkpoint.size)
