"""What this room tells those to its right; sent inside the act's transaction. All carry `actor`."""

from django.dispatch import Signal

accounts_opened = Signal()
"""Accounts came to be. `accounts`: list[Account]. `reason`: str."""

accounts_changed = Signal()
"""Department, state or named designees of accounts changed. `accounts`: list[Account]. `reason`: str."""

account_activated = Signal()
"""An account became active. `account`: Account."""

profile_completed = Signal()
"""A look at an account's profile found everything in order. `account`: Account."""
