"""Sessions of people, ended when what they came in with is gone: separation, a lost seat, a reset second factor."""

from __future__ import annotations

from collections.abc import Iterable

from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session

from audit import clock
from employees.kinds import batches


def end(people: Iterable[int]) -> int:
    """End every session of these people (ids); gives how many. Called within the service that makes it necessary."""
    ids = {str(pk) for pk in people}
    if not ids:
        return 0
    living = Session.objects.filter(expire_date__gt=clock.now()).iterator(chunk_size=1000)
    keys = [session.pk for session in living if session.get_decoded().get(SESSION_KEY) in ids]
    Session.objects.filter(pk__in=keys).delete()
    for some in batches(sorted(int(pk) for pk in ids)):
        UserSession.objects.filter(user__in=some).delete()
    return len(keys)
