"""Depositing and revealing secrets.

A reveal is recorded and committed before anything is decrypted: no secret is ever delivered unrecorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from audit import clock, ledger, states
from audit.actions import Verb
from audit.errors import Invalid, NotPermitted, Refused, Stale
from audit.ledger import record, service
from credentials import (
    alerts,
    digests,
    entitlement,
    generation,
    kinds,
    knowledge,
    logins,
    provisioning,
    sealing,
    stale,
    startup,
)
from credentials.models import Credential, Knowledge, Rotation, RotationReport, SecretItem, SecretVersion
from employees.models import Employee

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LOGIN_LENGTH = logins.LONGEST
Kind = SecretItem.Kind
NOTHING_YET: dict[str, StrOrPromise] = {
    Kind.PASSWORD: gettext_lazy(
        "No password has been deposited yet. Deposit it, or ask Information Technology to."
    ),
    Kind.TOTP_SEED: gettext_lazy("No seed of one-time codes has been deposited yet."),
    Kind.RECOVERY_CODES: gettext_lazy("No recovery codes have been deposited yet."),
    Kind.SECURITY_ANSWERS: gettext_lazy("No security answers have been deposited yet."),
}
REUSED = "It was in use before, here or on another account of the City."
"""Why a deposit makes its own rotation due: what the platform accepts must be in the vault all the same."""


@dataclass(frozen=True)
class Shown:
    """One opened version. `repr` never shows the value."""

    version: SecretVersion
    label: str
    value: str
    seconds: int = 0
    """For how long it is taken, where it is a one-time code."""

    def __repr__(self) -> str:
        return f"Shown(version {self.version.number}, {self.label})"

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Questions and answers, where it is those."""
        return kinds.answers(self.value)


def item_of(credential: Credential, kind: str = Kind.PASSWORD) -> SecretItem:
    """The secret item of this kind. Raises SecretItem.DoesNotExist."""
    return SecretItem.objects.select_related("credential__account__platform").get(
        credential=credential, kind=kind
    )


def hold(credential: Credential, kind: str = Kind.PASSWORD) -> SecretItem:
    """The secret item, with its row locked for the rest of the transaction: one change of versions at a time.

    Items other than the password are made when they are first asked for.
    """
    items = SecretItem.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "credential__account__platform"
    )
    if kind != Kind.PASSWORD:
        SecretItem.objects.bulk_create([SecretItem(credential=credential, kind=kind)], ignore_conflicts=True)
    return items.get(credential=credential, kind=kind)


def current_version(item: SecretItem) -> SecretVersion | None:
    """The version that the platform accepts as far as the vault knows."""
    return SecretVersion.objects.filter(item=item, state=SecretVersion.State.CURRENT).first()


@sensitive_variables()
def new_version(
    item: SecretItem, value: str, *, state: str, actor: Employee, current_from: datetime | None = None
) -> SecretVersion:
    """Seal `value` as the item's next version. Called within a service. Raises VaultUnavailable."""
    top = SecretVersion.objects.filter(item=item).aggregate(top=Max("number"))["top"] or 0
    version = SecretVersion(
        item=item,
        number=top + 1,
        state=state,
        digest=digests.of(value) if item.kind == Kind.PASSWORD else "",
        pieces=len(kinds.codes(value)) if item.kind == Kind.RECOVERY_CODES else 1,
        created_by=actor,
        created_at=current_from or clock.now(),
        current_from=current_from,
    )
    sealing.seal(version, value)
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
@sensitive_variables()
def deposit(*, actor: Employee, credential: Credential, login: str, value: str) -> SecretVersion:
    """Put the login and password that the platform accepts now into the vault, as the current version.

    For the first deposit, and when a custodian had to change the password on the platform. Whoever holds the account
    may, and Information Technology. A password that was in use before is taken, because the platform has it, and its
    rotation is due at once. Whoever said that they changed it on the platform knows it. Raises
    NotPermitted, Invalid, Stale (a rotation is open), VaultUnavailable.
    """
    account = credential.account
    if not may_deposit(actor, credential):
        raise NotPermitted(
            "Only who holds this account, or Information Technology, can deposit its password."
        )
    name = logins.checked(login)
    generation.check_typed(value)
    item = hold(credential)
    if Rotation.objects.filter(item=item, state__in=Rotation.OPEN).exists():
        raise Stale("A rotation of this password is open. Finish or cancel it first; then deposit.")
    if credential.login != name:
        credential.login = name
        credential.save(update_fields=["login"])
    version = put(actor=actor, item=item, value=value)
    provisioning.complete_if_ready(actor=actor, account=account)
    return version


