"""What this room tells others."""

from django.dispatch import Signal

checkpoint_made = Signal()
"""A checkpoint was signed: `checkpoint` is its row. Sent within its transaction; who mails it queues the mail there."""
