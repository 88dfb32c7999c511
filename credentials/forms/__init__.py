"""What people type into the vault's pages, and how a service's refusal is said on them."""

from __future__ import annotations

from django import forms

from audit.errors import NotPermitted, Refused

SPOKEN = {"at": "day"}
"""Fields of services that pages ask for under another name."""


def answer(form: forms.Form, refusal: Refused) -> None:
    """Say on `form` why a service refused: at the field it named, else above. NotPermitted goes on as it is."""
    if isinstance(refusal, NotPermitted):
        raise refusal
    fields = getattr(refusal, "fields", {})
    named = [name for name in (SPOKEN.get(field, field) for field in fields) if name in form.fields]
    form.add_error(named[0] if named else None, str(refusal))
