"""What tells people apart and how they are written: employee number, work e-mail, name, kind, title."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from audit.errors import Invalid
from audit.text import clean_line
from employees.models import Employee

BATCH = 400


def number(value: str) -> str:
    """An employee number as it is kept. Raises Invalid."""
    return clean_line(value, field="employee_number", max_length=40)


def title(value: str) -> str:
    """A title of employment as it is kept; may be empty. Raises Invalid."""
    return clean_line(value, field="title", max_length=200, blank=True)


def email(value: str | None) -> str:
    """A work e-mail as it is kept: lower case, empty for somebody who never signs in. Raises Invalid."""
    text = clean_line(value, field="email", max_length=254, blank=True)
    if not text:
        return ""
    try:
        # Unicode's case folding maps look-alikes (the long s, say) onto ASCII letters.
        if not text.isascii():
            raise ValidationError("not ASCII")
        validate_email(text)
    except ValidationError:
        raise Invalid(
            _("{email} is no e-mail address.").format(email=text),
            fields={"email": _("an address such as name@city.example")},
        ) from None
    return text.lower()


def kind(value: str) -> str:
    """A kind as it is kept, from its value or its label. Raises Invalid."""
    text = value.strip().casefold()
    for choice in Employee.Kind:
        if text in (choice.value, str(choice.label).casefold()):
            return choice.value
    known = ", ".join(Employee.Kind.values)
    raise Invalid(_("{kind} is no kind of person.").format(kind=value), fields={"kind": known})


def fields(values: Mapping[str, str]) -> dict[str, str]:
    """The given of name, email and kind, cleaned. Raises Invalid, TypeError for any other field."""
    cleaners = {
        "name": lambda value: clean_line(value, field="name", max_length=200),
        "email": email,
        "kind": kind,
    }
    if unknown := set(values) - set(cleaners):
        raise TypeError(f"cannot change {', '.join(sorted(unknown))}")
    return {name: cleaners[name](value) for name, value in values.items()}


def must_be_free(*, numbers: Sequence[str], emails: Sequence[str], but: Sequence[int] = ()) -> None:
    """Raise Invalid where a number or e-mail occurs twice or is somebody else's; `but` leaves people out."""
    _once("employee_number", [one.lower() for one in numbers])
    _once("email", [one.lower() for one in emails])
    spared = set(but)
    for some in _batches([one.lower() for one in numbers]):
        taken = Employee.objects.annotate(folded=Lower("employee_number")).filter(folded__in=some).first()
        if taken is not None:
            raise _taken("employee_number", taken.employee_number, taken)
    for some in _batches(list(emails)):
        for person in Employee.objects.filter(email__in=some):
            if person.pk not in spared:
                raise _taken("email", person.email or "", person)


def _once(field: str, values: Sequence[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise Invalid(
                _("{value} is given to two people.").format(value=value), fields={field: _("one for each")}
            )
        seen.add(value)


def _taken(field: str, value: str, person: Employee) -> Invalid:
    return Invalid(
        _("{value} is taken: {name}, employee {number}.").format(
            value=value, name=person.name, number=person.employee_number
        ),
        fields={field: _("one that nobody else has")},
    )


def _batches(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[start : start + BATCH] for start in range(0, len(values), BATCH))