@service
@sensitive_variables()
def put(*, actor: Employee, item: SecretItem, value: str) -> SecretVersion:
    """`value` as the current version of a password item that is held and has no open rotation. Raises Invalid."""
    same = _same_value(value)
    before = next((one for one in same if one.item_id == item.pk), None)
    if before is not None and before.state == SecretVersion.State.CURRENT:
        raise Invalid(
            f"This is version {before.number}, which the vault holds as the current password already. Nothing was "
            "changed, and whoever knew it knows it still. If only the login name is wrong: put the deposit right.",
            fields={"password": "another password than the current one"},
        )
    now = clock.now()
    replaced = replace(item, now=now)
    version = new_version(item, value, state=SecretVersion.State.CURRENT, actor=actor, current_from=now)
    settled = stale.settle(item, now=now)
    known = knowledge.set_by(version, actor, settled) + knowledge.carry_over(same, version)
    reports = []
    if same:
        reports.append(
            RotationReport.objects.create(version=version, reason=REUSED, reported_by=actor, at=now)
        )
    record(
        Verb.SECRET_DEPOSIT,
        actor=actor,
        obj=item.credential,
        facts=[*replaced, version, *known, *reports, *settled],
        item=item.kind,
        version=version.number,
    )
    return version


@service
@sensitive_variables()
def deposit_item(*, actor: Employee, credential: Credential, kind: str, typed: str) -> SecretVersion:
    """Put what the platform gave into the vault: the seed of one-time codes, recovery codes, security answers.

    The platform makes these, so they are current as soon as they are here. What is here already replaces nothing: the
    same again is refused, who knew a part of it knows it still, and a recovery code that was taken stays struck off.
    Raises NotPermitted, Invalid, VaultUnavailable.
    """
    if kind == Kind.PASSWORD:
        raise Invalid("A password is deposited with its login name.")
    if not may_deposit(actor, credential):
        raise NotPermitted("Only who holds this account, or Information Technology, can deposit this.")
    value = kinds.packed(kind, typed)
    item = hold(credential, kind)
    value, same = _not_held_yet(item, value)
    now = clock.now()
    replaced = replace(item, now=now)
    version = new_version(item, value, state=SecretVersion.State.CURRENT, actor=actor, current_from=now)
    settled = stale.settle(item, now=now)
    known = knowledge.set_by(version, actor, settled) + knowledge.carry_over(same, version, inherited=False)
    record(
        Verb.SECRET_DEPOSIT,
        actor=actor,
        obj=credential,
        facts=[item, *replaced, version, *known, *settled],
        item=kind,
        version=version.number,
    )
    return version


@sensitive_variables()
def _not_held_yet(item: SecretItem, value: str) -> tuple[str, list[SecretVersion]]:
    """`value` without recovery codes that were taken, and the earlier versions that share a part of it.

    Opened here to be compared, shown to nobody. Raises Invalid where the current version holds the same, or nothing of
    it is left.
    """
    earlier: list[tuple[SecretVersion, list[str]]] = []
    gone: set[str] = set()
    for version in SecretVersion.objects.filter(item=item).select_related("item__credential"):
        try:
            held = kinds.parts(item.kind, sealing.unseal(version))
        except sealing.Damaged:
            continue  # what does not open any more must not keep its successor out
        earlier.append((version, held))
        gone.update(held[place - 1] for place in version.code_uses.values_list("position", flat=True))
    if item.kind == Kind.RECOVERY_CODES:
        value = kinds.without(value, gone)
        if not value:
            raise Invalid(
                _("Each of these codes has been taken already. Make new ones on the platform."),
                fields={"value": "codes that nobody took yet"},
            )
    wanted = set(kinds.parts(item.kind, value))
    for version, held in earlier:
        if version.state == SecretVersion.State.CURRENT and set(held) - gone == wanted:
            raise Invalid(
                _(
                    "This is what version {number} holds. Nothing was changed, and whoever knew it knows it still. "
                    "Make a new one on the platform first."
                ).format(number=version.number),
                fields={"value": "something else than what the vault holds"},
            )
    return value, [version for version, held in earlier if wanted & set(held)]


