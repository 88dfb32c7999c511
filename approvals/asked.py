"""What is asked: checked when it is written down, and again, whole, when it is submitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from accounts import canonical
from accounts.models import PURPOSES, Account, Platform
from approvals.duplicates import duplicate
from approvals.kinds import ABOUT_ONE, CHANGES, Kind
from approvals.models import Request
from approvals.transitions import CLAIMING, Status
from audit import clock
from audit.errors import Invalid
from audit.text import clean_line, clean_text
from credentials.models import Custody
from employees.models import Department, Employee, Employment


@dataclass(frozen=True)
class Asked:
    """The fields of a request, as somebody wrote them. All but the department and the kind may be missing."""

    department: Department
    platform: Platform | None = None
    handle: str = ""
    name: str = ""
    purposes: Sequence[str] = ()
    audience: str = ""
    justification: str = ""
    poster: Employee | None = None
    backup: Employee | None = None
    login_email: str = ""
    access_until: date | None = None
    kind: str = Kind.NEW_ACCOUNT
    account: Account | None = None
    listed: Sequence[int] = ()
    to_department: Department | None = None


FIELDS = tuple(Asked.__dataclass_fields__)
LONGEST = 4000
"""Characters of the justification."""

COMPLETE = (Status.AWAITING_ENDORSEMENT, Status.AWAITING_DECISION)
"""Submitted: directors read it, so it stays whole while it is changed."""

ALWAYS = ("department", "kind", "justification")
FIELDS_OF: dict[str, tuple[str, ...]] = {
    Kind.NEW_ACCOUNT: (
        *("platform", "handle", "name", "purposes", "audience"),
        *("poster", "backup", "login_email", "access_until"),
    ),
    Kind.ADOPT: ("listed",),
    Kind.RENAME: ("account", "platform", "handle"),
    Kind.TRANSFER: ("account", "to_department"),
    Kind.SUSPEND: ("account",),
    Kind.REINSTATE: ("account",),
    Kind.CLOSE: ("account",),
    Kind.ACCESS: ("account", "poster", "access_until"),
}
"""What each kind asks beside what all ask; whatever else is given is dropped."""

STATES: dict[str, tuple[str, ...]] = {
    Kind.RENAME: (Account.State.ACTIVE, Account.State.SUSPENDED, Account.State.PROVISIONING),
    Kind.TRANSFER: (Account.State.ACTIVE, Account.State.SUSPENDED),
    Kind.SUSPEND: (Account.State.ACTIVE,),
    Kind.REINSTATE: (Account.State.SUSPENDED,),
    Kind.CLOSE: (Account.State.ACTIVE, Account.State.SUSPENDED),
    Kind.ACCESS: (Account.State.ACTIVE, Account.State.PROVISIONING, Account.State.SUSPENDED),
}
"""In which states an account may be asked about."""


def of(request: Request) -> Asked:
    """What `request` asks, for changing one thing in it."""
    values = {name: getattr(request, name) for name in FIELDS}
    if not request.is_about_one:
        values["account"] = None
    return Asked(**values)


def checked(asked: Asked) -> tuple[Asked, str]:
    """`asked` in clean form, and the canonical key of its handle (empty while there is none).

    Raises Invalid with every field that cannot be used; what is missing is no error yet.
    """
    errors: dict[str, str] = {}
    asked = _only_its_own(asked)
    clean = replace(
        asked,
        name=_line(asked.name, "name", 200, errors),
        audience=_line(asked.audience, "audience", 300, errors),
        justification=_prose(asked.justification, errors),
        purposes=tuple(dict.fromkeys(asked.purposes)),
        login_email=asked.login_email.strip(),
        listed=tuple(sorted(set(asked.listed))),
    )
    _check_account(clean, errors)
    if clean.kind == Kind.RENAME:
        clean = replace(clean, platform=clean.account.platform if clean.account else None)
    clean, key = _identified(clean, errors)
    if set(clean.purposes) - {code for code, _label in PURPOSES}:
        errors["purposes"] = _("Choose from the list of what the City uses social media for.")
    _check_mailbox(clean.login_email, errors)
    _check_people(clean, errors)
    _check_kind(clean, errors)
    if clean.access_until is not None and clean.access_until < clock.today():
        errors["access_until"] = _("This day is over. Give a day to come.")
    if errors:
        raise Invalid(" ".join(errors.values()), fields=errors)
    return clean, key


WANTS: dict[str, Any] = {
    "account": lambda: _("Choose the account."),
    "listed": lambda: _("Tick at least one account."),
    "platform": lambda: _("Choose a platform."),
    "handle": lambda: _("Propose a handle."),
    "name": lambda: _("Give the name that the account will show."),
    "to_department": lambda: _("Choose the department that is to have it."),
    "purposes": lambda: _("Choose at least one purpose."),
    "audience": lambda: _("Say who will read it."),
    "justification": lambda: _("Say why."),
    "poster": lambda: _("Name the person."),
    "backup": lambda: _("Say who takes over when that person is away."),
    "login_email": lambda: _("Give a generic mailbox for the login."),
    "access_until": lambda: _("Give the last day of the access."),
}


def wanted(kind: str) -> tuple[str, ...]:
    """The fields without which a request of this kind is not submitted, in the order of the form."""
    optional = {"access_until"} if kind == Kind.NEW_ACCOUNT else set()
    if kind == Kind.RENAME:
        optional.add("platform")  # the account's
    asks = {*FIELDS_OF[kind], "justification"} - optional
    return tuple(name for name in WANTS if name in asks)


def missing(request: Request) -> dict[str, str]:
    """What must still be said before `request` can be submitted, by field."""
    return lacking(of(request))


def lacking(asked: Asked) -> dict[str, str]:
    """As `missing`, of what somebody is writing."""
    special = {
        (Kind.NEW_ACCOUNT, "justification"): _("Say why an existing account does not serve."),
        (Kind.NEW_ACCOUNT, "poster"): _("Say who will post and monitor it."),
    }
    return {
        name: special.get((Kind(asked.kind), name)) or WANTS[name]()
        for name in wanted(asked.kind)
        if not getattr(asked, name)
    }


def hindrance(request: Request) -> Invalid | None:
    """Another request or account that stands in the way of submitting `request`, at the field that names it."""
    if request.platform is not None and request.key:
        own = request.account_id if request.kind == Kind.RENAME else None
        other = duplicate(request.platform, request.key, besides=request, own=own)
        if other is not None and other.blocks:
            return Invalid(str(other), fields={"handle": str(other)})
    rival = _rival(request)
    if rival is not None:
        text = _("Request %(number)s about it is open. Wait for its decision, or comment there.") % {
            "number": rival.number
        }
        return Invalid(text, fields={"listed" if request.kind == Kind.ADOPT else "account": text})
    return None


def _rival(request: Request) -> Request | None:
    """An undecided request about the same account (and, for access, the same person)."""
    others = Request.objects.filter(status__in=CLAIMING).exclude(pk=request.pk)
    if request.kind in CHANGES:
        return others.filter(account=request.account_id, kind__in=CHANGES).first()
    if request.kind == Kind.ACCESS:
        return others.filter(account=request.account_id, kind=Kind.ACCESS, poster=request.poster_id).first()
    if request.kind == Kind.ADOPT:
        same = others.filter(kind=Kind.ADOPT, department=request.department_id)
        return next((row for row in same if set(row.listed) & set(request.listed)), None)
    return None


def _only_its_own(asked: Asked) -> Asked:
    kept = {*ALWAYS, *FIELDS_OF[asked.kind]}
    return Asked(**{name: getattr(asked, name) for name in FIELDS if name in kept})


def _identified(asked: Asked, errors: dict[str, str]) -> tuple[Asked, str]:
    if not asked.handle.strip() or asked.platform is None:
        return replace(asked, handle=_line(asked.handle, "handle", 200, errors)), ""
    try:
        identity = canonical.identify(asked.platform.slug, asked.handle)
    except Invalid as error:
        errors["handle"] = str(error)
        return asked, ""
    if asked.kind == Kind.RENAME and asked.account and identity.handle == asked.account.handle:
        errors["handle"] = _("It bears this handle already.")
    return replace(asked, handle=identity.handle), identity.key


def _check_account(asked: Asked, errors: dict[str, str]) -> None:
    account = asked.account
    if asked.kind in ABOUT_ONE and account is not None:
        if account.department_id != asked.department.pk:
            errors["account"] = _("%(account)s is not an account of %(department)s.") % {
                "account": account.display,
                "department": asked.department.name,
            }
        elif account.state not in STATES[asked.kind]:
            errors["account"] = _("%(account)s is “%(state)s”; this cannot be asked for it.") % {
                "account": account.display,
                "state": account.get_state_display(),
            }
    if asked.listed:
        good = Account.objects.to_adopt().filter(department=asked.department, pk__in=asked.listed).count()
        if good != len(asked.listed):
            errors["listed"] = _(
                "Only imported accounts of %(department)s that wait for adoption can be ticked."
            ) % {"department": asked.department.name}


def _check_kind(asked: Asked, errors: dict[str, str]) -> None:
    if asked.to_department is not None and asked.to_department.pk == asked.department.pk:
        errors["to_department"] = _("It has this account already. Choose another department.")
    if asked.kind == Kind.ACCESS and asked.account and asked.poster and "poster" not in errors:
        held = Custody.objects.in_force().filter(account=asked.account, person=asked.poster)
        if held.filter(grounds__closed_at=None, grounds__effective_until=None).exists():
            errors["poster"] = _("%(name)s has access to it already, without an end.") % {
                "name": asked.poster.name
            }


def _line(value: str, field: str, longest: int, errors: dict[str, str]) -> str:
    try:
        return clean_line(value, field=field, max_length=longest, blank=True)
    except Invalid as error:
        errors[field] = str(error)
        return value


def _prose(value: str, errors: dict[str, str]) -> str:
    try:
        return clean_text(value, field="justification", max_length=LONGEST, blank=True)
    except Invalid as error:
        errors["justification"] = str(error)
        return value


def _check_mailbox(address: str, errors: dict[str, str]) -> None:
    """A mailbox that outlives people: nobody's own work address, now or earlier."""
    if not address:
        return
    try:
        validate_email(address)
    except ValidationError:
        errors["login_email"] = _("Give an e-mail address like zoo-social@hutchgov.com.")
        return
    if (
        Employee.objects.filter(email__iexact=address).exists()
        or Employment.objects.filter(email__iexact=address).exists()
    ):
        errors["login_email"] = _(
            "This is a person's own address. The login needs a shared mailbox, which stays when people leave."
        )


def _check_people(asked: Asked, errors: dict[str, str]) -> None:
    for field in ("poster", "backup"):
        person: Employee | None = getattr(asked, field)
        if person is not None and not person.is_active:
            errors[field] = _("%(name)s no longer works for the City.") % {"name": person.name}
    if asked.poster is not None and asked.poster == asked.backup:
        errors["backup"] = _("Somebody else must take over when %(name)s is away.") % {
            "name": asked.poster.name
        }
