"""Depositing and revealing secrets.

A reveal is recorded and committed before anything is decrypted: no password is ever delivered unrecorded.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from audit import clock, ledger, states
from audit.actions import Verb
from audit.errors import Invalid, NotPermitted, Refused, Stale
from audit.ledger import record, service
from credentials import alerts, entitlement, generation, keyring, knowledge, provisioning, sealing
from credentials.models import Credential, Knowledge, Rotation, SecretItem, SecretVersion
from employees.models import Employee

LOGIN_LENGTH = 254


@dataclass(frozen=True)
class Shown:
    """One opened version. `repr` never shows the value."""

    version: SecretVersion
    label: str
    value: str

    def __repr__(self) -> str:
        return f"Shown(version {self.version.number}, {self.label})"


def item_of(credential: Credential, kind: str = SecretItem.Kind.PASSWORD) -> SecretItem:
    """The secret item of this kind. Raises SecretItem.DoesNotExist."""
    return SecretItem.objects.select_related("credential__account__platform").get(
        credential=credential, kind=kind
    )


def hold(credential: Credential, kind: str = SecretItem.Kind.PASSWORD) -> SecretItem:
    """The secret item, with its row locked for the rest of the transaction: one change of versions at a time."""
    items = SecretItem.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "credential__account__platform"
    )
    return items.get(credential=credential, kind=kind)


def current_version(item: SecretItem) -> SecretVersion | None:
    """The version that the platform accepts as far as the vault knows."""
    return SecretVersion.objects.filter(item=item, state=SecretVersion.State.CURRENT).first()


def new_version(
    item: SecretItem, value: str, *, state: str, actor: Employee, current_from: datetime | None = None
) -> SecretVersion:
    """Seal `value` as the item's next version. Called within a service. Raises VaultUnavailable."""
    top = SecretVersion.objects.filter(item=item).aggregate(top=Max("number"))["top"] or 0
    version = SecretVersion(
        item=item,
        number=top + 1,
        state=state,
        created_by=actor,
        created_at=current_from or clock.now(),
        current_from=current_from,
    )
    sealed = sealing.seal(version, value)
    version.token, version.key_id = sealed.token, sealed.key_id
    version.save(force_insert=True)
    return version


def replace(item: SecretItem, *, now: datetime) -> list[SecretVersion]:
    """Make the current version the previous one, and that one retired. Called within a service; gives what changed.

    `now` is also when the new one becomes current: there is no instant without a current version.
    """
    State = SecretVersion.State
    replaced = SecretVersion.objects.filter(item=item, state__in=(State.CURRENT, State.PREVIOUS))
    changed = list(replaced.order_by("number"))
    for version in changed:
        current = version.state == State.CURRENT
        to = State.PREVIOUS if current else State.RETIRED
        until = now if current else version.current_until
        states.move(version, "state", old=version.state, new=to, current_until=until)
    return changed


@service
def deposit(*, actor: Employee, credential: Credential, login: str, value: str) -> SecretVersion:
    """Put the login and password that the platform accepts now into the vault, as the current version.

    For the first deposit, and when a custodian had to change the password on the platform. Whoever holds the account
    may, and Information Technology. Raises NotPermitted, Invalid, Stale (a rotation is open), VaultUnavailable.
    """
    account = credential.account
    if not may_deposit(actor, credential):
        raise NotPermitted(
            "Only who holds this account, or Information Technology, can deposit its password."
        )
    name = login.strip()
    if not name or len(name) > LOGIN_LENGTH or not name.isprintable():
        raise Invalid(
            "Type the login name of the account.",
            fields={"login": f"one line, at most {LOGIN_LENGTH} characters"},
        )
    generation.check_typed(value, account.platform)
    item = hold(credential)
    if Rotation.objects.filter(item=item, state__in=Rotation.OPEN).exists():
        raise Stale("A rotation of this password is open. Finish or cancel it first; then deposit.")
    same = _same_value(item, value)
    if same is not None and same.state == SecretVersion.State.CURRENT:
        raise Invalid(
            f"This is version {same.number}, which the vault holds as the current password already. Nothing was "
            "changed, and whoever knew it knows it still.",
            fields={"password": "another password than the current one"},
        )
    now = clock.now()
    replaced = replace(item, now=now)
    if credential.login != name:
        credential.login = name
        credential.save(update_fields=["login"])
    version = new_version(item, value, state=SecretVersion.State.CURRENT, actor=actor, current_from=now)
    known = knowledge.note([version], actor, Knowledge.How.SET)
    if same is not None:
        known += knowledge.carry_over(same, version)
    record(
        Verb.SECRET_DEPOSIT,
        actor=actor,
        obj=credential,
        facts=[*replaced, version, *known],
        item=item.kind,
        version=version.number,
    )
    provisioning.complete_if_ready(actor=actor, account=account)
    return version


def _same_value(item: SecretItem, value: str) -> SecretVersion | None:
    """The newest version of `item` that holds `value`: who knew that one knows this one."""
    for version in SecretVersion.objects.filter(item=item).order_by("-number"):
        with suppress(keyring.WrongKey):
            if secrets.compare_digest(sealing.unseal(version).encode(), value.encode()):
                return version
    return None


def may_deposit(actor: Employee, credential: Credential) -> bool:
    """Who holds the account, or Information Technology."""
    return entitlement.may_rotate(actor) or entitlement.holds_account(actor, credential.account)


def reveal(*, actor: Employee, credential: Credential) -> list[Shown]:
    """The current password, and while a rotation is claimed the new one beside it, for a custodian to read.

    Raises NotPermitted, Refused (nothing deposited), VaultUnavailable (recorded, but nothing could be opened). Must not
    be called within a service: the entry is committed before anything is decrypted.
    """
    if ledger.in_act():
        raise ledger.NotInAService(
            "A reveal commits its entry before it decrypts; call it outside of services"
        )
    versions = _record_reveal(actor=actor, credential=credential)
    return [Shown(version, str(version.get_state_display()), sealing.unseal(version)) for version in versions]


@service
def _record_reveal(*, actor: Employee, credential: Credential) -> Sequence[SecretVersion]:
    """The versions to open. A burst of reveals that this one makes raises an alarm."""
    ground = entitlement.ground_to_reveal(actor, credential)
    if ground is None:
        raise NotPermitted("You hold no access to this account today, so its password is not shown to you.")
    item = item_of(credential)
    wanted = [SecretVersion.State.CURRENT]
    if Rotation.objects.filter(item=item, state=Rotation.State.CLAIMED).exists():
        wanted.append(SecretVersion.State.STAGED)
    versions = list(SecretVersion.objects.filter(item=item, state__in=wanted).order_by("number"))
    if not versions:
        raise Refused("No password has been deposited yet. Deposit it, or ask Information Technology to.")
    known = knowledge.note(versions, actor, Knowledge.How.REVEAL)
    record(
        Verb.SECRET_REVEAL,
        actor=actor,
        obj=credential,
        facts=known,
        item=item.kind,
        versions=[version.number for version in versions],
        ground={"kind": ground.kind, "source": ground.source_id, "authority": ground.authority},
    )
    alerts.note(actor)
    return versions
