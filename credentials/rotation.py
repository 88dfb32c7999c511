"""Replacing a current version so that at no point the password that the platform accepts is missing from the vault.

staged (sealed and committed, nobody has seen it) -> shown -> claimed changed -> verified; or cancelled, which keeps the
staged version as abandoned, because a human may have changed the platform already.
"""

from __future__ import annotations

from collections.abc import Iterable

from audit import clock, ledger, states
from audit.actions import Verb
from audit.errors import NotPermitted, Refused, Stale
from audit.ledger import record, service
from credentials import entitlement, generation, knowledge, sealing, vault
from credentials.models import Credential, Knowledge, Rotation, SecretVersion
from credentials.vault import Shown
from employees.models import Employee


def open_rotation(credential: Credential) -> Rotation | None:
    """The credential's open rotation of its password."""
    return (
        Rotation.objects.filter(item__credential=credential, state__in=Rotation.OPEN)
        .select_related("item__credential__account__platform", "version", "started_by", "claimed_by")
        .first()
    )


def open_among(credentials: Iterable[int]) -> set[int]:
    """Those of these credentials (ids) whose password is being rotated."""
    rows = Rotation.objects.filter(item__credential__in=list(credentials), state__in=Rotation.OPEN)
    return set(rows.values_list("item__credential", flat=True))


@service
def start(*, actor: Employee, credential: Credential, reason: str = "") -> Rotation:
    """Make and seal a new password to the platform's rules. Nobody has seen it yet.

    Raises NotPermitted, Refused (nothing to replace), Stale (a rotation is open), VaultUnavailable.
    """
    item = vault.hold(credential)
    under_way = open_rotation(credential)
    if under_way is not None:
        raise Stale(
            f"{under_way.started_by.name} has started a rotation of this password already. Go on with that one."
        )
    _require_it(actor)
    if vault.current_version(item) is None:
        raise Refused("No password has been deposited yet, so there is nothing to replace. Deposit it first.")
    value = generation.generate(credential.account.platform)
    version = vault.new_version(item, value, state=SecretVersion.State.STAGED, actor=actor)
    rotation = Rotation.objects.create(
        item=item,
        version=version,
        state=Rotation.State.STAGED,
        reason=reason[:300],
        started_by=actor,
        started_at=clock.now(),
    )
    record(
        Verb.ROTATION_START,
        actor=actor,
        obj=credential,
        facts=[version, rotation],
        version=version.number,
    )
    return rotation


def show(*, actor: Employee, rotation: Rotation) -> list[Shown]:
    """The password that the platform accepts now and the new one, for whoever carries out the rotation.

    Seeing them is knowledge, recorded and committed before either is decrypted. Raises NotPermitted, Stale,
    VaultUnavailable. Must not be called within a service.
    """
    if ledger.in_act():
        raise ledger.NotInAService(
            "A showing commits its entry before it decrypts; call it outside of services"
        )
    versions = _record_showing(actor=actor, rotation=rotation)
    return [Shown(version, str(version.get_state_display()), sealing.unseal(version)) for version in versions]


@service
def _record_showing(*, actor: Employee, rotation: Rotation) -> list[SecretVersion]:
    vault.hold(rotation.item.credential)
    rotation.refresh_from_db()
    if not rotation.is_open:
        raise Stale(f"This rotation is closed: {rotation.get_state_display().lower()}.")
    _require_it(actor)
    if rotation.state == Rotation.State.STAGED:
        states.move(rotation, "state", old=Rotation.State.STAGED, new=Rotation.State.SHOWN)
    versions = list(
        SecretVersion.objects.filter(
            item=rotation.item_id, state__in=(SecretVersion.State.CURRENT, SecretVersion.State.STAGED)
        ).order_by("number")
    )
    known = knowledge.note(versions, actor, Knowledge.How.ROTATION)
    record(
        Verb.ROTATION_SHOW,
        actor=actor,
        obj=rotation.item.credential,
        facts=[rotation, *known],
        versions=[version.number for version in versions],
    )
    return versions


@service
def claim_changed(*, actor: Employee, rotation: Rotation) -> None:
    """Say that the platform has the new password now. Custodians are shown both until it is verified."""
    _require_it(actor)
    states.move(
        rotation,
        "state",
        old=Rotation.State.SHOWN,
        new=Rotation.State.CLAIMED,
        claimed_by=actor,
        claimed_at=clock.now(),
    )
    record(Verb.ROTATION_CLAIM, actor=actor, obj=rotation.item.credential, facts=[rotation])


@service
def verify(*, actor: Employee, rotation: Rotation) -> None:
    """Say that one has signed in with the new password: it becomes the current version, the old one the previous."""
    _require_it(actor)
    item = vault.hold(rotation.item.credential)
    now = clock.now()
    states.move(
        rotation,
        "state",
        old=Rotation.State.CLAIMED,
        new=Rotation.State.VERIFIED,
        closed_by=actor,
        closed_at=now,
    )
    replaced = vault.replace(item, now=now)
    states.move(
        rotation.version,
        "state",
        old=SecretVersion.State.STAGED,
        new=SecretVersion.State.CURRENT,
        current_from=now,
    )
    known = knowledge.note([rotation.version], actor, Knowledge.How.VERIFIED)
    record(
        Verb.ROTATION_VERIFY,
        actor=actor,
        obj=rotation.item.credential,
        facts=[rotation, *replaced, rotation.version, *known],
        version=rotation.version.number,
    )


@service
def cancel(*, actor: Employee, rotation: Rotation) -> None:
    """Give the rotation up. The new password is kept as abandoned: the platform may have it already."""
    vault.hold(rotation.item.credential)
    rotation.refresh_from_db()
    if not rotation.is_open:
        raise Stale(f"This rotation is closed: {rotation.get_state_display().lower()}.")
    _require_it(actor)
    states.move(
        rotation,
        "state",
        old=rotation.state,
        new=Rotation.State.CANCELLED,
        closed_by=actor,
        closed_at=clock.now(),
    )
    states.move(rotation.version, "state", old=SecretVersion.State.STAGED, new=SecretVersion.State.ABANDONED)
    record(
        Verb.ROTATION_CANCEL,
        actor=actor,
        obj=rotation.item.credential,
        facts=[rotation, rotation.version],
        version=rotation.version.number,
    )


def _require_it(actor: Employee) -> None:
    if not entitlement.may_rotate(actor):
        raise NotPermitted("Shared passwords are rotated by Information Technology.")
