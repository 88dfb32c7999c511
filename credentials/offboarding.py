"""What a departure means for custody and secrets: before it, on the page one confirms; after it, to the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Account
from audit import clock
from credentials import belongings, unsettled
from credentials.dues import Due
from credentials.models import Custody, Ground, Knowledge, Rotation, SecretVersion, WayIn
from employees import consequences as leaving
from employees import departures
from employees.models import Employee


def consequences(person: Employee) -> list[leaving.Section]:
    """What ends and what becomes due when `person` leaves."""
    return [_holds(person), _knows(person), _owns(person)]


def _holds(person: Employee) -> leaving.Section:
    rows = []
    held = Custody.objects.in_force().filter(person=person, closed_at=None)
    held = (
        held.select_related("account__platform").prefetch_related("grounds").order_by("account__name", "pk")
    )
    present = 0
    for custody in held:
        grounds = [ground for ground in custody.grounds.all() if ground.closed_at is None]
        what = _("Custody ends")
        if custody.channel == Custody.Channel.PLATFORM_ROLE and custody.leaves_traces:
            present += 1
            what = _("Custody ends; still present on %(platform)s until somebody confirms the removal") % {
                "platform": custody.account.platform.name
            }
            if custody.present_confirmed_at is None:
                what = _(
                    "Custody ends; whether they are on %(platform)s nobody has confirmed: somebody looks"
                ) % {"platform": custody.account.platform.name}
        channel = str(custody.get_channel_display())
        if custody.platform_role:
            channel = f"{channel}: {custody.platform_role}"
        since = _("since %(day)s") % {"day": _day(custody.opened_at)}
        rows.append([custody.account.display, f"{channel} · {_by(grounds)}, {since}", what])
    sentence = ngettext("%(count)d custody ends", "%(count)d custodies end", len(rows)) % {"count": len(rows)}
    return leaving.Section(
        title=_("Holds"),
        columns=[_("Account"), _("Channel and ground"), _("What happens")],
        rows=rows,
        sentence=sentence if rows else "",
        tasks=present,
    )


def _by(grounds: list[Ground]) -> str:
    return "; ".join(dict.fromkeys(str(ground.authority) for ground in grounds))


def _knows(person: Employee) -> leaving.Section:
    rows = []
    known = (
        Knowledge.objects.filter(person=person, version__state=SecretVersion.State.CURRENT)
        .values("version")
        .annotate(first=Min("at"), reveals=Count("pk", filter=Q(how=Knowledge.How.REVEAL)))
    )
    facts = {row["version"]: row for row in known.order_by()}
    versions = (
        SecretVersion.objects.filter(pk__in=facts)
        .select_related("item__credential__account__platform")
        .defer("token")
        .order_by("item__credential__account__name", "pk")
    )
    hows: dict[object, list[str]] = {}
    for row in Knowledge.objects.filter(person=person, version__in=facts).order_by("at", "pk"):
        hows.setdefault(row.version_id, []).append(str(row.get_how_display()))
    for version in versions:
        item = f"{version.item.credential.account.display}, {version.item.get_kind_display().lower()} v{version.number}"
        how = ", ".join(dict.fromkeys(hows[version.pk]))
        if facts[version.pk]["reveals"] > 1:
            times = ngettext("%(count)d time", "%(count)d times", facts[version.pk]["reveals"])
            how += f" ({times % {'count': facts[version.pk]['reveals']}})"
        since = _("since %(day)s") % {"day": _day(facts[version.pk]["first"])}
        rows.append([item, f"{how}, {since}", _("Rotation becomes due")])
    rows += unsettled.rows(person)
    sentence = ngettext("%(count)d rotation becomes due", "%(count)d rotations become due", len(rows))
    return leaving.Section(
        title=_("Knows"),
        columns=[_("Current secret"), _("How"), _("What happens")],
        rows=rows,
        sentence=sentence % {"count": len(rows)} if rows else "",
        tasks=len(rows),
    )


def _owns(person: Employee) -> leaving.Section:
    rows = [[one.what, one.account, one.todo] for one in belongings.of([person.pk])]
    sentence = ngettext("%(count)d thing changes hands", "%(count)d things change hands", len(rows))
    return leaving.Section(
        title=_("Owns"),
        columns=[_("What"), _("For"), _("What happens")],
        rows=rows,
        sentence=sentence % {"count": len(rows)} if rows else "",
        tasks=len(rows),
    )


def _day(moment: datetime) -> str:
    return date_format(clock.day_of(moment), "DATE_FORMAT")


def ways_in_hand(people: Sequence[int], since: datetime | None) -> list[belongings.Belonging]:
    """Phones, passkeys, mailboxes and apps that open accounts and are in these people's hands."""
    rows = WayIn.objects.filter(holder__in=people)
    if since is None:
        rows = rows.filter(ended_at=None)
    else:
        rows = rows.filter(Q(ended_at=None) | Q(ended_at__gte=since))
    rows = rows.select_related("account__platform", "ended_by").order_by("account__name", "pk")
    return [
        belongings.Belonging(
            person_id=way.holder_id or 0,
            what=f"{way.get_kind_display()} {way.detail}{_(', their own') if way.personal else ''}",
            account=way.account.display,
            todo=str(TODO[WayIn.Kind(way.kind)]),
            url=reverse("credentials:ways", args=[way.account_id]),
            done_at=way.ended_at,
            done_by=way.ended_by.name if way.ended_by else "",
        )
        for way in rows
    ]


