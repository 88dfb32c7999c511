"""Replacing a current version so that at no point the password that the platform accepts is missing from the vault.

staged (sealed, committed and read back; nobody has seen it) -> shown -> claimed changed -> verified -> closed, when the
closing list is done. Cancelled keeps the staged version as abandoned, because a human may have changed the platform
already. Unknown, when nobody can say which password the platform has: reconciled through its recovery.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import Exists, Min, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts.models import Account
from audit import clock, ledger, states
from audit.actions import Verb
from audit.errors import ConflictOfInterest, Invalid, Refused, Stale
from audit.ledger import record, service
from credentials import digests, earlier, generation, hands, knowledge, sealing, stale, startup, vault
from credentials.models import (
    ClosingStep,
    Credential,
    Knowledge,
    Rotation,
    SecretItem,
    SecretVersion,
)
from credentials.vault import Shown
from employees.models import Employee

State, Version = Rotation.State, SecretVersion.State

NEW, OLD, EARLIER, OTHER = "new", "old", "earlier", "other"
"""What was found out in the end: the platform has the new password, the old one, an earlier one that is kept, or
another that recovery set."""


def open_rotation(credential: Credential) -> Rotation | None:
    """The credential's open rotation of its password."""
    return Rotation.objects.whole().filter(item__credential=credential, state__in=Rotation.OPEN).first()


def unfinished(accounts: Iterable[Account] | None = None) -> QuerySet[Rotation]:
    """Rotations whose password is verified and whose closing list is not done, the oldest first.

    The last one of a password alone: its list closes those before it, too.
    """
    not_done = Rotation.objects.list_open()
    later = not_done.filter(item=OuterRef("item"), version__number__gt=OuterRef("version__number"))
    found = not_done.whole().exclude(Exists(later)).order_by("verified_at")
    return found if accounts is None else found.filter(item__credential__account__in=list(accounts))


def unfinished_since(rotations: Iterable[Rotation]) -> dict[int, datetime]:
    """Since when something is left to be done of the items of `rotations`, by item. One query."""
    rows = Rotation.objects.list_open().filter(item__in={one.item_id for one in rotations})
    return dict(rows.order_by().values_list("item").annotate(since=Min("verified_at")))


def open_among(credentials: Iterable[int]) -> set[int]:
    """Those of these credentials (ids) a rotation of whose password is not done to the last line of its list."""
    rows = Rotation.objects.not_done().filter(item__credential__in=list(credentials))
    return set(rows.values_list("item__credential", flat=True))


@service
@sensitive_variables()
def start(
    *,
    actor: Employee,
    credential: Credential,
    reason: str = "",
    style: str = generation.PASSWORD,
    typed: str | None = None,
) -> Rotation:
    """Make a new password to the platform's rules (or take a strong `typed` one), seal it and read it back.

    Nobody has seen it yet. Never one that was used before. Within another act the reading back waits for the showing.
    Raises NotPermitted, Invalid, Refused (nothing to replace), Stale (a rotation is open), VaultUnavailable.
    """
    startup.require_keys()
    rotation = _stage(actor=actor, credential=credential, reason=reason, style=style, typed=typed)
    if not ledger.in_act():
        read_back(rotation)
    return rotation


@service
@sensitive_variables()
def _stage(
    *, actor: Employee, credential: Credential, reason: str, style: str, typed: str | None
) -> Rotation:
    item = vault.hold(credential)
    under_way = open_rotation(credential)
    if under_way is not None:
        raise Stale(
            f"{under_way.in_hand.name} has a rotation of this password in hand already. Go on with that one."
        )
    hands.require_it(actor)
    if vault.current_version(item) is None:
        raise Refused("No password has been deposited yet, so there is nothing to replace. Deposit it first.")
    value = _new_value(credential, style, typed)
    version = vault.new_version(item, value, state=Version.STAGED, actor=actor)
    known = knowledge.note([version], actor, Knowledge.How.SET) if typed is not None else []
    rotation = Rotation.objects.create(
        item=item,
        version=version,
        state=State.STAGED,
        reason=reason[:300],
        started_by=actor,
        started_at=clock.now(),
    )
    record(
        Verb.ROTATION_START,
        actor=actor,
        obj=credential,
        facts=[version, rotation, *known],
        version=version.number,
    )
    return rotation


