"""Forms of papers: recording, refusing and ending them, and somebody's leaving."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit import clock
from audit.errors import Invalid, Refused
from employees import showing
from employees.models import Appointment, Department, Employee, Office, Role


def day_field(**options: Any) -> forms.DateField:
    """A day, entered with the browser's own calendar."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(widget=widget, **options)


class PaperForm(forms.Form):
    """What every paper says: from when, until when, and its reference."""

    start = day_field(label=_("First day"))
    end = day_field(label=_("Last day"), required=False, help_text=_("Included. Empty: until it is ended."))
    instrument = forms.CharField(
        max_length=200,
        label=_("The paper’s reference"),
        help_text=_("Where the decision can be read, such as “Resolution 2026-41”."),
    )

    def __init__(self, *args: Any, viewer: Employee, **options: Any) -> None:
        options.setdefault("initial", {"start": clock.today()})
        super().__init__(*args, **options)
        self.viewer = viewer


class PersonField(forms.CharField):
    """A person typed as work e-mail or employee number: who works here, or anybody. Cleans to an Employee."""

    default_error_messages = {
        "working": _("Nobody who works here has this work e-mail or employee number."),
        "unknown": _(
            "Nobody has or had this work e-mail or employee number. Look it up in the list of people."
        ),
    }

    def __init__(self, *, working: bool = True, **options: Any) -> None:
        options.setdefault("help_text", _("Work e-mail or employee number."))
        options.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}))
        super().__init__(max_length=254, **options)
        self.working = working

    def clean(self, value: Any) -> Employee | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            person = Employee.objects.by_reference(text)
        except Employee.DoesNotExist:
            person = None
        if person is None or (self.working and not person.is_active):
            raise forms.ValidationError(self.error_messages["working" if self.working else "unknown"])
        return person


class OfficeField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Offices with who holds them. The holders are read once for all."""

    def __init__(self, **options: Any) -> None:
        super().__init__(Office.objects.none(), **options)
        self.held: dict[int, list[str]] = {}

    def load(self) -> None:
        """Offer every office as it is today."""
        self.held = {}  # forms copy their fields, not what these carry: without this, holders of earlier pages stay
        self.queryset = Office.objects.select_related("department").order_by("department__name", "pk")
        seats = Appointment.objects.in_force().filter(holder__is_active=True).select_related("holder")
        for seat in seats.order_by("acting"):
            text = gettext("{name}, acting") if seat.acting else "{name}"
            self.held.setdefault(seat.office_id, []).append(text.format(name=seat.holder.name))

    def label_from_instance(self, obj: Any) -> str:
        holders = self.held.get(obj.pk, [gettext("vacant")])
        return f"{obj.title} ({'; '.join(holders)})"


class AppointmentForm(PaperForm):
    """A person holds an office."""

    office = OfficeField(label=_("Office"), empty_label=_("Choose an office"))
    acting = forms.BooleanField(
        required=False,
        label=_("Acting"),
        help_text=_("For an officer on leave, who keeps the office, or until a vacant seat is filled."),
    )
    field_order = ("office", "acting", "start", "end", "instrument")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["office"]
        assert isinstance(field, OfficeField)
        field.load()


class SubstituteForm(PaperForm):
    """An officer names who acts in the office for some days."""

    office = forms.ModelChoiceField(Office.objects.none(), label=_("Office"), empty_label=None)
    holder = PersonField(label=_("Who acts for you"))
    field_order = ("office", "holder", "start", "end", "instrument")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["office"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = showing.offices_of(self.viewer)
        self.fields["end"].required = True
        self.fields["end"].help_text = _("Included. You are back the day after.")


class FillForm(PaperForm):
    """Somebody takes a vacant office, or acts in it."""

    holder = PersonField(label=_("Who"))
    acting = forms.BooleanField(
        required=False, label=_("Acting"), help_text=_("Until the seat is filled for good.")
    )
    field_order = ("holder", "acting", "start", "end", "instrument")


class DesignationForm(PaperForm):
    """A Department Director names a designee."""

    department = forms.ModelChoiceField(
        Department.objects.none(), label=_("Department"), empty_label=_("Choose a department")
    )
    field_order = ("department", "start", "end", "instrument")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        departments = showing.departments_for(self.viewer)
        field = self.fields["department"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Department.objects.filter(pk__in=[one.pk for one in departments])
        if len(departments) == 1:
            field.initial = departments[0].pk


class RoleForm(PaperForm):
    """A person gets a staff function."""

    name = forms.ChoiceField(choices=Role.Name.choices, widget=forms.RadioSelect, label=_("Role"))
    field_order = ("name", "start", "end", "instrument")


class ReasonForm(forms.Form):
    """Why something is refused."""

    reason = forms.CharField(
        max_length=200, label=_("Reason"), help_text=_("Kept with it, for those who ask later.")
    )


class EndForm(ReasonForm):
    """The last day of a paper, and why it ends."""

    last_day = day_field(
        label=_("Last day"), help_text=_("It holds through this day. A day that has passed ends it at once.")
    )
    field_order = ("last_day", "reason")


class LeavingForm(ReasonForm):
    """The last day of somebody who leaves, and why."""

    last_day = forms.DateField(widget=forms.HiddenInput())


def refusal_into(form: forms.Form, error: Refused, *, spoken: Mapping[str, str] = {}) -> None:
    """Show what a service refused beside the field that it names, else above the form.

    `spoken` are fields of services that the form asks for under another name.
    """
    names = error.fields if isinstance(error, Invalid) else {}
    known = [name for name in (spoken.get(name, name) for name in names) if name in form.fields]
    form.add_error(known[0] if known else None, str(error))