TODO = {
    WayIn.Kind.RECOVERY_MAILBOX: gettext_lazy("Give the mailbox a new owner, or name another one"),
    WayIn.Kind.RECOVERY_PHONE: gettext_lazy("Reassign the number, or name another one"),
    WayIn.Kind.PASSKEY: gettext_lazy("Remove it during the rotation"),
    WayIn.Kind.SECURITY_KEY: gettext_lazy("Remove it during the rotation; the key comes back"),
    WayIn.Kind.CONNECTED_APP: gettext_lazy("Disconnect the app, or connect it anew"),
    WayIn.Kind.CARRIER: gettext_lazy("Hand the company account over"),
}


# Afterwards


def follow_up(left: Sequence[leaving.Departure]) -> dict[int, list[leaving.Task]]:
    """Rotations of what people knew, removals on platforms, and what they had in hand: open and done, by person.

    Eleven queries, whatever the number of departures.
    """
    begins = {one.person.pk: departures.begin(one) for one in left}
    found: dict[int, list[leaving.Task]] = defaultdict(list)
    if begins:
        unsettled.tasks(found, begins)
        _rotations(found, begins)
        _removals(found, begins)
        _in_hand(found, begins)
    return found


@dataclass
class _Versions:
    """What took the place of versions, and which rotations are under way."""

    under_way: dict[int, Rotation]
    successors: dict[tuple[int, datetime | None], SecretVersion]
    replaced: dict[object, Rotation]


def _rotations(found: dict[int, list[leaving.Task]], begins: Mapping[int, datetime]) -> None:
    """Every version that they knew and that the platform accepted on their last day or later."""
    known = (
        Knowledge.objects.filter(person__in=begins, version__current_from__isnull=False)
        .filter(Q(version__current_until=None) | Q(version__current_until__gte=min(begins.values())))
        .values_list("person_id", "version_id")
        .distinct()
        .order_by()
    )
    pairs = set(known)
    versions = {
        version.pk: version
        for version in SecretVersion.objects.filter(pk__in={pk for _person, pk in pairs})
        .select_related("item__credential__account__platform")
        .defer("token")
    }
    told = _of_items({version.item_id for version in versions.values()})
    for person, pk in sorted(pairs, key=lambda pair: _order(versions[pair[1]])):
        version = versions[pk]
        if version.current_until is None or version.current_until >= begins[person]:
            found[person].append(_rotation(version, told))


def _order(version: SecretVersion) -> tuple[str, int, int]:
    return version.item.credential.account.name, version.item_id, version.number


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


def _rotation(version: SecretVersion, told: _Versions) -> leaving.Task:
    item = f"{version.item.credential.account.display}, {version.item.get_kind_display().lower()} v{version.number}"
    group, todo = _("Secrets they knew"), _("Replace it: they know it.")
    if version.current_until is not None:
        after = told.successors.get((version.item_id, version.current_until))
        rotation = told.replaced.get(after.pk) if after else None
        by = rotation.verified_by if rotation else after.created_by if after else None
        names = {"number": after.number if after else "–", "name": by.name if by else "–"}
        done = _("Version %(number)s took its place, by %(name)s") % names
        if rotation is not None and rotation.closed_at is None:
            # Until sessions, factors and recovery ways are looked through, who left may still be signed in.
            where = _("%(done)s; the rest of its list is open") % {"done": done}
            return leaving.Task(
                group, item, todo, where=where, url=_address(version), verb=_("Go through the list")
            )
        return leaving.Task(
            group, item, todo, rotation.closed_at if rotation else version.current_until, done
        )
    under_way = told.under_way.get(version.item_id)
    where = ""
    if under_way is not None:
        where = _("%(name)s is at it: %(state)s") % {
            "name": under_way.in_hand.name,
            "state": under_way.get_state_display().lower(),
        }
    return leaving.Task(
        group,
        item,
        todo,
        where=where,
        url=_address(version),
        verb=_("Go on") if under_way else _("Rotate"),
    )


def _address(version: SecretVersion) -> str:
    """Where this secret is replaced."""
    return Due(version).address


def _removals(found: dict[int, list[leaving.Task]], begins: Mapping[int, datetime]) -> None:
    """Roles that they had on platforms, seen there or not: whoever was to have one may be there."""
    roles = Custody.objects.filter(
        Q(present_confirmed_at__isnull=False)
        | ~Q(account__state=Account.State.PROVISIONING)
        | Q(removal_confirmed_at__isnull=False),
        person__in=begins,
        channel=Custody.Channel.PLATFORM_ROLE,
        closed_at__gte=min(begins.values()),
    ).select_related("account__platform", "removal_confirmed_by")
    for role in roles.order_by("account__name", "pk"):
        if role.closed_at is None or role.closed_at < begins[role.person_id]:
            continue
        platform, done = role.account.platform.name, ""
        if role.removal_confirmed_by is not None:
            done = _("%(name)s has seen that they are gone") % {"name": role.removal_confirmed_by.name}
        found[role.person_id].append(
            leaving.Task(
                _("Roles on platforms"),
                f"{role.account.display}, {role.platform_role}",
                _("Remove them on %(platform)s, then confirm it.") % {"platform": platform},
                role.removal_confirmed_at,
                done,
                url=reverse("credentials:confirm_removal", args=[role.pk]),
                verb=_("Confirm removal"),
                post=True,
            )
        )


def _in_hand(found: dict[int, list[leaving.Task]], begins: Mapping[int, datetime]) -> None:
    for one in belongings.of(list(begins), min(begins.values())):
        if one.done_at is not None and one.done_at < begins[one.person_id]:
            continue
        done = _("%(name)s did it") % {"name": one.done_by} if one.done_at else ""
        what = f"{one.what} · {one.account}"
        group, verb = _("In their hands"), _("See it")
        found[one.person_id].append(
            leaving.Task(group, what, one.todo, one.done_at, done, url=one.url, verb=verb)
        )
