"""What this room tells those to its right. Each is sent with `send()` inside the act's transaction.

An exception in a receiver stops the act. All carry `actor` (an Employee, or None for a system job).
"""

from django.dispatch import Signal

seats_changed = Signal()
"""Appointments, designations or employment changed, so entitlements may have.

`departments`: set of department ids whose accounts are touched, or None for all of them (a city-wide office).
`people`: set of ids of the people whose own entitlement or last day changed; they may hold grants on other accounts.
`reason`: a short text that ends up as the reason of custodies that close.
"""

separated = Signal()
"""A person has left. Sent after their appointments, designations and roles ended and before `seats_changed`.

`employee`: the Employee. `last_day`: date.
"""
