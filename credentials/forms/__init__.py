"""What people type into the vault's pages, and how a service's refusal is said on them."""

from __future__ import annotations

from django import forms

from audit.errors import NotPermitted, Refused
from employees.forms import refusal_into

SPOKEN = {"at": "day"}
"""Fields of services that pages ask for under another name."""


def answer(form: forms.Form, refusal: Refused) -> None:
    """Say on `form` why a service refused: at the field it named, else above. NotPermitted goes on as it is."""
    if isinstance(refusal, NotPermitted):
        raise refusal
    refusal_into(form, refusal, spoken=SPOKEN)
