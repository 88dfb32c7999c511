"""Who could have written something on an account at a moment: a post, a reply, a hidden comment.

Wider than who was entitled: whoever knew a password that the platform accepted then, and whoever was present in a role
on the platform, rightly or not. Told outside the vault counts too, even if it was said only later.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.models import Account
from credentials import dues, history
from credentials.models import Custody, Ground, Knowledge, SecretItem
from employees.models import Employee


@dataclass
class Able:
    """One person, in which ways they could have, and on what authority ("" for none)."""

    person: Employee
    ways: list[str] = field(default_factory=list)
    authority: str = ""
    learnt_later: bool = False
    rotating: bool = False
    """Came to know while rotating, for which the Information Technology role is authority enough."""


@dataclass
class Posting:
    """Who could have, and who was entitled and could have made themselves able, but had not."""

    able: list[Able]
    entitled_only: list[Able]

    def names(self) -> list[str]:
        return [one.person.name for one in self.able]


def could_have(account: Account, at: datetime) -> Posting:
    """The set of people who could have posted on `account` at `at`. Five queries, whatever the number of people."""
    grounds: dict[int, list[Ground]] = defaultdict(list)
    people: dict[int, Employee] = {}
    for ground in (
        Ground.objects.in_force(at)
        .filter(custody__account=account)
        .select_related("custody__person")
        .order_by("effective_from", "pk")
    ):
        grounds[ground.custody.person_id].append(ground)
        people[ground.custody.person_id] = ground.custody.person
    able: dict[int, Able] = {}

    def note(person: Employee, way: str, *, later: bool) -> None:
        one = able.setdefault(person.pk, Able(person, learnt_later=True))
        if way not in one.ways:
            one.ways.append(way)
        one.learnt_later = one.learnt_later and later

    for row in _knew(account, at):
        way = _("knew password version %(number)d") % {"number": row.version.number}
        note(row.person, way, later=row.recorded_at > at)
        able[row.person_id].rotating |= row.how in dues.WHILE_ROTATING
    for custody in _present(account, at):
        role = custody.platform_role or str(custody.get_channel_display())
        note(custody.person, _("was present on the platform as %(role)s") % {"role": role}, later=False)
    it = history.it_roles({*able}, at)
    for one in able.values():
        one.authority = "; ".join(dict.fromkeys(ground.authority for ground in grounds[one.person.pk]))
        paper = it.get(one.person.pk)
        if not one.authority and paper is not None and one.rotating:
            one.authority = f"{paper.get_name_display()} · {paper.instrument}"
    rest = [
        Able(people[person], authority="; ".join(dict.fromkeys(ground.authority for ground in held)))
        for person, held in grounds.items()
        if held and person not in able
    ]
    return Posting(
        sorted(able.values(), key=lambda one: (bool(one.authority), one.person.name)),
        sorted(rest, key=lambda one: one.person.name),
    )


def _knew(account: Account, at: datetime) -> list[Knowledge]:
    """Knowledge by then of every version that the platform may have accepted: current, or said to be in place."""
    claimed = Q(version__rotation__claimed_at__lte=at) & (
        Q(version__rotation__closed_at=None) | Q(version__rotation__closed_at__gt=at)
    )
    current = Q(version__current_from__lte=at) & (
        Q(version__current_until=None) | Q(version__current_until__gt=at)
    )
    # Between "claimed changed" and verified the platform accepts one of the two, and nobody knows yet which.
    found = (
        Knowledge.objects.filter(
            current | claimed,
            version__item__credential__account=account,
            version__item__kind=SecretItem.Kind.PASSWORD,
            at__lte=at,
        )
        .select_related("person", "version")
        .defer("version__token")
    )
    return list(found.order_by("at", "pk"))


def _present(account: Account, at: datetime) -> list[Custody]:
    """Roles on the platform that were confirmed by then, and not confirmed gone; or that were entitled to be there."""
    entitled = Ground.objects.in_force(at).filter(custody=OuterRef("pk"))
    found = Custody.objects.filter(
        Q(present_confirmed_at__lte=at) | Exists(entitled),
        Q(removal_confirmed_at=None) | Q(removal_confirmed_at__gt=at),
        account=account,
        channel=Custody.Channel.PLATFORM_ROLE,
        opened_at__lte=at,
    ).exclude(closed_at__lte=at, present_confirmed_at=None)
    return list(found.select_related("person").order_by("person__name", "pk"))
