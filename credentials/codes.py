"""One-time codes and recovery codes: what is needed for one sign-in, and no more."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from audit import clock
from audit.actions import Verb
from audit.errors import Refused
from audit.ledger import record, service
from credentials import alerts, kinds, knowledge, sealing, startup, totp, vault
from credentials.models import Credential, Knowledge, RecoveryCodeUse, SecretItem, SecretVersion
from employees.models import Employee

Kind = SecretItem.Kind


@dataclass(frozen=True)
class Taken:
    """One recovery code, and how many are left. `repr` never shows it."""

    version: SecretVersion
    code: str
    left: int

    def __repr__(self) -> str:
        return f"Taken(version {self.version.number}, {self.left} left)"


@sensitive_variables()
def current(*, actor: Employee, credential: Credential) -> totp.Code:
    """The one-time code of this moment. Nobody who sees it knows the seed, so it is no knowledge; an entry it is.

    Raises NotPermitted, Refused (no seed), VaultUnavailable. Must not be called within a service.
    """
    vault.outside_of_services()
    startup.require_keys()
    version = _record_showing(actor=actor, credential=credential)
    return totp.Seed.loads(sealing.unseal(version)).at(clock.now())


@service
def _record_showing(*, actor: Employee, credential: Credential) -> SecretVersion:
    ground = vault.ground_for(actor, credential)
    version = _current(credential, Kind.TOTP_SEED)
    record(Verb.CODE_SHOW, actor=actor, obj=credential, version=version.number, ground=ground)
    return version


def _current(credential: Credential, kind: str) -> SecretVersion:
    found = SecretVersion.objects.filter(
        item__credential=credential, item__kind=kind, state=SecretVersion.State.CURRENT
    )
    version = found.select_related("item__credential").first()
    if version is None:
        raise Refused(str(vault.NOTHING_YET[kind]))
    return version


@sensitive_variables()
def take(*, actor: Employee, credential: Credential) -> Taken:
    """The next recovery code, which is struck off: each is handed out once.

    Whoever takes one knows it, and might not have used it, so it is knowledge. Raises NotPermitted, Refused (none, or
    none left), VaultUnavailable (then none is struck off). Must not be called within a service.
    """
    vault.outside_of_services()
    startup.require_keys()
    use, code = _strike_off(actor=actor, credential=credential)
    return Taken(use.version, code, use.version.pieces - use.position)


@service
@sensitive_variables()
def _strike_off(*, actor: Employee, credential: Credential) -> tuple[RecoveryCodeUse, str]:
    ground = vault.ground_for(actor, credential)
    use, code = strike_off(actor, credential)
    known = knowledge.note([use.version], actor, Knowledge.How.REVEAL)
    record(
        Verb.CODE_TAKE,
        actor=actor,
        obj=credential,
        facts=[use, *known],
        version=use.version.number,
        position=use.position,
        ground=ground,
    )
    alerts.note(actor)
    return use, code


@sensitive_variables()
def strike_off(actor: Employee, credential: Credential) -> tuple[RecoveryCodeUse, str]:
    """Strike the next recovery code off. Called within a service, which records it; shown once that is committed.

    Opened before it is struck off: each code counts once, and one that does not open was not handed out. Raises
    Refused (none left), VaultUnavailable.
    """
    vault.hold(credential, Kind.RECOVERY_CODES)
    version = _current(credential, Kind.RECOVERY_CODES)
    position = version.code_uses.count() + 1
    if position > version.pieces:
        raise Refused(_("Every recovery code has been used. Make new ones on the platform and deposit them."))
    code = kinds.codes(sealing.unseal(version))[position - 1]
    use = RecoveryCodeUse.objects.create(
        version=version, position=position, used_by=actor, used_at=clock.now()
    )
    return use, code
