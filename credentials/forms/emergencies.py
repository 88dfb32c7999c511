"""Emergency access: what is opened and why, and whether it was justified."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from credentials.knowledge import REASON_LENGTH
from credentials.models import EmergencyAccess, SecretItem


class GlassForm(forms.Form):
    """Which secret somebody without custody opens now, and why."""

    item = forms.ChoiceField(
        label=gettext_lazy("What you need"),
        help_text=gettext_lazy("One secret at a time. Each one that is opened is told to both Directors."),
        widget=forms.RadioSelect,
        required=False,
    )
    reason = forms.CharField(
        label=gettext_lazy("What happened, and why it cannot wait"),
        help_text=gettext_lazy(
            "One sentence, such as “Flood warning at 2 a.m., and neither the Chief nor a designee answers.” Both "
            "Directors read it. Never the password itself."
        ),
        error_messages={
            "required": gettext_lazy("Write in a sentence what happened, and why it cannot wait.")
        },
        max_length=REASON_LENGTH,
        widget=forms.Textarea,
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["item"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        field.initial = choices[0][0] if choices else None

    def clean_item(self) -> str:
        return self.cleaned_data["item"] or SecretItem.Kind.PASSWORD


class ReviewForm(forms.Form):
    """Whether an emergency access was justified."""

    finding = forms.ChoiceField(
        label=gettext_lazy("Was it justified?"),
        choices=EmergencyAccess.Finding.choices,
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("Needed where it was not justified."),
        max_length=REASON_LENGTH,
        required=False,
        widget=forms.Textarea,
    )
