"""Who was turned away from what. Signed-in people get entries; whoever is not signed in is only counted.

A flood of either stays small: beyond a bound, denials are counted in the security log, which is thrown away in time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import Http404

from audit import clock, locks, security
from audit.actions import Verb
from audit.ledger import Recordable, Ref, record, service
from audit.models import Entry, SecurityEvent

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
LONGEST = 12
"""Of a value in the address that an entry repeats: an id or a request's number, no token."""


class Hidden(Http404):
    """It is there, and who asked may not know: answered like what isn't there, and written down as a denial."""


def absent(*, hidden: object) -> Http404:
    """What to raise when somebody may not see a thing (`hidden` is true: it exists) or there is none."""
    return Hidden() if hidden else Http404()


@service
def record_denial(
    *,
    actor: Recordable,
    method: str,
    view: str,
    pattern: str,
    address: str = "",
    status: int = 403,
    of: Mapping[str, Any] | None = None,
) -> bool:
    """Write down that `actor` was turned away from `pattern`, an URL pattern, never what the address asked for.

    `of` are the values in the address; ids and numbers among them are kept. Beyond DENIALS_ALIKE_A_MINUTE of one
    pattern and method, or DENIALS_A_MINUTE of all, it is counted instead. Returns whether it became an entry.
    """
    who = actor.audit_ref()
    locks.hold(locks.DENIALS + int(who.id))
    obj = Ref(
        "audit.address", view[:40] or "?", f"{method if method in METHODS else 'other'} /{pattern}"[:400]
    )
    if _is_flood(who, obj):
        security.count(
            actor=None, kind=SecurityEvent.Kind.DENIED_AGAIN, about=f"{who.type} {who.id}", address=address
        )
        return False
    kept = {name: str(value) for name, value in (of or {}).items() if _is_number(str(value))}
    record(Verb.ACCESS_DENY, actor=actor, obj=obj, status=status, of=kept)
    return True


def _is_flood(who: Ref, obj: Ref) -> bool:
    minute = Entry.objects.filter(
        actor_id=who.id, verb=Verb.ACCESS_DENY, at__gt=clock.now() - timedelta(minutes=1)
    )
    texts = list(minute.values_list("object_text", flat=True))
    most_alike: int = settings.DENIALS_ALIKE_A_MINUTE
    most: int = settings.DENIALS_A_MINUTE
    return texts.count(obj.text) >= most_alike or len(texts) >= most


def _is_number(text: str) -> bool:
    digits = text.replace("-", "")
    return len(text) <= LONGEST and digits.isascii() and digits.isdecimal()
