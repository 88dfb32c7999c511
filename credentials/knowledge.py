"""Who knows which version. Knowing never ends; only a newer current version makes it harmless."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from audit import clock
from audit.actions import Verb
from audit.errors import Invalid, NotPermitted
from audit.ledger import record, service
from credentials import entitlement
from credentials.lapses import WHILE_ROTATING
from credentials.models import Knowledge, RotationReport, SecretVersion, StaleCopy
from employees.models import Employee

REASON_LENGTH = 300


def note(versions: Iterable[SecretVersion], person: Employee, how: str) -> list[Knowledge]:
    """Write down that `person` came to know `versions` now. Called within a service, which records them."""
    now = clock.now()
    return Knowledge.objects.bulk_create(
        [Knowledge(version=version, person=person, how=how, at=now, recorded_at=now) for version in versions]
    )


def set_by(version: SecretVersion, actor: Employee, said: Iterable[StaleCopy]) -> list[Knowledge]:
    """Write down who set `version`: `actor` now, and whoever said that they changed it on the platform, since then.

    One row each: whoever deposits what they changed themselves has known it since they said so. Called within a
    service, which records them.
    """
    now = clock.now()
    since = {actor.pk: now}
    for one in said:
        since[one.reported_by_id] = min(one.reported_at, since.get(one.reported_by_id, now))
    return Knowledge.objects.bulk_create(
        [
            Knowledge(version=version, person_id=person, how=Knowledge.How.SET, at=at, recorded_at=now)
            for person, at in since.items()
        ]
    )


def carry_over(
    earlier: Iterable[SecretVersion], version: SecretVersion, *, inherited: bool = True
) -> list[Knowledge]:
    """Who knew one of `earlier` knows `version`, since they knew that: it is the same password, or puts it right.

    Since then, not since now: who was without authority for a day in between must not come out clean. And never as a
    reveal of `version`, which nobody has opened yet. Of another account's password they know it from now on: before, it
    opened nothing here. Without `inherited` only who knew one of them as such: where they
    share but a part, whoever was carried over to them knew another part, or stands with the one that has it. Called
    within a service.
    """
    rows = Knowledge.objects.filter(version__in=list(earlier)).order_by("at", "pk")
    if not inherited:
        rows = rows.exclude(how__in=Knowledge.CARRIED_OVER)
    now, first = clock.now(), dict[tuple[int, str], datetime]()
    for row in rows.select_related("version").defer("version__token"):
        how = Knowledge.How.CARRIED_IT if row.how in WHILE_ROTATING else Knowledge.How.CARRIED
        at = row.at if row.version.item_id == version.item_id else now
        first[row.person_id, how] = min(at, first.get((row.person_id, how), at))
    return Knowledge.objects.bulk_create(
        [
            Knowledge(version=version, person_id=person, how=how, at=at, recorded_at=now)
            for (person, how), at in first.items()
        ]
    )


@service
def declare_told(
    *, actor: Employee, version: SecretVersion, person: Employee, at: datetime | None = None
) -> Knowledge:
    """Say that `person` was told `version` outside the vault, at `at` (now by default).

    Somebody declares it of themselves, or a holder of the account or Information Technology of somebody else. Raises
    NotPermitted, Invalid (a time ahead, or before the version existed).
    """
    account = version.item.credential.account
    allowed = (
        actor.pk == person.pk or entitlement.may_rotate(actor) or entitlement.holds_account(actor, account)
    )
    if not allowed:
        raise NotPermitted(
            "Only who holds the account, or Information Technology, can say this of somebody else."
        )
    now = clock.now()
    moment = at or now
    if moment > now or moment < version.created_at:
        raise Invalid(
            "The time must lie between the making of this version and now.",
            fields={"at": "a time between the making of this version and now"},
        )
    told = Knowledge.objects.create(
        version=version, person=person, how=Knowledge.How.TOLD, at=moment, recorded_at=now
    )
    record(
        Verb.KNOWLEDGE_DECLARE,
        actor=actor,
        obj=version.item.credential,
        facts=[told],
        version=version.number,
        person=person.audit_ref()._asdict(),
    )
    return told


@service
def report(*, actor: Employee, version: SecretVersion, reason: str) -> RotationReport:
    """Say that `version` must be replaced, because it got around. Makes its rotation due until it is not current.

    Whoever holds the account may, and Information Technology. Raises NotPermitted, Invalid.
    """
    account = version.item.credential.account
    if not (entitlement.may_rotate(actor) or entitlement.holds_account(actor, account)):
        raise NotPermitted("Only who holds this account, or Information Technology, can report its password.")
    text = " ".join(reason.split())
    if not text or len(text) > REASON_LENGTH:
        raise Invalid(
            "Say in a sentence what happened.",
            fields={"reason": f"a sentence of at most {REASON_LENGTH} characters, without the password"},
        )
    made = RotationReport.objects.create(version=version, reason=text, reported_by=actor, at=clock.now())
    # The sentence stays out of the ledger: people type into it what they should not.
    record(
        Verb.ROTATION_REPORT,
        actor=actor,
        obj=version.item.credential,
        facts=[made],
        version=version.number,
    )
    return made
