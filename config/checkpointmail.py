"""Checkpoints go to addresses outside Information Technology's control, through the outbox."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from audit.models import Checkpoint
from employees import outbox


def made(*, checkpoint: Checkpoint, **_: Any) -> None:
    """Queue the note for each address, in the transaction that keeps the checkpoint."""
    outbox.queue(
        settings.LEDGER_CHECKPOINT_TO,
        subject=f"Checkpoint of {checkpoint.size} entries",
        text="Keep this mail where nobody who runs the system can change it. With the lines below anybody can prove "
        f"later that no entry before them was changed; see docs/verify-an-export.md.\n\n{checkpoint.note}",
        urgent=True,
    )
