"""How templates show times, states and form fields. `{% load oa %}`."""

from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.conf import settings
from django.forms import BoundField, widgets
from django.forms.boundfield import BoundWidget
from django.template.defaultfilters import date as format_date
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import clock
from audit.text import as_sentence

register = template.Library()


# Time


@register.filter
def when(value: date | datetime | None) -> SafeString | str:
    """`<time datetime="…">Nov 23, 2026, 2:10 p.m.</time>`; a date alone without an hour; nothing for None."""
    if not value:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value)
        return time_element(value, format_date(value, "DATETIME_FORMAT"))
    return time_element(value, format_date(value, "DATE_FORMAT"))


@register.filter
def day(value: date | datetime | None) -> SafeString | str:
    """`<time datetime="…">Nov 23, 2026</time>`, the day in the city's time zone."""
    return time_element(day_of(value), format_date(day_of(value), "DATE_FORMAT")) if value else ""


@register.filter
def last_day(end: datetime | None) -> date | None:
    """The last whole day before `end`, where that is the first instant of a day; else None."""
    if end is None or end != clock.start_of(clock.day_of(end)):
        return None
    return clock.day_of(end) - timedelta(days=1)


@register.filter
def ago(value: date | datetime | None) -> str:
    """today, yesterday, 3 days ago, 2 years ago; tomorrow, in 11 days. By the city's calendar days."""
    if not value:
        return ""
    past = (clock.today() - day_of(value)).days
    if past == 0:
        return _("today")
    if past == 1:
        return _("yesterday")
    if past == -1:
        return _("tomorrow")
    if past < 0:
        return ngettext("in %(count)d day", "in %(count)d days", -past) % {"count": -past}
    if past < 2 * 365:
        return ngettext("%(count)d day ago", "%(count)d days ago", past) % {"count": past}
    years = past * 4 // 1461
    return ngettext("%(count)d year ago", "%(count)d years ago", years) % {"count": years}


@register.filter
def days(value: int | timedelta | date | datetime | None) -> str:
    """“10 days”, of a number, of a duration, or since a date."""
    if value is None:
        return ""
    if isinstance(value, timedelta):
        count = value.days
    elif isinstance(value, date):
        count = abs((clock.today() - day_of(value)).days)
    else:
        count = int(value)
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}


def day_of(value: date | datetime) -> date:
    return clock.day_of(value) if isinstance(value, datetime) else value


def time_element(value: date | datetime, text: str) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), text)


@register.filter
def sentence(value: str) -> str:
    """What somebody typed, with a stop at its end, because more is said after it."""
    return as_sentence(str(value))


@register.filter
def item(values: dict[Any, Any], key: Any) -> Any:
    """What `values` holds for `key`; None where it holds nothing."""
    return values.get(key)


# The way back


@register.inclusion_tag("includes/breadcrumbs.html")
def breadcrumbs(*labels_and_addresses: Any) -> dict[str, Any]:
    """`{% breadcrumbs "Requests" "/requests/" "2026-0147" %}`: label and address in turn, the last a label alone."""
    *pairs, here = labels_and_addresses
    steps = [{"label": label, "url": url} for label, url in zip(pairs[::2], pairs[1::2], strict=True)]
    return {"steps": steps, "here": here}


@register.simple_tag
def city_name() -> str:
    """For pages that are rendered without a request: errors and mail."""
    return str(settings.CITY_NAME)


# Form fields, in USWDS markup. Forms need nothing of this: `{{ form }}` comes through includes/field.html.

KINDS: list[tuple[type[widgets.Widget], str]] = [
    (widgets.RadioSelect, "choices"),
    (widgets.CheckboxSelectMultiple, "choices"),
    (widgets.CheckboxInput, "checkbox"),
    (widgets.Select, "select"),
    (widgets.Textarea, "textarea"),
    (widgets.ClearableFileInput, "file-input"),
    (widgets.FileInput, "file-input"),
]


@register.filter
def kind(field: BoundField) -> str:
    """choices, checkbox, select, textarea, file-input or input."""
    return next((name for widget, name in KINDS if isinstance(field.field.widget, widget)), "input")


@register.filter
def uswds(field: BoundField) -> SafeString:
    """The control itself with its USWDS class."""
    name = kind(field)
    css = "usa-checkbox__input" if name == "checkbox" else f"usa-{name}"
    own = field.field.widget.attrs.get("class", "")
    attributes: dict[str, Any] = {"class": f"{css} {own}".strip()}
    if isinstance(field.field.widget, widgets.DateInput) and field.field.widget.input_type == "text":
        field.field.widget.input_type = "date"
        field.field.widget.format = "%Y-%m-%d"
    return field.as_widget(attrs=attributes)


@register.filter
def uswds_choice(choice: BoundWidget) -> SafeString:
    """One radio button or check box of a list, without its label."""
    css = "usa-radio__input" if choice.data["type"] == "radio" else "usa-checkbox__input"
    choice.data["attrs"] = {**choice.data["attrs"], "class": css}
    return choice.tag(wrap_label=False)
