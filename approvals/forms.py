"""The form of a request, and the small ones about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import PURPOSES, Account, Platform
from approvals import attachments, mails
from approvals.asked import LONGEST, STATES, Asked, of, wanted
from approvals.kinds import HELP, Kind
from approvals.models import Request
from approvals.reasons import choices
from approvals.steps import Step
from approvals.transitions import Act, needs_reason
from audit.errors import Invalid
from employees import authority
from employees.forms import PersonField
from employees.models import Department, Employee


class OfferedPersonField(PersonField):
    """A person, for whom the page offers the department's people."""

    default_error_messages = {
        "unknown": gettext_lazy(
            "Nobody has this work e-mail or employee number. Choose from the list, or check the spelling."
        )
    }

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"list": "people", "autocomplete": "off"})
        super().__init__(working=False, widget=widget, **{"help_text": "", **options})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Employee):
            return value.email or value.employee_number
        return value


class KindForm(forms.Form):
    """The first step: what is asked, and for which department."""

    kind = forms.ChoiceField(
        choices=[(kind.value, kind.label) for kind in Kind],
        widget=forms.RadioSelect,
        label=gettext_lazy("What do you ask for?"),
    )
    department = forms.ModelChoiceField(
        Department.objects.none(), label=gettext_lazy("For which department?")
    )

    def __init__(self, person: Employee, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ids = authority.departments_of(person)
        choose(self, "department", Department.objects.filter(pk__in=ids))
        if len(ids) == 1:
            self.initial.setdefault("department", next(iter(ids)))

    @property
    def kinds(self) -> list[tuple[Any, Any]]:
        """Each radio button with the sentence that says what its kind is for."""
        return [(choice, HELP[Kind(choice.data["value"])]) for choice in self["kind"]]


def choose(form: forms.Form, name: str, rows: Any) -> None:
    """Let the field `name` offer `rows`."""
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = rows


class AccountField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.display} ({obj.name})" if obj.name not in obj.display else obj.display


LABELS: dict[tuple[str, str], tuple[Any, Any]] = {
    (Kind.RENAME, "handle"): (
        gettext_lazy("The new handle"),
        gettext_lazy("As it will stand in the address. Nobody has it there yet, or it is yours already."),
    ),
    (Kind.ADOPT, "justification"): (
        gettext_lazy("What your department uses them for"),
        gettext_lazy("The purpose of these accounts, and who keeps them up."),
    ),
    (Kind.TRANSFER, "justification"): (gettext_lazy("Why another department should have it"), ""),
    (Kind.ACCESS, "justification"): (gettext_lazy("What the person does there, and why now"), ""),
    (Kind.ACCESS, "poster"): (
        gettext_lazy("Who gets access"),
        gettext_lazy("Work e-mail or employee number."),
    ),
    (Kind.ACCESS, "access_until"): (
        gettext_lazy("Last day of the access"),
        gettext_lazy("It ends by itself after this day."),
    ),
    (Kind.NEW_ACCOUNT, "justification"): (gettext_lazy("Why an existing account does not serve"), ""),
}
"""Label and hint of a field where a kind speaks of it in its own words."""


class StepForm(forms.Form):
    """One step of a request. It may be left incomplete; what cannot be used is said at its field."""

    use_required_attribute = False

    platform = forms.ModelChoiceField(
        Platform.objects.none(), label=gettext_lazy("Platform"), empty_label=gettext_lazy("Choose a platform")
    )
    account = AccountField(
        Account.objects.none(),
        label=gettext_lazy("Which account"),
        empty_label=gettext_lazy("Choose an account"),
    )
    handle = forms.CharField(
        max_length=200,
        label=gettext_lazy("Proposed handle"),
        help_text=gettext_lazy("As it will stand in the address, such as @hutchzookids."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    name = forms.CharField(
        max_length=200,
        label=gettext_lazy("Name that the account shows"),
        help_text=gettext_lazy("Make clear that it is the City’s, such as “Hutchinson Zoo Kids”."),
    )
    to_department = forms.ModelChoiceField(
        Department.objects.none(),
        label=gettext_lazy("Department that is to have it"),
        empty_label=gettext_lazy("Choose a department"),
        help_text=gettext_lazy("Its Director reads the request and can comment on it."),
    )
    listed = forms.TypedMultipleChoiceField(
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Imported accounts that your department answers for"),
        help_text=gettext_lazy("All are ticked. Take the tick from those that are not yours."),
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
    poster = OfferedPersonField(
        label=gettext_lazy("Who will post and monitor"),
        help_text=gettext_lazy(
            "Work e-mail or employee number; your department’s people are offered as you type."
        ),
    )
    backup = OfferedPersonField(
        label=gettext_lazy("Who takes over"),
        help_text=gettext_lazy("When the first person is away. Somebody else."),
    )
    access_until = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        label=gettext_lazy("Last day of these two people’s access"),
        help_text=gettext_lazy("Leave it empty if it has no end."),
    )
    login_email = forms.EmailField(
        label=gettext_lazy("Mailbox for the login"),
        help_text=gettext_lazy("A generic one that stays when people leave, not a person’s own address."),
    )
    justification = forms.CharField(
        max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 5}), label=gettext_lazy("Why")
    )

    def __init__(self, step: Step, request: Request, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {name: getattr(request, name) for name in step.fields})
        super().__init__(*args, **kwargs)
        self.step, self.request = step, request
        self.fields = {name: self.fields[name] for name in step.fields}
        self._offer(request)
        needed = wanted(request.kind)
        self.required = {name for name in self.fields if name in needed}
        for name, field in self.fields.items():
            label, hint = LABELS.get((request.kind, name), (field.label, field.help_text))
            field.label, field.help_text = label, hint
            field.required = name in needed
        ids = {request.department_id}
        self.people = Employee.objects.filter(department__in=ids, is_active=True).exclude(email=None)

    def _offer(self, request: Request) -> None:
        """What can be chosen in this request."""
        if "platform" in self.fields:
            choose(self, "platform", Platform.objects.all())
        if "account" in self.fields:
            own = Account.objects.filter(department=request.department, state__in=STATES[request.kind])
            choose(self, "account", own.select_related("platform").order_by("platform__name", "key"))
        if "to_department" in self.fields:
            choose(self, "to_department", Department.objects.exclude(pk=request.department_id))
        if "listed" in self.fields:
            rows = Account.objects.to_adopt().filter(department=request.department)
            field = self.fields["listed"]
            assert isinstance(field, forms.TypedMultipleChoiceField)
            field.choices = [
                (row.pk, row.display)
                for row in rows.select_related("platform").order_by("platform__name", "key")
            ]

    def full_clean(self) -> None:
        """Nothing is required yet: a draft may be incomplete, and the review says where."""
        for name in self.required:
            self.fields[name].required = False
        try:
            super().full_clean()
        finally:
            for name in self.required:
                self.fields[name].required = True

    def asked(self) -> Asked:
        """The whole request with what this step says. Call it on a valid form."""
        values = {name: self.cleaned_data[name] for name in self.fields}
        return replace(of(self.request), **values)

    def take(self, error: Invalid) -> None:
        """Show at its fields what a service refused."""
        for name, text in error.fields.items():
            self.add_error(name if name in self.fields else None, text)
        if not error.fields:
            self.add_error(None, str(error))


