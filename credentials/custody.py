"""Custody: opened, regrounded and closed by one reconciling service, in the transaction of what caused it.

Standing custodies of the shared login are mirrored as django-guardian object permissions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import Permission

from accounts.models import Account, Capability, Platform
from audit import clock, locks
from audit.actions import Verb
from audit.ledger import record, service
from credentials import capability, rule, sharing
from credentials.entitlement import REVEAL
from credentials.models import (
    Credential,
    CredentialUserObjectPermission,
    Custody,
    Ground,
    SecretItem,
)
from credentials.rule import Entitled
from employees.models import Employee

BATCH = 500
"""Accounts reconciled at a time."""

RAN_OUT = "Its last day was over"


@dataclass
class Changes:
    """What reconciling did, in custodies."""

    opened: list[Custody] = field(default_factory=list)
    regrounded: list[Custody] = field(default_factory=list)
    closed: list[Custody] = field(default_factory=list)


@dataclass
class _Work:
    """The difference between what stands and what is wanted."""

    opening: list[tuple[Custody, list[Ground]]] = field(default_factory=list)
    regrounding: list[tuple[Custody, list[Ground], list[Ground]]] = field(default_factory=list)
    closing: list[tuple[Custody, list[Ground]]] = field(default_factory=list)
    unsharing: list[tuple[Custody, list[Ground]]] = field(default_factory=list)


@service
def reconcile(*, actor: Employee | None, accounts: Iterable[Account], reason: str) -> Changes:
    """Make custody of `accounts` what the papers entitle to. Safe to call at any time, and twice.

    `reason` is kept with what closes. The number of queries grows by batches of accounts, not by accounts.
    """
    locks.hold(locks.SEATS)
    changes = Changes()
    every = list(accounts)
    platforms = Platform.objects.in_bulk()
    offered = capability.of_platforms()
    for account in every:
        account.platform = platforms[account.platform_id]
    for start in range(0, len(every), BATCH):
        batch = every[start : start + BATCH]
        _ensure_credentials(actor, batch, offered)
        work = _difference(batch, actor, offered)
        _open(actor, work.opening, changes)
        _reground(actor, work.regrounding, reason, changes)
        _close(actor, work.closing, reason, changes)
        _close_alike(actor, None, work.unsharing, sharing.OVER, changes)
    return changes


@service
def reconcile_all(*, actor: Employee | None, reason: str) -> Changes:
    """Reconcile every account: after a city-wide seat changed, and every day."""
    return reconcile(actor=actor, accounts=Account.objects.all(), reason=reason)


def _ensure_credentials(
    actor: Employee | None, accounts: Sequence[Account], offered: dict[int, Capability]
) -> None:
    """A credential with an empty password item for each account whose platform has an owner login."""
    have = set(Credential.objects.filter(account__in=accounts).values_list("account_id", flat=True))
    missing = [
        account
        for account in accounts
        if account.pk not in have
        and account.state != Account.State.RETIRED
        and offered[account.platform_id].owner_login
    ]
    made = Credential.objects.bulk_create(
        [Credential(account=account, created_at=clock.now()) for account in missing]
    )
    items = SecretItem.objects.bulk_create(
        [SecretItem(credential=credential, kind=SecretItem.Kind.PASSWORD) for credential in made]
    )
    for credential, item in zip(made, items, strict=True):
        record(Verb.CREDENTIAL_CREATE, actor=actor, obj=credential, facts=[credential, item])


def _difference(accounts: Sequence[Account], actor: Employee | None, offered: dict[int, Capability]) -> _Work:
    now = clock.now()
    wants = rule.wanted(accounts)
    people = rule.people(wants)
    by_id = {account.pk: account for account in accounts}
    standing: dict[tuple[int, int], list[Custody]] = defaultdict(list)
    for custody in (
        Custody.objects.standing().filter(account__in=accounts).select_related("person", "account__platform")
    ):
        standing[custody.account_id, custody.person_id].append(custody)
    unshared = sharing.over(accounts, offered)
    open_grounds: dict[int, list[Ground]] = defaultdict(list)
    for ground in Ground.objects.filter(
        closed_at=None, custody__closed_at=None, custody__account__in=accounts
    ):
        open_grounds[ground.custody_id].append(ground)

    work = _Work()
    for key, grounds in wants.items():
        account, person = by_id[key[0]], people[key[1]]
        channel = capability.channel(offered[account.platform_id])
        held = standing.pop(key, [])
        if all(custody.channel != channel for custody in held):
            custody = Custody(
                account=account,
                person=person,
                channel=channel,
                platform_role=capability.seat_role(offered[account.platform_id]),
                opened_at=now,
                opened_by=actor,
            )
            work.opening.append((custody, [_ground(custody, entitled, now) for entitled in grounds]))
        for custody in held:
            if account.pk in unshared and custody.channel == Custody.Channel.SHARED_LOGIN:
                work.unsharing.append((custody, open_grounds[custody.pk]))
                continue
            have = {_entitled(ground): ground for ground in open_grounds[custody.pk]}
            new = [_ground(custody, entitled, now) for entitled in grounds if entitled not in have]
            over = [ground for entitled, ground in have.items() if entitled not in grounds]
            if new or over:
                work.regrounding.append((custody, new, over))
    work.closing = [(custody, open_grounds[custody.pk]) for held in standing.values() for custody in held]
    return work


def _entitled(ground: Ground) -> Entitled:
    return Entitled(
        ground.kind, ground.source_id, ground.authority, ground.effective_from, ground.effective_until
    )


def _ground(custody: Custody, entitled: Entitled, now: datetime) -> Ground:
    return Ground(custody=custody, opened_at=now, **entitled._asdict())


def _open(actor: Employee | None, opening: list[tuple[Custody, list[Ground]]], changes: Changes) -> None:
    if not opening:
        return
    custodies = Custody.objects.bulk_create([custody for custody, _grounds in opening])
    for _custody, grounds in opening:
        for ground in grounds:
            ground.custody_id = ground.custody.pk
    Ground.objects.bulk_create([ground for _custody, grounds in opening for ground in grounds])
    _permit(custodies)
    for custody, grounds in opening:
        record(Verb.CUSTODY_OPEN, actor=actor, obj=custody, facts=[custody, *grounds])
    changes.opened += custodies


def _reground(
    actor: Employee | None,
    regrounding: list[tuple[Custody, list[Ground], list[Ground]]],
    reason: str,
    changes: Changes,
) -> None:
    new = [ground for _custody, added, _over in regrounding for ground in added]
    _end_grounds([ground for _custody, _added, over in regrounding for ground in over], reason)
    Ground.objects.bulk_create(new)
    for custody, added, over in regrounding:
        record(Verb.CUSTODY_REGROUND, actor=actor, obj=custody, facts=[*added, *over])
        changes.regrounded.append(custody)


def _close(
    actor: Employee | None, closing: list[tuple[Custody, list[Ground]]], reason: str, changes: Changes
) -> None:
    """Close custodies whose last ground has gone. What ran out by its own date was ended by nobody."""
    ran_out = [one for one in closing if all(_is_over(ground) for ground in one[1])]
    cut = [one for one in closing if one not in ran_out]
    _close_alike(actor, None, ran_out, RAN_OUT, changes)
    _close_alike(actor, actor, cut, reason[:200], changes)


def _close_alike(
    actor: Employee | None,
    ended_by: Employee | None,
    closing: list[tuple[Custody, list[Ground]]],
    reason: str,
    changes: Changes,
) -> None:
    if not closing:
        return
    now = clock.now()
    _end_grounds([ground for _custody, grounds in closing for ground in grounds], reason)
    custodies = [custody for custody, _grounds in closing]
    for custody in custodies:
        custody.closed_at, custody.closed_by, custody.end_reason = now, ended_by, reason
    Custody.objects.filter(pk__in=[custody.pk for custody in custodies]).update(
        closed_at=now, closed_by=ended_by, end_reason=reason
    )
    _forbid(custodies)
    for custody, grounds in closing:
        record(Verb.CUSTODY_CLOSE, actor=actor, obj=custody, facts=[custody, *grounds], reason=reason)
    changes.closed += custodies


def _is_over(ground: Ground) -> bool:
    return ground.effective_until is not None and ground.effective_until <= clock.now()


def _end_grounds(grounds: Sequence[Ground], reason: str) -> None:
    now = clock.now()
    for over in (True, False):
        some = [ground for ground in grounds if _is_over(ground) is over]
        text = RAN_OUT if over else reason[:200]
        for ground in some:
            ground.closed_at, ground.end_reason = now, text
        Ground.objects.filter(pk__in=[ground.pk for ground in some]).update(closed_at=now, end_reason=text)


def _shared(custodies: Sequence[Custody]) -> list[Custody]:
    return [custody for custody in custodies if custody.channel == Custody.Channel.SHARED_LOGIN]


def _permission() -> Permission:
    return Permission.objects.get(codename=REVEAL, content_type__app_label="credentials")


def _permit(custodies: Sequence[Custody]) -> None:
    shared = _shared(custodies)
    credentials = dict(
        Credential.objects.filter(account__in={custody.account_id for custody in shared}).values_list(
            "account_id", "pk"
        )
    )
    permission = _permission()
    CredentialUserObjectPermission.objects.bulk_create(
        [
            CredentialUserObjectPermission(
                permission=permission, user=custody.person, content_object_id=credentials[custody.account_id]
            )
            for custody in shared
        ]
    )


def _forbid(custodies: Sequence[Custody]) -> None:
    by_person: dict[int, list[int]] = defaultdict(list)
    for custody in _shared(custodies):
        by_person[custody.person_id].append(custody.account_id)
    for person, accounts in by_person.items():
        CredentialUserObjectPermission.objects.filter(
            user=person, content_object__account__in=accounts, permission__codename=REVEAL
        ).delete()
