"""Known neighbours: accounts near the City's that belong to somebody else, so that verify can say whose they are."""

from __future__ import annotations

from django.db import IntegrityError

from accounts import canonical
from accounts.models import Account, Neighbour, Platform
from audit import clock, text
from audit.actions import Verb
from audit.errors import Invalid, Stale
from audit.ledger import act, record, service
from employees import authority
from employees.models import Employee, Office, Role


def keeps(person: Employee) -> bool:
    """Whether the person keeps the list: Public Information, and the PI Director."""
    return authority.has_role(person, Role.Name.PUBLIC_INFORMATION) or bool(
        authority.holds(person, Office.Kind.PI_DIRECTOR)
    )


@service
def add(*, actor: Employee, platform: Platform, address: str, owner: str) -> Neighbour:
    """List the account that `address` (or a handle) names as `owner`'s. Raises NotPermitted, Invalid."""
    authority.require(keeps(actor), "Public Information and the PI Director keep the list of neighbours.")
    identity = canonical.identify(platform.slug, address, posts=True, field="address")
    ours = Account.objects.live().filter(platform=platform, key=identity.key).first()
    if ours is not None:
        reason = f"{ours.display} is in the City's own registry."
        raise Invalid(reason, fields={"address": reason})
    row = Neighbour(
        platform=platform,
        handle=identity.handle,
        key=identity.key,
        url=identity.url,
        owner=text.clean_line(owner, field="owner", max_length=200),
        added_by=actor,
        added_at=clock.now(),
    )
    try:
        with act():
            row.save()
    except IntegrityError:
        reason = f"{row.shown} on {platform.name} is on the list already."
        raise Invalid(reason, fields={"address": reason}) from None
    record(Verb.NEIGHBOUR_ADD, actor=actor, obj=row, facts=[row])
    return row


@service
def remove(*, actor: Employee, neighbour: Neighbour) -> Neighbour:
    """Take it off the list. Raises NotPermitted, Stale."""
    authority.require(keeps(actor), "Public Information and the PI Director keep the list of neighbours.")
    now = clock.now()
    if Neighbour.objects.filter(pk=neighbour.pk, removed_at=None).update(removed_at=now) != 1:
        raise Stale("It is off the list already.")
    neighbour.removed_at = now
    record(Verb.NEIGHBOUR_REMOVE, actor=actor, obj=neighbour, facts=[neighbour])
    return neighbour
