"""What is asked: checked when it is written down, and again, whole, when it is submitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from accounts import canonical
from accounts.models import PURPOSES, Account, Platform
from approvals.models import Request
from approvals.transitions import CLAIMING
from audit import clock
from audit.errors import Invalid
from audit.text import clean_line, clean_text
from employees.models import Department, Employee, Employment


@dataclass(frozen=True)
class Asked:
    """The fields of a request for a new account, as somebody wrote them. All but the department may be missing."""

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


FIELDS = tuple(Asked.__dataclass_fields__)
LONGEST = 4000
"""Characters of the justification."""


@dataclass(frozen=True)
class Duplicate:
    """The same canonical account, registered or asked for already."""

    account: Account | None = None
    request: Request | None = None

    def __str__(self) -> str:
        if self.account is not None:
            return _("%(account)s is registered already, for %(department)s.") % {
                "account": self.account.display,
                "department": self.account.department.name,
            }
        assert self.request is not None
        return _("Request %(number)s of %(department)s asks for this account already.") % {
            "number": self.request.number,
            "department": self.request.department.name,
        }


def of(request: Request) -> Asked:
    """What `request` asks, for changing one thing in it."""
    return Asked(**{name: getattr(request, name) for name in FIELDS})


def checked(asked: Asked) -> tuple[Asked, str]:
    """`asked` in clean form, and the canonical key of its handle (empty while there is none).

    Raises Invalid with every field that cannot be used; what is missing is no error yet.
    """
    errors: dict[str, str] = {}
    clean = replace(
        asked,
        name=_line(asked.name, "name", 200, errors),
        audience=_line(asked.audience, "audience", 300, errors),
        justification=_prose(asked.justification, errors),
        purposes=tuple(dict.fromkeys(asked.purposes)),
        login_email=asked.login_email.strip(),
    )
    key = ""
    if clean.handle.strip() and clean.platform is not None:
        try:
            identity = canonical.identify(clean.platform.slug, clean.handle)
            clean, key = replace(clean, handle=identity.handle), identity.key
        except Invalid as error:
            errors["handle"] = str(error)
    else:
        clean = replace(clean, handle=_line(asked.handle, "handle", 200, errors))
    if set(clean.purposes) - {code for code, _label in PURPOSES}:
        errors["purposes"] = _("Choose from the list of what the City uses social media for.")
    _check_mailbox(clean.login_email, errors)
    _check_people(clean, errors)
    if clean.access_until is not None and clean.access_until < clock.today():
        errors["access_until"] = _("This day is over. Give a day to come, or leave it empty.")
    if errors:
        raise Invalid(" ".join(errors.values()), fields=errors)
    return clean, key


def missing(request: Request) -> dict[str, str]:
    """What must still be said before `request` can be submitted, by field."""
    wants = {
        "platform": _("Choose a platform."),
        "handle": _("Propose a handle."),
        "name": _("Give the name that the account will show."),
        "purposes": _("Choose at least one purpose."),
        "audience": _("Say who will read it."),
        "justification": _("Say why an existing account does not serve."),
        "poster": _("Say who will post and monitor it."),
        "backup": _("Say who takes over when that person is away."),
        "login_email": _("Give a generic mailbox for the login."),
    }
    return {name: text for name, text in wants.items() if not getattr(request, name)}


def duplicate(platform: Platform, key: str, *, besides: Request | None = None) -> Duplicate | None:
    """A live account with this canonical handle, or a submitted request for it; None where it is free."""
    if not key:
        return None
    account = (
        Account.objects.live()
        .filter(platform=platform, key=key)
        .select_related("platform", "department")
        .first()
    )
    if account is not None:
        return Duplicate(account=account)
    others = Request.objects.filter(platform=platform, key=key, status__in=CLAIMING)
    other = others.exclude(pk=besides.pk if besides else 0).select_related("department").first()
    return Duplicate(request=other) if other is not None else None


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
