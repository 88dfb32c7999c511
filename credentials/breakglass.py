"""Break-glass: one secret, for fifteen minutes, to a named person without custody who says why.

Nobody who could open it by custody is at hand, and it cannot wait. So it is opened, both Directors are told at once,
the version must be rotated whatever happens, and somebody else reviews it within a day.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables

from accounts.models import Account
from audit import clock
from audit.actions import Verb
from audit.errors import ConflictOfInterest, Invalid, NotPermitted, Refused, Stale
from audit.ledger import record, service
from credentials import codes, entitlement, kinds, knowledge, sealing, startup, totp, vault
from credentials.models import Credential, EmergencyAccess, Knowledge, Rotation, SecretItem, SecretVersion
from credentials.vault import Shown
from employees import authority, outbox
from employees.models import Employee, Office, Role

Kind = SecretItem.Kind
MINUTES = 15
"""How long one emergency access shows its secret."""

REVIEW_WITHIN = timedelta(days=1)
SHORTEST = 20
"""Characters of a reason that says something."""


def may_break(person: Employee, account: Account) -> bool:
    """Whether the glass is there for `person`: officers, Public Information and IT, where they hold no custody.

    People whom the City has named already for its accounts as a whole. A department's own staff ask for a designation.
    """
    named = authority.is_officer(person) or authority.has_role(
        person, Role.Name.INFORMATION_TECHNOLOGY, Role.Name.PUBLIC_INFORMATION
    )
    return named and not entitlement.holds_account(person, account)


def open_glass(
    *, actor: Employee, credential: Credential, reason: str, kind: str = SecretItem.Kind.PASSWORD
) -> tuple[EmergencyAccess, list[Shown]]:
    """Open one secret of `credential` for fifteen minutes, and show it: of a seed the code of now, of codes one.

    Recorded and committed before anything is shown; recovery codes that do not open are neither struck off nor
    recorded. Raises NotPermitted, Invalid (the reason), Refused (nothing deposited, no code left), VaultUnavailable.
    Must not be called within a service.
    """
    vault.outside_of_services()
    startup.require_keys()
    emergency, versions = _open(actor=actor, credential=credential, reason=reason, kind=kind)
    return emergency, _shown(emergency, versions)


@sensitive_variables()
def _shown(emergency: EmergencyAccess, versions: list[SecretVersion]) -> list[Shown]:
    """What of these versions is shown. The entry is committed."""
    kind = emergency.version.item.kind
    if kind not in (Kind.TOTP_SEED, Kind.RECOVERY_CODES):
        return vault.opened(versions)
    (version,) = versions
    label, value = str(version.get_state_display()), sealing.unseal(version)
    if kind == Kind.TOTP_SEED:
        code = totp.Seed.loads(value).at(clock.now())
        return [Shown(version, label, code.text, code.seconds)]
    assert emergency.code_use is not None
    return [Shown(version, label, kinds.codes(value)[emergency.code_use.position - 1])]


def choices(credential: Credential) -> list[tuple[str, str]]:
    """What of `credential` the glass is over: kinds of secrets that are there, with what would be shown. One query."""
    found = SecretVersion.objects.filter(item__credential=credential, state=SecretVersion.State.CURRENT)
    left = dict(found.annotate(left=F("pieces") - Count("code_uses")).values_list("item__kind", "left"))
    says = {
        Kind.PASSWORD: _("The password"),
        Kind.TOTP_SEED: _("The one-time code of now; never the seed"),
        Kind.RECOVERY_CODES: ngettext(
            "One recovery code, which is struck off; it is the last",
            "One recovery code, which is struck off; {count} are left",
            left.get(Kind.RECOVERY_CODES, 0),
        ).format(count=left.get(Kind.RECOVERY_CODES, 0)),
        Kind.SECURITY_ANSWERS: _("The security answers"),
    }
    return [(kind.value, text) for kind, text in says.items() if left.get(kind, 0) > 0]


def show(*, actor: Employee, emergency: EmergencyAccess) -> list[Shown]:
    """Show it again within its fifteen minutes, to the same person. Raises NotPermitted, Stale, VaultUnavailable."""
    vault.outside_of_services()
    startup.require_keys()
    return _shown(emergency, _show(actor=actor, emergency=emergency))


@service
def _open(
    *, actor: Employee, credential: Credential, reason: str, kind: str
) -> tuple[EmergencyAccess, list[SecretVersion]]:
    if kind not in Kind.values:
        raise Invalid("Choose which secret to open.", fields={"item": "one of the secrets on the page"})
    if entitlement.holds_account(actor, credential.account):
        raise NotPermitted("You hold this account, so nothing needs breaking: reveal the password instead.")
    if not may_break(actor, credential.account):
        raise NotPermitted(
            "Emergency access is for City officers, Public Information and Information Technology."
        )
    text = _sentence(reason, "reason")
    item = vault.hold(credential, kind)
    versions = _wanted(item)
    if not versions:
        raise Refused("No secret has been deposited yet, so there is nothing to open.")
    use = codes.strike_off(actor, credential)[0] if kind == Kind.RECOVERY_CODES else None
    now = clock.now()
    emergency = EmergencyAccess.objects.create(
        version=versions[0],
        code_use=use,
        person=actor,
        reason=text,
        opened_at=now,
        until=now + timedelta(minutes=MINUTES),
    )
    known = _learnt(item, versions, actor)
    record(
        Verb.EMERGENCY_OPEN,
        actor=actor,
        obj=credential,
        facts=[*([use] if use else []), emergency, *known],
        emergency=str(emergency.pk),
        item=item.kind,
        versions=[version.number for version in versions],
        minutes=MINUTES,
    )
    _tell(emergency, credential.account)
    return emergency, versions


@service
def _show(*, actor: Employee, emergency: EmergencyAccess) -> list[SecretVersion]:
    if emergency.person_id != actor.pk:
        raise NotPermitted("This emergency access is somebody else's.")
    if not actor.is_active or clock.now() >= emergency.until:
        raise Stale(f"The {MINUTES} minutes are over. Whoever still needs it breaks the glass anew.")
    item = emergency.version.item
    versions = [emergency.version] if emergency.code_use else _wanted(item)
    known = _learnt(item, versions, actor)
    record(
        Verb.EMERGENCY_SHOW,
        actor=actor,
        obj=emergency.version.item.credential,
        facts=known,
        emergency=str(emergency.pk),
        versions=[version.number for version in versions],
    )
    return versions


def _learnt(item: SecretItem, versions: list[SecretVersion], actor: Employee) -> list[Knowledge]:
    """What `actor` knows by it, as after a reveal: a one-time code tells nobody the seed."""
    if item.kind == Kind.TOTP_SEED:
        return []
    return knowledge.note(versions, actor, Knowledge.How.EMERGENCY)


def _wanted(item: SecretItem) -> list[SecretVersion]:
    """The current version; while a new one is said to be on the platform, that one too, after it."""
    states = [SecretVersion.State.CURRENT]
    unsure = (Rotation.State.CLAIMED, Rotation.State.UNKNOWN)
    if Rotation.objects.filter(item=item, state__in=unsure).exists():
        states.append(SecretVersion.State.STAGED)
    found = list(SecretVersion.objects.filter(item=item, state__in=states).order_by("number"))
    return found if any(version.state == SecretVersion.State.CURRENT for version in found) else []


def _sentence(text: str, field: str, *, shortest: int = SHORTEST) -> str:
    line = " ".join(text.split())
    if not shortest <= len(line) <= knowledge.REASON_LENGTH:
        raise Invalid(
            "Say in a sentence what happened and why it cannot wait.",
            fields={
                field: f"a sentence of {shortest} to {knowledge.REASON_LENGTH} characters, without the password"
            },
        )
    return line


def _tell(emergency: EmergencyAccess, account: Account) -> None:
    """Mail to both Directors at once, in the same transaction. The reason stands on the page, not in the mail."""
    item = emergency.version.item
    names = {
        "name": emergency.person.name,
        "account": account.display,
        "minutes": MINUTES,
        "what": str(item.get_kind_display()).lower(),
        "after": _("It must be replaced.")
        if item.kind != Kind.TOTP_SEED
        else _("What was shown is the code of the moment, never the seed: nothing need be replaced for it."),
    }
    outbox.post(
        to=outbox.in_office(Office.Kind.PI_DIRECTOR, Office.Kind.IT_DIRECTOR),
        subject=_("Alarm for the PI and IT Directors: {name} broke the glass of {account}").format(**names),
        text=_(
            "{name} holds no access to {account} and opened a secret of it in an emergency, for {minutes} minutes: "
            "{what}. {after} Somebody other than {name} signs the review within a day.\n\n"
            "Why, and the review: {link}"
        ).format(link=outbox.link(reverse("credentials:emergency", args=[emergency.pk])), **names),
        at_once=True,
    )


@service
def review(*, actor: Employee, emergency: EmergencyAccess, finding: str, note: str = "") -> EmergencyAccess:
    """Sign whether an emergency access was justified. A City officer, never the person who broke the glass.

    Raises ConflictOfInterest, NotPermitted, Invalid, Stale (reviewed already).
    """
    if emergency.person_id == actor.pk:
        raise ConflictOfInterest("You broke this glass yourself; somebody else signs the review.")
    if not may_review(actor, emergency):
        raise NotPermitted("Emergency access is reviewed by the Directors and the City Manager.")
    if finding not in EmergencyAccess.Finding.values:
        raise Invalid(
            "Say whether it was justified.", fields={"finding": "one of the two findings on the page"}
        )
    unjustified = finding == EmergencyAccess.Finding.NOT_JUSTIFIED
    text = _sentence(note, "note", shortest=1) if note.strip() or unjustified else ""
    done = EmergencyAccess.objects.filter(pk=emergency.pk, reviewed_at=None).update(
        reviewed_by=actor, reviewed_at=clock.now(), finding=finding, note=text
    )
    emergency.refresh_from_db()
    if done != 1:
        raise Stale("Somebody else signed this review just now.")
    record(
        Verb.EMERGENCY_REVIEW,
        actor=actor,
        obj=emergency.version.item.credential,
        facts=[emergency],
        emergency=str(emergency.pk),
        finding=finding,
    )
    return emergency


def may_review(person: Employee, emergency: EmergencyAccess) -> bool:
    """Another City officer: either Director, acting ones too, or the City Manager."""
    return emergency.person_id != person.pk and authority.is_officer(person)


def unreviewed() -> QuerySet[EmergencyAccess]:
    """Emergency accesses that nobody has signed, the oldest first."""
    return whole().filter(reviewed_at=None).order_by("opened_at", "pk")


def whole() -> QuerySet[EmergencyAccess]:
    """All of them, with what pages show."""
    return EmergencyAccess.objects.select_related(
        "person__department", "reviewed_by", "code_use", "version__item__credential__account__platform"
    ).defer("version__token")


def visible_to(person: Employee) -> QuerySet[EmergencyAccess]:
    """Officers and auditors see all; others their own."""
    if authority.is_officer(person) or authority.is_auditor(person):
        return whole()
    return whole().filter(Q(person=person))


def review_due(emergency: EmergencyAccess) -> bool:
    """Whether the day for its review is over and nobody has signed."""
    return emergency.reviewed_at is None and clock.now() - emergency.opened_at > REVIEW_WITHIN
