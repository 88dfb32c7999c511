"""What somebody who leaves knows that is not in use yet, or not in the vault: new passwords of open rotations, and what
they changed on a platform without depositing it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit import clock
from credentials.dues import Due
from credentials.models import Knowledge, Rotation, SecretVersion, StaleCopy
from employees import departures
from employees.consequences import Departure, Named, Task
from employees.models import Employee


def rows(person: Employee) -> list[list[str | Named]]:
    """For the table of what `person` knows, before they leave. Three queries."""
    seen = Knowledge.objects.filter(person=person, version__state=SecretVersion.State.STAGED)
    hows: dict[UUID, list[Knowledge]] = {}
    for row in seen.order_by("at", "pk"):
        hows.setdefault(row.version_id, []).append(row)
    found: list[list[str | Named]] = []
    for version in _versions(hows):
        known = hows[version.pk]
        how = ", ".join(dict.fromkeys(str(row.get_how_display()) for row in known))
        what = _("Not in use yet: another one is made in its place")
        found.append([_shown(version, _numbered(version)), f"{how}, {_since(known[0].at)}", what])
    said = StaleCopy.objects.filter(Q(settled_at=None) | Exists(_list_open()), reported_by=person)
    for copy in said.select_related("item__credential__account__platform").order_by("reported_at", "pk"):
        how = f"{_('set it on the platform')}, {_since(copy.reported_at)}"
        what = _("It is to be deposited, and its rotation is due then")
        if copy.settled_at is not None:
            what = _("Replaced; the rest of that rotation’s list is to be gone through")
        found.append([_shown(copy, _changed_secret(copy)), how, what])
    return found


def _list_open(since: datetime | None = None) -> QuerySet[Rotation]:
    """The rotation by which a report was settled, while its closing list is open, or was at `since` or later."""
    return Rotation.objects.list_open(since).filter(
        item=OuterRef("item"), version__current_from=OuterRef("settled_at")
    )


def tasks(found: dict[Departure, list[Task]], by_person: Mapping[int, Sequence[Departure]]) -> None:
    """Add what departures leave to be done of it. Four queries at most."""
    _changed_there(found, by_person)
    _staged(found, by_person)


def _changed_there(found: dict[Departure, list[Task]], by_person: Mapping[int, Sequence[Departure]]) -> None:
    """What nobody had deposited when they left, until the vault has what the platform takes."""
    earliest = min(departures.begin(one) for some in by_person.values() for one in some)
    said = StaleCopy.objects.filter(
        Q(settled_at=None) | Q(settled_at__gte=earliest) | Exists(_list_open(earliest)),
        reported_by__in=by_person,
    ).select_related("item__credential__account__platform")
    copies = list(said.order_by("item__credential__account__name", "pk"))
    later = SecretVersion.objects.filter(
        item__in={one.item_id for one in copies}, current_from__isnull=False
    ).select_related("rotation", "created_by")
    settled_by = {(one.item_id, one.current_from): one for one in later.defer("token")}
    for one in copies:
        task = _changed(one, settled_by.get((one.item_id, one.settled_at)))
        for departure in by_person[one.reported_by_id]:
            open_then = task.done_at is None or task.done_at >= departures.begin(departure)
            if departure.concerns(one.reported_at) and open_then:
                found[departure].append(task)


def _changed(one: StaleCopy, after: SecretVersion | None) -> Task:
    """`after`: what took its place in the vault: deposited, or by a rotation, whose list is then to be done."""
    group, text, done, where = _("Secrets they knew"), _changed_secret(one), "", ""
    done_at, verb = one.settled_at, _("See the account")
    url = reverse("credentials:credential", args=[one.item.credential_id])
    if one.settled_at is not None:
        done = _("It was not changed after all")
        if after is not None:
            names = {"number": after.number, "name": after.created_by.name if after.created_by else "–"}
            done = _("Version %(number)s took its place, by %(name)s") % names
            rotation = getattr(after, "rotation", None)
            if rotation is not None:
                done_at = rotation.closed_at
            if done_at is None:
                where = _("%(done)s; the rest of its list is open") % {"done": done}
                done, url, verb = "", Due(after).address, _("Go through the list")
    return Task(
        group,
        f"{one.item.credential.account.display}, {text}",
        _("Ask them what they set, or get the account back by recovery, and deposit it. Then replace it."),
        done_at,
        done,
        where=where,
        url=url,
        verb=verb,
        shown=_shown(one, text),
        whose=Task.IT,
    )


def _staged(found: dict[Departure, list[Task]], by_person: Mapping[int, Sequence[Departure]]) -> None:
    """New passwords of open rotations that they saw: verified, they would be due at once."""
    seen = Knowledge.objects.filter(person__in=by_person, version__state=SecretVersion.State.STAGED)
    firsts = seen.values_list("version", "person").annotate(first=Min("at")).order_by("person")
    people: dict[UUID, list[tuple[int, datetime]]] = {}
    for pk, person, first in firsts:
        people.setdefault(pk, []).append((person, first))
    for version in _versions(people):
        text = _("%(item)s, not in use yet") % {"item": _numbered(version)}
        task = Task(
            _("Secrets they knew"),
            f"{version.item.credential.account.display}, {text}",
            _("They saw it while it was being set: cancel that rotation, and make another."),
            url=Due(version).address,
            verb=_("Go on"),
            shown=_shown(version, text),
            whose=Task.IT,
        )
        for person, first in people[version.pk]:
            for departure in by_person[person]:
                if departure.concerns(first):
                    found[departure].append(task)


def _versions(ids: Collection[UUID]) -> QuerySet[SecretVersion]:
    found = SecretVersion.objects.filter(pk__in=ids).select_related("item__credential__account__platform")
    return found.defer("token").order_by("item__credential__account__name", "pk")


def _numbered(version: SecretVersion) -> str:
    return f"{version.item.get_kind_display().lower()} v{version.number}"


def _changed_secret(copy: StaleCopy) -> str:
    names = {"secret": copy.item.get_kind_display().lower()}
    if copy.settled_at is not None:
        return _("%(secret)s they had set on the platform") % names
    return _("%(secret)s set on the platform, not deposited yet") % names


def _shown(row: SecretVersion | StaleCopy, text: str) -> Named:
    account = row.item.credential.account
    return Named(account.shown_handle, f"{account.platform.name}, {text}")


def _since(moment: datetime) -> str:
    return _("since %(day)s") % {"day": date_format(clock.day_of(moment), "DATE_FORMAT")}
