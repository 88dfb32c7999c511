"""The security log: what failed without sign-in, counted by hour and thrown away in time. The ledger it is not."""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.utils.crypto import salted_hmac

from audit import clock
from audit.ledger import Recordable, service
from audit.models import SecurityEvent

ROWS_AN_HOUR = 500
"""Rows of one kind and hour. What comes beyond them is counted in one row without name and address."""


def hashed(text: str) -> str:
    """What somebody typed as a name, so that the same is recognised and nobody reads it: some type a password."""
    return salted_hmac("audit.security", text.strip().casefold()).hexdigest()[:40]


@service
def count(*, actor: Recordable | None, kind: SecurityEvent.Kind, about: str = "", address: str = "") -> None:
    """Add one to the row of this hour. At most ROWS_AN_HOUR rows, whatever somebody tries."""
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    place = network(address)
    if _add(hour, kind, about, place):
        return
    if SecurityEvent.objects.filter(hour=hour, kind=kind).count() >= ROWS_AN_HOUR:
        about = place = ""
    SecurityEvent.objects.bulk_create(
        [SecurityEvent(hour=hour, kind=kind, about=about, address=place)], ignore_conflicts=True
    )
    _add(hour, kind, about, place)


def _add(hour: datetime, kind: str, about: str, address: str) -> bool:
    rows = SecurityEvent.objects.filter(hour=hour, kind=kind, about=about, address=address)
    return bool(rows.update(count=F("count") + 1))


def network(address: str) -> str:
    """The address; of IPv6 the /64, because one household has all of it. Empty for what is no address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found.packed, 64), strict=False))
    return str(found)


@service
def prune(*, actor: Recordable | None) -> int:
    """Throw away what is older than SECURITY_LOG_DAYS. Returns the number of rows."""
    before = clock.now() - timedelta(days=settings.SECURITY_LOG_DAYS)
    return SecurityEvent.objects.filter(hour__lt=before).delete()[0]
