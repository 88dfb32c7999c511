"""One-time codes of an account (RFC 6238) from the seed that its platform gave."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from audit.errors import Invalid

ALGORITHMS = ("SHA1", "SHA256", "SHA512")
FEWEST_BYTES = 10


@dataclass(frozen=True)
class Code:
    """The code of a moment, and for how many more seconds the platform takes it. `repr` never shows it."""

    text: str
    seconds: int
    period: int

    def __repr__(self) -> str:
        return f"Code({self.seconds} s)"


@dataclass(frozen=True)
class Seed:
    """What an authenticator app keeps. `repr` never shows the secret."""

    secret: str
    digits: int = 6
    period: int = 30
    algorithm: str = "SHA1"

    def __repr__(self) -> str:
        return f"Seed({self.digits} digits, {self.period} s, {self.algorithm})"

    def dumps(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def loads(cls, text: str) -> Seed:
        return cls(**json.loads(text))

    @sensitive_variables()
    def at(self, moment: datetime) -> Code:
        """The code at `moment`."""
        now = int(moment.timestamp())
        key = base64.b32decode(self.secret + "=" * (-len(self.secret) % 8))
        mac = hmac.digest(key, (now // self.period).to_bytes(8, "big"), self.algorithm.lower())
        start = mac[-1] & 15
        number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFFFFFF
        return Code(
            str(number % 10**self.digits).zfill(self.digits), self.period - now % self.period, self.period
        )


@sensitive_variables()
def parse(text: str) -> Seed:
    """What a platform shows: the letters beneath its picture, or the picture's `otpauth://` address. Raises Invalid."""
    text = text.strip()
    said: dict[str, str] = {"secret": text}
    if "://" in text:
        address = urlsplit(text)
        if (address.scheme, address.netloc) != ("otpauth", "totp"):
            raise _refusal()
        said = {name: values[0] for name, values in parse_qs(address.query).items()}
    secret = "".join(said.get("secret", "").split()).replace("-", "").upper().rstrip("=")
    try:
        known = len(base64.b32decode(secret + "=" * (-len(secret) % 8))) >= FEWEST_BYTES
        seed = Seed(
            secret,
            int(said.get("digits", 6)),
            int(said.get("period", 30)),
            said.get("algorithm", "SHA1").upper(),
        )
    except (binascii.Error, ValueError):
        raise _refusal() from None
    if not known or seed.digits not in (6, 7, 8) or not 10 <= seed.period <= 300:
        raise _refusal()
    if seed.algorithm not in ALGORITHMS:
        raise _refusal()
    return seed


def _refusal() -> Invalid:
    return Invalid(
        _(
            "This is no seed: paste the letters that the platform shows beneath its picture, or its otpauth:// address."
        ),
        fields={"value": "letters A to Z and digits 2 to 7, or an otpauth:// address"},
    )
