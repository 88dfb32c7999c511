"""Replacing a current version so that at no point the password that the platform accepts is missing from the vault.

staged (sealed, committed and read back; nobody has seen it) -> shown -> claimed changed -> verified -> closed, when the
closing list is done. Cancelled keeps the staged version as abandoned, because a human may have changed the platform
already. Unknown, when nobody can say which password the platform has: reconciled through its recovery.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts.models import Account
from audit import clock, ledger, states
from audit.actions import Verb
from audit.errors import ConflictOfInterest, Invalid, NotPermitted, Refused, Stale
from audit.ledger import record, service
from credentials import digests, entitlement, generation, knowledge, sealing, stale, startup, vault
from credentials.models import (
    ClosingStep,
    Credential,
    Custody,
    Knowledge,
    Rotation,
    SecretItem,
    SecretVersion,
)
from credentials.vault import Shown
from employees import outbox
from employees.models import Employee, Office, Role

State, Version = Rotation.State, SecretVersion.State

NEW, OLD, OTHER = "new", "old", "other"
"""What was found out in the end: the platform has the new password, the old one, or another that recovery set."""


def open_rotation(credential: Credential) -> Rotation | None:
    """The credential's open rotation of its password."""
    return _whole().filter(item__credential=credential, state__in=Rotation.OPEN).first()


def unfinished(accounts: Iterable[Account] | None = None) -> QuerySet[Rotation]:
    """Rotations whose password is verified and whose closing list is not done, the oldest first."""
    found = _whole().filter(state=State.VERIFIED, closed_at=None).order_by("verified_at")
    return found if accounts is None else found.filter(item__credential__account__in=list(accounts))


def _whole() -> QuerySet[Rotation]:
    return Rotation.objects.select_related(
        "item__credential__account__platform",
        "version",
        "started_by",
        "handed_to",
        "claimed_by",
        "verified_by",
    )


def open_among(credentials: Iterable[int]) -> set[int]:
    """Those of these credentials (ids) a rotation of whose password is not done to the last line of its list."""
    not_closed = Q(state__in=Rotation.OPEN) | Q(state=Rotation.State.VERIFIED, closed_at=None)
    rows = Rotation.objects.filter(not_closed, item__credential__in=list(credentials))
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
    _require_it(actor)
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
    _require_hand(actor, rotation)
    read_back(rotation)
    return vault.opened(_record_showing(actor=actor, rotation=rotation))


@service
def _record_showing(*, actor: Employee, rotation: Rotation) -> list[SecretVersion]:
    vault.hold(rotation.item.credential)
    _require_open(rotation)
    _require_hand(actor, rotation)
    if rotation.state == State.STAGED:
        states.move(rotation, "state", old=State.STAGED, new=State.SHOWN)
    found = SecretVersion.objects.filter(item=rotation.item_id, state__in=(Version.CURRENT, Version.STAGED))
    if rotation.state == State.UNKNOWN:
        found = found | kept(rotation.item)
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


def kept(item: SecretItem) -> QuerySet[SecretVersion]:
    """Earlier versions that the platform may have: the previous one, and all since the last verified, that included.

    What was deposited is somebody's word, and may have been meant for another account: until somebody signs in and
    verifies, no number of deposits puts an earlier password out of reach.
    """
    last = Rotation.objects.filter(item=item, state=State.VERIFIED).order_by("-version__number").first()
    since = last.version.number if last else 0
    versions = SecretVersion.objects.filter(item=item)
    return versions.filter(state=Version.PREVIOUS) | versions.filter(
        state__in=(Version.RETIRED, Version.ABANDONED), number__gte=since
    )


@sensitive_variables()
def look_back(*, actor: Employee, credential: Credential) -> list[Shown]:
    """Earlier versions that are kept, for Information Technology when the current one opens nothing.

    Raises NotPermitted, Refused (none is kept), VaultUnavailable. Must not be called within a service.
    """
    vault.outside_of_services()
    startup.require_keys()
    return vault.opened(_record_look_back(actor=actor, credential=credential))


@service
def _record_look_back(*, actor: Employee, credential: Credential) -> list[SecretVersion]:
    _require_it(actor)
    versions = list(kept(vault.item_of(credential)).select_related("item__credential").order_by("number"))
    if not versions:
        raise Refused(_("No earlier password is kept."))
    known = knowledge.note(versions, actor, Knowledge.How.ROTATION)
    numbers = [version.number for version in versions]
    record(Verb.ROTATION_LOOK_BACK, actor=actor, obj=credential, facts=known, versions=numbers)
    return versions