@sensitive_variables()
def _new_value(credential: Credential, style: str, typed: str | None) -> str:
    """A password that no account of the City ever had. Raises Invalid."""
    account = credential.account
    if typed is None:
        while True:
            made = generation.generate(account.platform, style)
            if not digests.used_before(digests.of(made)):
                return made
    about = (settings.CITY_NAME, account.handle, account.name, account.platform.name, credential.login)
    generation.check_new(typed, account.platform, about)
    if digests.used_before(digests.of(typed)):
        raise Invalid(
            _(
                "This one was in use before, here or on another account of the City. Choose one that never was."
            ),
            fields={"password": "one that was never used"},
        )
    return typed


@sensitive_variables()
def read_back(rotation: Rotation) -> None:
    """Open the staged version as it was committed and compare it with what was made. Raises VaultUnavailable."""
    version = SecretVersion.objects.select_related("item__credential").get(pk=rotation.version_id)
    if digests.of(sealing.unseal(version)) != version.digest:
        raise sealing.Damaged(f"{sealing.spoken(version)} is not what was made. Cancel, and start again.")


@sensitive_variables()
def show(*, actor: Employee, rotation: Rotation) -> list[Shown]:
    """The password that the platform accepts now and the new one, for whoever carries out the rotation.

    Where nobody knows which one the platform has, also earlier ones that are kept. Seeing them is knowledge, recorded
    and committed before any is decrypted. Raises NotPermitted, Stale, VaultUnavailable. Must not be called within a
    service.
    """
    vault.outside_of_services()
    startup.require_keys()
    hands.require(actor, rotation)
    read_back(rotation)
    return vault.opened(_record_showing(actor=actor, rotation=rotation))


@service
def _record_showing(*, actor: Employee, rotation: Rotation) -> list[SecretVersion]:
    vault.hold(rotation.item.credential)
    _require_open(rotation)
    hands.require(actor, rotation)
    if rotation.state == State.STAGED:
        states.move(rotation, "state", old=State.STAGED, new=State.SHOWN)
    found = SecretVersion.objects.filter(item=rotation.item_id, state__in=(Version.CURRENT, Version.STAGED))
    if rotation.state == State.UNKNOWN:
        found = found | earlier.kept(rotation.item)
    versions = list(found.select_related("item__credential").order_by("number"))
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
    """Say that the platform has the new password now. Custodians are shown both until it is verified.

    Raises NotPermitted, Refused (the new password was never shown to them), Stale.
    """
    hands.require(actor, rotation)
    if rotation.state == State.SHOWN:
        _require_seen(actor, rotation)
    states.move(
        rotation,
        "state",
        old=State.SHOWN,
        new=State.CLAIMED,
        claimed_by=actor,
        claimed_at=clock.now(),
    )
    record(Verb.ROTATION_CLAIM, actor=actor, obj=rotation.item.credential, facts=[rotation])


@service
def verify(*, actor: Employee, rotation: Rotation) -> None:
    """Say that one has signed in with the new password: it becomes the current version, the old one the previous.

    With ROTATION_SECOND_PERSON somebody else than who changed it on the platform. Raises NotPermitted,
    ConflictOfInterest, Refused (the new password was never shown to them), Stale.
    """
    hands.require(actor, rotation)
    item = vault.hold(rotation.item.credential)
    rotation.refresh_from_db()
    if settings.ROTATION_SECOND_PERSON and rotation.claimed_by_id == actor.pk:
        raise ConflictOfInterest(
            _(
                "You changed it yourself. Somebody else of Information Technology signs in with it and says so."
            )
        )
    if rotation.state == State.CLAIMED:
        _require_seen(actor, rotation)
    now = clock.now()
    states.move(
        rotation,
        "state",
        old=State.CLAIMED,
        new=State.VERIFIED,
        verified_by=actor,
        verified_at=now,
    )
    replaced = vault.replace(item, now=now)
    states.move(rotation.version, "state", old=Version.STAGED, new=Version.CURRENT, current_from=now)
    known = knowledge.note([rotation.version], actor, Knowledge.How.VERIFIED)
    done = ClosingStep.objects.create(
        rotation=rotation,
        step=ClosingStep.Step.PASSWORD,
        outcome=ClosingStep.Outcome.DONE,
        by=actor,
        at=now,
    )
    record(
        Verb.ROTATION_VERIFY,
        actor=actor,
        obj=rotation.item.credential,
        facts=[rotation, *replaced, rotation.version, *known, done, *stale.settle(item, now=now)],
        version=rotation.version.number,
    )


