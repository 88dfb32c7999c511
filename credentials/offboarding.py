"""What a departure means for custody and secrets, before one confirms it. What it then leaves: `leftovers`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Account
from audit import clock
from credentials import belongings, dues, unsettled
from credentials.models import Custody, Ground, Knowledge, Rotation, SecretVersion, WayIn
from employees import consequences as leaving
from employees.models import Employee


def consequences(person: Employee) -> list[leaving.Section]:
    """What ends and what becomes due when `person` leaves."""
    return [_holds(person), _still_present(person), _knows(person), _owns(person)]


def _holds(person: Employee) -> leaving.Section:
    rows: list[list[str | leaving.Named]] = []
    # Also where the ground has run out and nobody has closed it: it closes with the departure at the latest.
    held = Custody.objects.standing().filter(person=person)
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
        rows.append([_named(custody.account), f"{channel} · {_by(grounds)}, {since}", what])
    sentence = ngettext("%(count)d custody ends", "%(count)d custodies end", len(rows)) % {"count": len(rows)}
    return leaving.Section(
        title=_("Holds"),
        columns=[_("Account"), _("Channel and ground"), _("What happens")],
        rows=rows,
        sentence=sentence if rows else "",
        tasks=present,
    )


def _named(account: Account, *parts: str) -> leaving.Named:
    """The handle on its own line, then the platform and what else belongs to it."""
    return leaving.Named(account.shown_handle, ", ".join((account.platform.name, *parts)))


def _still_present(person: Employee) -> leaving.Section:
    """Roles that ended before, on whatever day, and that nobody has seen removed on the platform."""
    ended: dict[int, list[Custody]] = {}
    roles = Custody.objects.still_present().filter(person=person).select_related("account__platform")
    for role in roles.order_by("account__name", "account", "closed_at", "pk"):
        ended.setdefault(role.account_id, []).append(role)
    rows: list[list[str | leaving.Named]] = []
    for some in ended.values():
        role = some[-1]
        assert role.closed_at is not None
        how = _("%(channel)s: %(role)s · ended %(day)s") % {
            "channel": role.get_channel_display(),
            "role": ", ".join(dict.fromkeys(one.platform_role for one in some)),
            "day": _day(role.closed_at),
        }
        what = _("Still present on %(platform)s until somebody confirms the removal") % {
            "platform": role.account.platform.name
        }
        rows.append([_named(role.account), how, what])
    sentence = ngettext(
        "%(count)d role that had ended is still to be removed",
        "%(count)d roles that had ended are still to be removed",
        len(rows),
    )
    return leaving.Section(
        title=_("Still present"),
        columns=[_("Account"), _("Channel and end"), _("What happens")],
        rows=rows,
        sentence=sentence % {"count": len(rows)} if rows else "",
        tasks=len(rows),
    )


def _by(grounds: list[Ground]) -> str:
    return "; ".join(dict.fromkeys(str(ground.authority) for ground in grounds))


def _knows(person: Employee) -> leaving.Section:
    rows: list[list[str | leaving.Named]] = []
    unfinished = 0
    current = SecretVersion.State.CURRENT
    open_list = Rotation.objects.list_open().filter(
        item=OuterRef("version__item"), version__current_from=OuterRef("version__current_until")
    )
    known = (
        Knowledge.objects.filter(Q(version__state=current) | Exists(open_list), person=person)
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
    accounts = {version.item.credential.account for version in versions}
    already = {one.version.pk: one.since for one in dues.queue(accounts)} if accounts else {}
    for version in versions:
        item = _named(
            version.item.credential.account, f"{version.item.get_kind_display().lower()} v{version.number}"
        )
        how = ", ".join(dict.fromkeys(hows[version.pk]))
        if facts[version.pk]["reveals"] > 1:
            times = ngettext("%(count)d time", "%(count)d times", facts[version.pk]["reveals"])
            how += f" ({times % {'count': facts[version.pk]['reveals']}})"
        since = _("since %(day)s") % {"day": _day(facts[version.pk]["first"])}
        if version.state != current:
            unfinished += 1
            what = _("Replaced; the rest of that rotation’s list is to be gone through")
        elif version.pk in already:
            what = _("Rotation is due already, since %(day)s") % {"day": _day(already[version.pk])}
        else:
            what = _("Rotation becomes due")
        rows.append([item, f"{how}, {since}", what])
    rows += unsettled.rows(person)
    return leaving.Section(
        title=_("Knows"),
        columns=[_("Secret"), _("How"), _("What happens")],
        rows=rows,
        sentence=_becoming_due(len(rows) - unfinished, len(set(already) & set(facts)), unfinished),
        tasks=len(rows),
    )


def _becoming_due(known: int, already: int, unfinished: int) -> str:
    """Of `known` current secrets so many are due `already`, and so many replaced ones are to be finished: "1 rotation
    becomes due, 2 are due already, 1 is to be finished"."""
    fresh, parts = known - already, []
    if fresh:
        text = ngettext("%(count)d rotation becomes due", "%(count)d rotations become due", fresh)
        parts.append(text % {"count": fresh})
    for count, whole, rest in (
        (
            already,
            ngettext("%(count)d rotation is due already", "%(count)d rotations are due already", already),
            ngettext("%(count)d is due already", "%(count)d are due already", already),
        ),
        (
            unfinished,
            ngettext(
                "%(count)d rotation is to be finished", "%(count)d rotations are to be finished", unfinished
            ),
            ngettext("%(count)d is to be finished", "%(count)d are to be finished", unfinished),
        ),
    ):
        if count:
            parts.append((rest if parts else whole) % {"count": count})
    return ", ".join(parts)


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
            since=way.recorded_at,
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