@service
def hand_over(*, actor: Employee, rotation: Rotation, to: Employee) -> None:
    """Put what is left of a rotation into the hands of `to`: somebody of Information Technology, or a custodian.

    A custodian needs a ground in force, then and at every later step. Who saw the new version knows it all the same.
    Raises NotPermitted, Invalid (`to` may not have it, or has it), Stale (it is over, or somebody else handed it over).
    """
    credential = rotation.item.credential
    vault.hold(credential)
    before = rotation.handed_to_id
    rotation.refresh_from_db()
    _require_hand(actor, rotation)
    if not (rotation.is_open or (rotation.state == State.VERIFIED and rotation.closed_at is None)):
        raise Stale(_("This rotation is over, so there is nothing to hand over."))
    if rotation.handed_to_id != before:
        raise Stale(_("{name} has it in hand since a moment ago.").format(name=rotation.in_hand.name))
    had = rotation.in_hand
    if to.pk == had.pk:
        raise Invalid(
            _("{name} has it in hand already.").format(name=to.name), fields={"to": "somebody else"}
        )
    if not (to.is_active and (entitlement.may_rotate(to) or entitlement.ground_to_reveal(to, credential))):
        raise Invalid(
            _("Only Information Technology, or who holds the account’s login today, can have it."),
            fields={"to": "somebody of Information Technology or a custodian"},
        )
    rotation.handed_to = to
    rotation.save(update_fields=["handed_to"])
    record(
        Verb.ROTATION_HAND_OVER,
        actor=actor,
        obj=credential,
        facts=[rotation],
        version=rotation.version.number,
        before=had.audit_ref()._asdict(),
        to=to.audit_ref()._asdict(),
    )


def may_carry_out(person: Employee, rotation: Rotation) -> bool:
    """Information Technology; and to whom it was handed over, for as long as that person holds the account's login."""
    if entitlement.may_rotate(person):
        return True
    handed = Rotation.objects.filter(pk=rotation.pk, handed_to=person).exists()
    return handed and entitlement.ground_to_reveal(person, rotation.item.credential) is not None


def candidates(rotation: Rotation) -> list[Employee]:
    """Whom it can be handed over to, by name."""
    found = {
        one.pk: one
        for one in (
            *outbox.in_role(Role.Name.INFORMATION_TECHNOLOGY),
            *outbox.in_office(Office.Kind.IT_DIRECTOR),
        )
    }
    login = Custody.objects.in_force().filter(
        account=rotation.item.credential.account_id,
        channel=Custody.Channel.SHARED_LOGIN,
        person__is_active=True,
    )
    found |= {one.person_id: one.person for one in login.select_related("person")}
    found.pop(rotation.in_hand.pk, None)
    return sorted(found.values(), key=lambda one: one.name)


def in_hands_of(person: Employee) -> QuerySet[Rotation]:
    """What was handed over to `person` and is not done to the last line of its list."""
    not_closed = Q(state__in=Rotation.OPEN) | Q(state=State.VERIFIED, closed_at=None)
    return _whole().filter(not_closed, handed_to=person).order_by("started_at")


@service
def claim_changed(*, actor: Employee, rotation: Rotation) -> None:
    """Say that the platform has the new password now. Custodians are shown both until it is verified."""
    _require_hand(actor, rotation)
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
    ConflictOfInterest, Stale.
    """
    _require_hand(actor, rotation)
    item = vault.hold(rotation.item.credential)
    rotation.refresh_from_db()
    if settings.ROTATION_SECOND_PERSON and rotation.claimed_by_id == actor.pk:
        raise ConflictOfInterest(
            _(
                "You changed it yourself. Somebody else of Information Technology signs in with it and says so."
            )
        )
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
        facts=[rotation, *replaced, rotation.version, *known, done, *stale.settle(item)],
        version=rotation.version.number,
    )


@service
def cancel(*, actor: Employee, rotation: Rotation) -> None:
    """Give the rotation up. The new password is kept as abandoned: the platform may have it already."""
    vault.hold(rotation.item.credential)
    _require_open(rotation)
    _require_hand(actor, rotation)
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
    _require_hand(actor, rotation)
    _require_open(rotation)
    if rotation.state not in (State.SHOWN, State.CLAIMED):
        raise Stale(_("Nobody has seen the new password yet, so the platform cannot have it."))
    states.move(rotation, "state", old=rotation.state, new=State.UNKNOWN)
    record(Verb.ROTATION_LOSE, actor=actor, obj=rotation.item.credential, facts=[rotation])


@service
@sensitive_variables()
def reconcile(*, actor: Employee, rotation: Rotation, found: str, value: str = "") -> SecretVersion | None:
    """Say what was found out: the platform has the NEW password (verify it next), the OLD one, or an OTHER.

    OTHER is what the platform's recovery set: `value` becomes the current version, and this one is given up; gives that
    version. Raises NotPermitted, Invalid, Stale (it is not unknown).
    """
    credential = rotation.item.credential
    item = vault.hold(credential)
    _require_hand(actor, rotation)
    rotation.refresh_from_db()
    if rotation.state != State.UNKNOWN:
        raise Stale(
            _("This rotation is not in doubt: {state}.").format(state=rotation.get_state_display().lower())
        )
    if found == NEW:
        states.move(
            rotation, "state", old=State.UNKNOWN, new=State.CLAIMED, claimed_by=actor, claimed_at=clock.now()
        )
        record(Verb.ROTATION_RECONCILE, actor=actor, obj=credential, facts=[rotation], found=found)
        return None
    if found not in (OLD, OTHER):
        raise Invalid(_("Say which password opens the account."), fields={"found": "new, old or other"})
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
    return vault.put(actor=actor, item=item, value=value) if found == OTHER else None


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


def _require_hand(actor: Employee, rotation: Rotation) -> None:
    if not may_carry_out(actor, rotation):
        raise NotPermitted(
            "A rotation is carried out by Information Technology, or by the custodian to whom it was handed over."
        )


def _require_it(actor: Employee) -> None:
    if not entitlement.may_rotate(actor):
        raise NotPermitted("Shared passwords are rotated by Information Technology.")
