"""The form of a request, and the small ones about it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import canonical
from accounts.models import PURPOSES, Platform
from approvals.asked import FIELDS, LONGEST, Asked, Duplicate, duplicate
from approvals.models import Request
from approvals.reasons import choices
from approvals.transitions import Act, needs_reason
from audit.errors import Invalid
from employees import authority
from employees.models import Department, Employee


class PersonField(forms.CharField):
    """A person by work e-mail or employee number; the page offers the department's people."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"list": "people", "autocomplete": "off"})
        super().__init__(max_length=254, widget=widget, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Employee):
            return value.email or value.employee_number
        return value

    def clean(self, value: Any) -> Employee | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return Employee.objects.by_reference(text)
        except Employee.DoesNotExist:
            raise ValidationError(
                _(
                    "Nobody has this work e-mail or employee number. Choose from the list, or check the spelling."
                )
            ) from None


class RequestForm(forms.Form):
    """What is asked. A draft may lack anything but the department; `submit` in the data wants all of it."""

    use_required_attribute = False

    department = forms.ModelChoiceField(Department.objects.none(), label=gettext_lazy("Department"))
    platform = forms.ModelChoiceField(
        Platform.objects.none(), label=gettext_lazy("Platform"), empty_label=gettext_lazy("Choose a platform")
    )
    handle = forms.CharField(
        max_length=200,
        label=gettext_lazy("Proposed handle"),
        help_text=gettext_lazy("As it will stand in the address, such as @hutchzookids."),
    )
    name = forms.CharField(
        max_length=200,
        label=gettext_lazy("Name that the account shows"),
        help_text=gettext_lazy("Make clear that it is the City’s, such as “Hutchinson Zoo Kids”."),
    )
    purposes = forms.MultipleChoiceField(
        choices=PURPOSES,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Purposes"),
        help_text=gettext_lazy("What the Social Media Policy says the City uses social media for."),
    )
    audience = forms.CharField(
        max_length=300,
        label=gettext_lazy("Who will read it"),
        help_text=gettext_lazy("Such as families with children in Reno County."),
    )
    justification = forms.CharField(
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}),
        label=gettext_lazy("Why an existing account does not serve"),
    )
    poster = PersonField(
        label=gettext_lazy("Who will post and monitor"),
        help_text=gettext_lazy(
            "Work e-mail or employee number; your department’s people are offered as you type."
        ),
    )
    backup = PersonField(
        label=gettext_lazy("Who takes over"),
        help_text=gettext_lazy("When the first person is away. Somebody else."),
    )
    login_email = forms.EmailField(
        label=gettext_lazy("Mailbox for the login"),
        help_text=gettext_lazy("A generic one that stays when people leave, not a person’s own address."),
    )
    access_until = forms.DateField(
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        label=gettext_lazy("Last day of these two people’s access"),
        help_text=gettext_lazy("Leave it empty if it has no end."),
    )

    def __init__(self, person: Employee, *args: Any, request: Request | None = None, **kwargs: Any) -> None:
        if request is not None:
            kwargs.setdefault("initial", {name: getattr(request, name) for name in FIELDS})
        super().__init__(*args, **kwargs)
        self.person = person
        self.request = request
        ids = authority.departments_of(person) | ({request.department_id} if request else set())
        self.choose("department", Department.objects.filter(pk__in=ids))
        self.choose("platform", Platform.objects.all())
        self.people = Employee.objects.filter(department__in=ids, is_active=True).exclude(email=None)
        if not request and len(ids) == 1:
            self.initial.setdefault("department", next(iter(ids)))

    def choose(self, name: str, rows: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = rows

    @property
    def submits(self) -> bool:
        """The person pressed Submit, not Save draft."""
        return "submit" in self.data

    def full_clean(self) -> None:
        required = {name for name, field in self.fields.items() if field.required}
        if not self.submits:
            for name in required - {"department"}:
                self.fields[name].required = False
        try:
            super().full_clean()
        finally:
            for name in required:
                self.fields[name].required = True

    def clean(self) -> dict[str, Any]:
        """Say a duplicate at the handle, with a link to what is there already."""
        data = super().clean() or {}
        platform, handle = data.get("platform"), data.get("handle")
        if platform and handle:
            try:
                key = canonical.identify(platform.slug, handle).key
            except Invalid as error:
                self.add_error("handle", str(error))
            else:
                other = duplicate(platform, key, besides=self.request)
                if other is not None:
                    self.add_error("handle", ValidationError(self._linked(other)))
        return data

    def asked(self) -> Asked:
        """What the form holds. Call it on a valid form."""
        return Asked(**{name: self.cleaned_data[name] for name in FIELDS})

    def take(self, error: Invalid) -> None:
        """Show at its fields what a service refused."""
        for name, text in error.fields.items():
            self.add_error(name if name in self.fields else None, text)
        if not error.fields:
            self.add_error(None, str(error))

    def _linked(self, other: Duplicate) -> str:
        if other.account is not None:
            url = reverse("accounts:registry_account", args=[other.account.pk])
            return format_html('{} <a href="{}">{}</a>', str(other), url, _("See this account"))
        assert other.request is not None
        if Request.objects.visible_to(self.person).filter(pk=other.request.pk).exists():
            return format_html(
                '{} <a href="{}">{}</a>', str(other), other.request.get_absolute_url(), _("See that request")
            )
        return str(other)


class WithdrawForm(forms.Form):
    text = forms.CharField(
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        label=gettext_lazy("Why do you withdraw it?"),
    )


class CommentForm(forms.Form):
    text = forms.CharField(
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        label=gettext_lazy("Write to everybody on this request"),
    )


class DecisionForm(forms.Form):
    """Reasons from the list, several allowed, and text. `seen` is the hash of what was read."""

    seen = forms.CharField(widget=forms.HiddenInput)
    reasons = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, required=False, label=gettext_lazy("Reasons")
    )
    text = forms.CharField(
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "cols": 80}),
        label=gettext_lazy("In your words"),
    )

    def __init__(self, act: Act, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.act = act
        field = self.fields["reasons"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = choices(act)
        self.fields["text"].help_text = _("%(requester)s sees it, and so does everybody on the request.") % {
            "requester": _("The requester")
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if needs_reason(self.act) and not data.get("reasons") and not (data.get("text") or "").strip():
            self.add_error("text", _("Give a reason: tick one, or write one."))
        return data
