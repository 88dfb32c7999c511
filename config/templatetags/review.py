"""What was posted to a review, shown again beside what is wrong with it. `{% load review %}`."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def chosen(posted: Mapping[str, Any], pk: int) -> str:
    """What was chosen for item `pk`."""
    return str(posted.get(f"act-{pk}", ""))


@register.filter
def note(posted: Mapping[str, Any], pk: int) -> str:
    """What was noted on item `pk`."""
    return str(posted.get(f"note-{pk}", ""))


@register.filter
def lookup(found: Mapping[int, str], pk: int) -> str:
    return found.get(pk, "")
