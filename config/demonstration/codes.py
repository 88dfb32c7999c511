"""Second factors of the demonstration city: everybody's telephone is a command."""

from __future__ import annotations

import time

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value

from audit import installation
from credentials import factorseals
from employees.models import Employee

PERIOD = 30


class NotADemonstration(Exception):
    """A real installation gives nobody's code away."""


def enrol(person: Employee) -> None:
    """Give `person` an authenticator app whose codes `current` shows."""
    TOTP.activate(person, generate_totp_secret())


def current(email: str) -> tuple[str, int]:
    """The code that opens now, and for how many more seconds. Raises NotADemonstration, Authenticator.DoesNotExist."""
    if not installation.current().demonstration:
        raise NotADemonstration
    row = Authenticator.objects.get(user__email__iexact=email.strip(), type=Authenticator.Type.TOTP)
    now = int(time.time())
    seed = factorseals.unseal(row.data["secret"])
    return format_hotp_value(hotp_value(seed, now // PERIOD)), PERIOD - now % PERIOD