class WithdrawForm(forms.Form):
    text = forms.CharField(
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        label=gettext_lazy("Why do you withdraw it?"),
    )


class CommentForm(forms.Form):
    """A comment, a file, or both."""

    use_required_attribute = False

    text = forms.CharField(
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        label=gettext_lazy("Write to everybody on this request"),
    )
    file = forms.FileField(
        required=False,
        allow_empty_file=True,  # the service says so in its own words
        widget=forms.FileInput(attrs={"accept": attachments.ACCEPT}),
        label=gettext_lazy("Attach a file"),
        help_text=gettext_lazy("PDF, PNG or JPEG, up to 10 MB. Everybody on the request can download it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.files:
            self.fields["text"].required = False


def mail_field(act: Act, name: str) -> str:
    """The form's name for the mail's subject or text that goes if the decision is `act`."""
    return f"{act.value}-{name}"


class DecisionForm(forms.Form):
    """Reasons from the list, several allowed, text, the mail that goes, and a note for officers. `seen` is the hash of
    what was read; `shown` the mail as it was drafted, which tells an edited one from one that lacks its reasons."""

    seen = forms.CharField(widget=forms.HiddenInput)
    reasons = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, required=False, label=gettext_lazy("Reasons")
    )
    text = forms.CharField(
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 80}),
        label=gettext_lazy("In your words"),
        help_text=gettext_lazy("The requester sees it, and so does everybody on the request."),
    )
    note = forms.CharField(
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 80}),
        label=gettext_lazy("Internal note"),
        help_text=gettext_lazy("For the officers alone. Not shown to the requester."),
    )

    def __init__(self, act: Act, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.act = act
        field = self.fields["reasons"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = choices(act, kind)
        field.error_messages["invalid_choice"] = gettext_lazy(
            "A reason that you ticked does not go with this. Look at those that are ticked here, then press once more."
        )
        if act in mails.ACTS:
            self.fields[mail_field(act, "subject")] = forms.CharField(
                required=False,
                max_length=200,
                widget=forms.TextInput(attrs={"size": 80}),
                label=gettext_lazy("Subject"),
            )
            self.fields[mail_field(act, "mail")] = forms.CharField(
                required=False,
                max_length=mails.LONGEST,
                widget=forms.Textarea(attrs={"rows": 14, "cols": 80}),
                label=gettext_lazy("Text"),
            )

    @property
    def subject_field(self) -> Any:
        return self[mail_field(self.act, "subject")] if self.act in mails.ACTS else None

    @property
    def mail_field(self) -> Any:
        return self[mail_field(self.act, "mail")] if self.act in mails.ACTS else None

    def mail(self) -> mails.Mail | None:
        """The mail as it was typed; None where the form showed none. Call it on a valid form."""
        if self.act not in mails.ACTS:
            return None
        subject, text = (self.cleaned_data[mail_field(self.act, name)] for name in ("subject", "mail"))
        return mails.Mail(subject, text) if subject or text else None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if needs_reason(self.act) and not data.get("reasons") and not (data.get("text") or "").strip():
            self.add_error("text", _("Give a reason: tick one, or write one."))
        return data


class SeveralForm(forms.Form):
    """One act with one reason for several requests."""

    reasons = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, required=False, label=gettext_lazy("Reasons")
    )
    text = forms.CharField(
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 80}),
        label=gettext_lazy("In your words"),
        help_text=gettext_lazy(
            "It is kept with each decision; each requester sees it, and gets a mail with it."
        ),
    )
    note = forms.CharField(
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 80}),
        label=gettext_lazy("Internal note"),
        help_text=gettext_lazy("For the officers alone."),
    )

    def __init__(self, act: Act, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.act = act
        field = self.fields["reasons"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = choices(act)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if needs_reason(self.act) and not data.get("reasons") and not (data.get("text") or "").strip():
            self.add_error("text", _("Give a reason: tick one, or write one."))
        return data
