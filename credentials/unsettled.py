"""What somebody who leaves knows that is not in use yet, or not in the vault: new passwords of open rotations, and what
they changed on a platform without depositing it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit import clock
from credentials import stale
from credentials.dues import Due
from credentials.models import Knowledge, SecretVersion, StaleCopy
from employees import consequences as leaving
from employees.models import Employee


def rows(person: Employee) -> list[list[str]]:
    """For the table of what `person` knows, before they leave. Three queries."""
    seen = Knowledge.objects.filter(person=person, version__state=SecretVersion.State.STAGED)
    hows: dict[UUID, list[Knowledge]] = {}
    for row in seen.order_by("at", "pk"):
        hows.setdefault(row.version_id, []).append(row)
    found = []
    for version in _versions(hows):
        known = hows[version.pk]
        how = ", ".join(dict.fromkeys(str(row.get_how_display()) for row in known))
        what = _("Not in use yet: another one is made in its place")
        found.append([_named(version), f"{how}, {_since(known[0].at)}", what])
    for copy in stale.standing().filter(reported_by=person):
        how = f"{_('set it on the platform')}, {_since(copy.reported_at)}"
        found.append([_undeposited(copy), how, _("It is to be deposited, and its rotation is due then")])
    return found


def tasks(found: dict[int, list[leaving.Task]], begins: Mapping[int, datetime]) -> None:
    """Add what departures left to be done of it, by person; `begins`: from when on it counts. Four queries at most."""
    _changed_there(found, begins)
    _staged(found, begins)


def _changed_there(found: dict[int, list[leaving.Task]], begins: Mapping[int, datetime]) -> None:
    """What nobody had deposited when they left, until the vault has what the platform takes."""
    said = StaleCopy.objects.filter(
        Q(settled_at=None) | Q(settled_at__gte=min(begins.values())), reported_by__in=begins
    ).select_related("item__credential__account__platform")
    copies = [
        one
        for one in said.order_by("item__credential__account__name", "pk")
        if one.settled_at is None or one.settled_at >= begins[one.reported_by_id]
    ]
    later = SecretVersion.objects.filter(
        item__in={one.item_id for one in copies}, current_from__isnull=False
    ).values_list("item", "current_from", "number")
    settled_by = {(item, since): number for item, since, number in later}
    for one in copies:
        done = ""
        if one.settled_at is not None:
            number = settled_by.get((one.item_id, one.settled_at))
            done = _("It was not changed after all")
            if number is not None:
                done = _("Version %(number)s is in the vault since") % {"number": number}
        found[one.reported_by_id].append(
            leaving.Task(
                _("Secrets they knew"),
                _undeposited(one),
                _(
                    "Ask them what they set, or get the account back by recovery, and deposit it. Then replace it."
                ),
                one.settled_at,
                done,
                url=reverse("credentials:credential", args=[one.item.credential_id]),
                verb=_("See the account"),
            )
        )


def _staged(found: dict[int, list[leaving.Task]], begins: Mapping[int, datetime]) -> None:
    """New passwords of open rotations that they saw: verified, they would be due at once."""
    seen = Knowledge.objects.filter(person__in=begins, version__state=SecretVersion.State.STAGED)
    pairs = set(seen.values_list("person_id", "version_id"))
    for version in _versions({pk for _person, pk in pairs}):
        for person in sorted(person for person, pk in pairs if pk == version.pk):
            found[person].append(
                leaving.Task(
                    _("Secrets they knew"),
                    _("%(item)s, not in use yet") % {"item": _named(version)},
                    _("They saw it while it was being set: cancel that rotation, and make another."),
                    url=Due(version).address,
                    verb=_("Go on"),
                )
            )


def _versions(ids: Collection[UUID]) -> QuerySet[SecretVersion]:
    found = SecretVersion.objects.filter(pk__in=ids).select_related("item__credential__account__platform")
    return found.defer("token").order_by("item__credential__account__name", "pk")


def _named(version: SecretVersion) -> str:
    item = version.item
    return f"{item.credential.account.display}, {item.get_kind_display().lower()} v{version.number}"


def _undeposited(copy: StaleCopy) -> str:
    names = {"account": copy.item.credential.account.display, "secret": copy.item.get_kind_display().lower()}
    return _("%(account)s, %(secret)s set on the platform, not deposited yet") % names


def _since(moment: datetime) -> str:
    return _("since %(day)s") % {"day": date_format(clock.day_of(moment), "DATE_FORMAT")}