def has_seen(person: Employee, rotation: Rotation) -> bool:
    """Whether `person` knows the new password, and so could sign in with it."""
    return Knowledge.objects.filter(version=rotation.version_id, person=person).exists()


def _require_seen(actor: Employee, rotation: Rotation) -> None:
    if not has_seen(actor, rotation):
        raise Refused(_("Show it to yourself first, and sign in with it."))


@service
def cancel(*, actor: Employee, rotation: Rotation) -> None:
    """Give the rotation up. The new password is kept as abandoned: the platform may have it already."""
    vault.hold(rotation.item.credential)
    _require_open(rotation)
    hands.require(actor, rotation)
    _abandon(actor, rotation)
    record(
        Verb.ROTATION_CANCEL,
        actor=actor,
        obj=rotation.item.credential,
        facts=[rotation, rotation.version],
        version=rotation.version.number,
    )


@service
def lose(*, actor: Employee, rotation: Rotation) -> None:
    """Say that neither password opens the account, or that nobody can tell: custodians are shown both from now on.

    Raises NotPermitted, Stale (nobody has seen the new one, or it is over).
    """
    vault.hold(rotation.item.credential)
    hands.require(actor, rotation)
    _require_open(rotation)
    if rotation.state not in (State.SHOWN, State.CLAIMED):
        raise Stale(_("Nobody has seen the new password yet, so the platform cannot have it."))
    states.move(rotation, "state", old=rotation.state, new=State.UNKNOWN)
    record(Verb.ROTATION_LOSE, actor=actor, obj=rotation.item.credential, facts=[rotation])


@service
@sensitive_variables()
def reconcile(
    *, actor: Employee, rotation: Rotation, found: str, value: str = "", number: int | None = None
) -> SecretVersion | None:
    """Say what was found out: the platform has the NEW password (verify it next), the OLD one, an EARLIER, or an OTHER.

    OTHER is what the platform's recovery set: `value` becomes the current version, and this one is given up; gives that
    version. EARLIER likewise, with what version `number` holds, and its rotation is due at once. Raises NotPermitted,
    Invalid, Refused (the new or the earlier one was never shown to them), Stale (it is not unknown).
    """
    credential = rotation.item.credential
    item = vault.hold(credential)
    hands.require(actor, rotation)
    rotation.refresh_from_db()
    if rotation.state != State.UNKNOWN:
        raise Stale(
            _("This rotation is not in doubt: {state}.").format(state=rotation.get_state_display().lower())
        )
    if found == NEW:
        _require_seen(actor, rotation)
        states.move(
            rotation, "state", old=State.UNKNOWN, new=State.CLAIMED, claimed_by=actor, claimed_at=clock.now()
        )
        record(Verb.ROTATION_RECONCILE, actor=actor, obj=credential, facts=[rotation], found=found)
        return None
    if found not in (OLD, EARLIER, OTHER):
        raise Invalid(_("Say which password opens the account."), fields={"found": "new, old or other"})
    if found == EARLIER:
        value = _earlier_value(actor, item, number)
    if found == OTHER:
        generation.check_typed(value)
    _abandon(actor, rotation)
    record(
        Verb.ROTATION_RECONCILE,
        actor=actor,
        obj=credential,
        facts=[rotation, rotation.version],
        found=found,
    )
    return vault.put(actor=actor, item=item, value=value) if found in (EARLIER, OTHER) else None


@sensitive_variables()
def _earlier_value(actor: Employee, item: SecretItem, number: int | None) -> str:
    """What a kept version holds that `actor` has been shown. Opened here to be sealed again, shown to nobody."""
    version = earlier.kept(item).select_related("item__credential").filter(number=number or 0).first()
    if version is None:
        raise Invalid(_("Say which password opens the account."), fields={"found": "a version that is kept"})
    if not Knowledge.objects.filter(version=version, person=actor).exists():
        raise Refused(_("Show every password that is kept first, and sign in with that one."))
    return sealing.unseal(version)


def _abandon(actor: Employee, rotation: Rotation) -> None:
    states.move(
        rotation,
        "state",
        old=rotation.state,
        new=State.CANCELLED,
        closed_by=actor,
        closed_at=clock.now(),
    )
    states.move(rotation.version, "state", old=Version.STAGED, new=Version.ABANDONED)


def _require_open(rotation: Rotation) -> None:
    rotation.refresh_from_db()
    if not rotation.is_open:
        raise Stale(f"This rotation is closed: {rotation.get_state_display().lower()}.")