@service
@sensitive_variables()
def correct(*, actor: Employee, credential: Credential, value: str) -> SecretVersion:
    """Put the current version right, which was mistyped when it was deposited.

    The mistyped one was never the platform's: it is abandoned, and the previous version stays the previous one. Whoever
    knew it knows, as far as anybody can tell, the right one; what was reported of it holds for the right one. Raises
    NotPermitted, Invalid, Refused (nothing to correct), Stale (a rotation is open), VaultUnavailable.
    """
    if not may_deposit(actor, credential):
        raise NotPermitted("Only who holds this account, or Information Technology, can put this right.")
    generation.check_typed(value)
    item = hold(credential)
    if Rotation.objects.filter(item=item, state__in=Rotation.OPEN).exists():
        raise Stale("A rotation of this password is open. Finish or cancel it first; then put it right.")
    wrong = current_version(item)
    if wrong is None:
        raise Refused(str(NOTHING_YET[Kind.PASSWORD]))
    if Rotation.objects.filter(version=wrong).exists():
        raise Refused(
            "This version was verified on the platform, so it was not mistyped. Deposit a changed one."
        )
    if wrong.digest == digests.of(value):
        raise Invalid(
            f"This is what version {wrong.number} holds. Nothing was changed.",
            fields={"password": "what the platform accepts, typed right"},
        )
    same = _same_value(value)
    now = clock.now()
    State = SecretVersion.State
    states.move(wrong, "state", old=State.CURRENT, new=State.ABANDONED, current_until=now)
    right = new_version(item, value, state=State.CURRENT, actor=actor, current_from=now)
    SecretVersion.objects.filter(pk=wrong.pk).update(mistyped_for=right)
    wrong.mistyped_for = right
    known = knowledge.note([right], actor, Knowledge.How.SET) + knowledge.carry_over([wrong, *same], right)
    said = [(one.reason, one.reported_by, one.at) for one in wrong.reports.select_related("reported_by")]
    if same:
        said.append((REUSED, actor, now))
    reports = [
        RotationReport.objects.create(version=right, reason=reason, reported_by=by, at=at)
        for reason, by, at in said
    ]
    record(
        Verb.SECRET_CORRECT,
        actor=actor,
        obj=credential,
        facts=[wrong, right, *known, *reports],
        version=right.number,
        mistyped=wrong.number,
    )
    return right


@sensitive_variables()
def _same_value(value: str) -> list[SecretVersion]:
    """Versions of any account that hold `value`, the newest first: who knew one of them knows this password."""
    found = SecretVersion.objects.exclude(digest="").filter(digest=digests.of(value))
    return list(found.order_by("-created_at", "-number").defer("token"))


def may_deposit(actor: Employee, credential: Credential) -> bool:
    """Who holds the account, or Information Technology."""
    return entitlement.may_rotate(actor) or entitlement.holds_account(actor, credential.account)


@sensitive_variables()
def reveal(*, actor: Employee, credential: Credential, kind: str = Kind.PASSWORD) -> list[Shown]:
    """The current password, and while a rotation is claimed the new one beside it, for a custodian to read.

    Security answers likewise. Raises NotPermitted, Refused (nothing deposited), VaultUnavailable (nothing could be
    opened). Must not be called within a service: the entry is committed before anything is decrypted.
    """
    if kind not in (Kind.PASSWORD, Kind.SECURITY_ANSWERS):
        raise Refused(_("This is not shown as a whole: one-time codes and recovery codes come one by one."))
    outside_of_services()
    startup.require_keys()
    return opened(_record_reveal(actor=actor, credential=credential, kind=kind))


def outside_of_services() -> None:
    """Raises NotInAService where an entry would not be committed before what follows."""
    if ledger.in_act():
        raise ledger.NotInAService("What shows a secret commits its entry first; call it outside of services")


@sensitive_variables()
def opened(versions: Sequence[SecretVersion]) -> list[Shown]:
    """The values of versions whose showing is recorded and committed. Raises VaultUnavailable."""
    return [Shown(version, str(version.get_state_display()), sealing.unseal(version)) for version in versions]


def ground_for(actor: Employee, credential: Credential) -> dict[str, str]:
    """On what ground `actor` is shown something, for the entry. Raises NotPermitted."""
    ground = entitlement.ground_to_reveal(actor, credential)
    if ground is None:
        raise NotPermitted("You hold no access to this account today, so its password is not shown to you.")
    return {"kind": ground.kind, "source": ground.source_id, "authority": ground.authority}


@service
def _record_reveal(*, actor: Employee, credential: Credential, kind: str) -> Sequence[SecretVersion]:
    """The versions to open. A burst of reveals that this one makes raises an alarm."""
    ground = ground_for(actor, credential)
    wanted = [SecretVersion.State.CURRENT]
    unsure = (Rotation.State.CLAIMED, Rotation.State.UNKNOWN)
    if Rotation.objects.filter(item__credential=credential, item__kind=kind, state__in=unsure).exists():
        wanted.append(SecretVersion.State.STAGED)
    found = SecretVersion.objects.filter(item__credential=credential, item__kind=kind, state__in=wanted)
    versions = list(found.select_related("item__credential").order_by("number"))
    if not versions:
        raise Refused(str(NOTHING_YET[kind]))
    known = knowledge.note(versions, actor, Knowledge.How.REVEAL)
    record(
        Verb.SECRET_REVEAL,
        actor=actor,
        obj=credential,
        facts=known,
        item=kind,
        versions=[version.number for version in versions],
        ground=ground,
    )
    alerts.note(actor)
    return versions
