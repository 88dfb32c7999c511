"""What a departure left to be done about custody and secrets: open and done, worked out from the rows, to the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, Min, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from credentials import belongings, unsettled
from credentials.dues import Due
from credentials.models import Custody, Knowledge, Rotation, SecretVersion
from employees import departures
from employees.consequences import Departure, Named, Task

Found = dict[Departure, list[Task]]


def follow_up(left: Sequence[Departure]) -> Found:
    """Rotations of what people knew, removals on platforms, and what they had in hand: open and done, by departure.

    What was left open before the last day counts, whenever the ground for it ended. Eleven queries, whatever the
    number of departures.
    """
    found: Found = defaultdict(list)
    if left:
        by_person: dict[int, list[Departure]] = defaultdict(list)
        for one in left:
            by_person[one.person.pk].append(one)
        earliest = min(departures.begin(one) for one in left)
        unsettled.tasks(found, by_person)
        _rotations(found, by_person, earliest)
        _removals(found, by_person)
        _in_hand(found, by_person, earliest)
    return found


@dataclass
class _Versions:
    """What took the place of versions, and which rotations are under way."""

    under_way: dict[int, Rotation]
    successors: dict[tuple[int, datetime | None], SecretVersion]
    replaced: dict[object, Rotation]

    def rotation_after(self, version: SecretVersion) -> Rotation | None:
        """The verified rotation that replaced `version`, where it was one."""
        after = self.successors.get((version.item_id, version.current_until))
        return self.replaced.get(after.pk) if after and version.current_until else None


def _rotations(found: Found, by_person: Mapping[int, Sequence[Departure]], earliest: datetime) -> None:
    """Every version that they knew and that opened something on their last day or later.

    One that was replaced before still does while the closing list of its rotation is open: who was signed in with it
    may be so still.
    """
    unfinished = Rotation.objects.list_open(earliest).filter(
        item=OuterRef("version__item"), version__current_from=OuterRef("version__current_until")
    )
    known = (
        Knowledge.objects.filter(person__in=by_person, version__current_from__isnull=False)
        .filter(Q(version__current_until=None) | Q(version__current_until__gte=earliest) | Exists(unfinished))
        .values_list("person_id", "version_id")
        .annotate(first=Min("at"))
        .order_by()
    )
    pairs = list(known)
    versions = {
        version.pk: version
        for version in SecretVersion.objects.filter(pk__in={pk for _person, pk, _first in pairs})
        .select_related("item__credential__account__platform")
        .defer("token")
    }
    told = _of_items({version.item_id for version in versions.values()})
    for person, pk, first in sorted(pairs, key=lambda pair: _order(versions[pair[1]])):
        version = versions[pk]
        for departure in by_person[person]:
            if departure.concerns(first) and _reaches(version, told, departures.begin(departure)):
                found[departure].append(_rotation(version, told))


def _order(version: SecretVersion) -> tuple[str, int, int]:
    return version.item.credential.account.name, version.item_id, version.number


def _reaches(version: SecretVersion, told: _Versions, moment: datetime) -> bool:
    """Whether the platform took `version` at `moment` or later, or sessions opened with it may have lasted."""
    if version.current_until is None or version.current_until >= moment:
        return True
    rotation = told.rotation_after(version)
    return rotation is not None and (rotation.closed_at is None or rotation.closed_at >= moment)


def _of_items(items: set[int]) -> _Versions:
    open_ones = Rotation.objects.filter(item__in=items, state__in=Rotation.OPEN).select_related(
        "started_by", "handed_to"
    )
    later = SecretVersion.objects.filter(item__in=items, current_from__isnull=False)
    successors = {
        (one.item_id, one.current_from): one for one in later.select_related("created_by").defer("token")
    }
    done = Rotation.objects.filter(item__in=items, state=Rotation.State.VERIFIED).select_related(
        "verified_by"
    )
    return _Versions(
        {rotation.item_id: rotation for rotation in open_ones},
        successors,
        {rotation.version_id: rotation for rotation in done},
    )


def _rotation(version: SecretVersion, told: _Versions) -> Task:
    account = version.item.credential.account
    secret = f"{version.item.get_kind_display().lower()} v{version.number}"
    item = f"{account.display}, {secret}"
    shown = Named(account.shown_handle, f"{account.platform.name}, {secret}")
    group, todo = _("Secrets they knew"), _("Replace it: they know it.")
    if version.current_until is not None:
        after = told.successors.get((version.item_id, version.current_until))
        rotation = told.rotation_after(version)
        by = rotation.verified_by if rotation else after.created_by if after else None
        names = {"number": after.number if after else "–", "name": by.name if by else "–"}
        done = _("Version %(number)s took its place, by %(name)s") % names
        if rotation is not None and rotation.closed_at is None:
            # Until sessions, factors and recovery ways are looked through, who left may still be signed in.
            where = _("%(done)s; the rest of its list is open") % {"done": done}
            verb = _("Go through the list")
            return Task(
                group, item, todo, where=where, url=_address(version), verb=verb, shown=shown, whose=Task.IT
            )
        done_at = rotation.closed_at if rotation else version.current_until
        return Task(group, item, todo, done_at, done, shown=shown)
    under_way = told.under_way.get(version.item_id)
    where = ""
    if under_way is not None:
        where = _("%(name)s is at it: %(state)s") % {
            "name": under_way.in_hand.name,
            "state": under_way.get_state_display().lower(),
        }
    return Task(
        group,
        item,
        todo,
        whose=Task.IT,
        where=where,
        url=_address(version),
        verb=_("Go on") if under_way else _("Rotate"),
        shown=shown,
    )


def _address(version: SecretVersion) -> str:
    """Where this secret is replaced."""
    return Due(version).address


def _removals(found: Found, by_person: Mapping[int, Sequence[Departure]]) -> None:
    """Roles that they had on platforms, seen there or not: whoever was to have one may be there.

    One task an account, however often custody of it began and ended: one look at the platform tells of all.
    """
    roles = Custody.objects.filter(
        person__in=by_person, channel=Custody.Channel.PLATFORM_ROLE
    ).select_related("account__platform", "removal_confirmed_by")
    held: dict[tuple[int, int], list[Custody]] = defaultdict(list)
    for role in roles.order_by("account__name", "account", "opened_at", "pk"):
        held[role.person_id, role.account_id].append(role)
    for (person, _account), rows in held.items():
        for departure in by_person[person]:
            begin = departures.begin(departure)
            left = [
                row
                for row in rows
                if row.closed_at and departure.concerns(row.opened_at) and _present_since(row, begin)
            ]
            if left:
                again = next((row for row in rows if not departure.concerns(row.opened_at)), None)
                found[departure].append(_removal(left, again))


def _present_since(role: Custody, moment: datetime) -> bool:
    """Whether who had `role` may have been there at `moment` or later."""
    gone = role.removal_confirmed_at
    if gone is None and not role.leaves_traces:
        return False
    return gone is None or gone >= moment or (role.closed_at is not None and role.closed_at >= moment)


def _removal(rows: Sequence[Custody], again: Custody | None) -> Task:
    """`again`: custody of it after they came back, with which they are rightly there; its end is another story."""
    account, platform = rows[0].account, rows[0].account.platform.name
    waiting = [row for row in rows if row.removal_confirmed_at is None]
    last = max(rows, key=lambda row: row.removal_confirmed_at or row.opened_at)
    done_at, done = None if waiting else last.removal_confirmed_at, ""
    if again is not None and (done_at is None or again.opened_at < done_at):
        done_at, done = again.opened_at, _("They hold it again, on a new ground")
    elif not waiting and last.removal_confirmed_by is not None:
        done = _("%(name)s has seen that they are gone") % {"name": last.removal_confirmed_by.name}
    roles = ", ".join(dict.fromkeys(row.platform_role for row in rows))
    return Task(
        _("Roles on platforms"),
        f"{account.display}, {roles}",
        _("Remove them on %(platform)s, then confirm it.") % {"platform": platform},
        done_at,
        done,
        url=reverse("credentials:confirm_removal", args=[(waiting or rows)[-1].pk]),
        verb=_("Confirm removal"),
        whose=Task.SEATED,
        post=True,
        shown=Named(account.shown_handle, f"{platform}, {roles}"),
    )


def _in_hand(found: Found, by_person: Mapping[int, Sequence[Departure]], earliest: datetime) -> None:
    for one in belongings.of(list(by_person), earliest):
        for departure in by_person[one.person_id]:
            if not departure.concerns(one.since):
                continue
            if one.done_at is not None and one.done_at < departures.begin(departure):
                continue
            done = _("%(name)s did it") % {"name": one.done_by} if one.done_at else ""
            what = f"{one.what} · {one.account}"
            group, verb = _("In their hands"), _("See it")
            shown = Named(one.what, one.account)
            found[departure].append(
                Task(
                    group,
                    what,
                    one.todo,
                    one.done_at,
                    done,
                    url=one.url,
                    verb=verb,
                    shown=shown,
                    whose=Task.SEATED,
                )
            )
