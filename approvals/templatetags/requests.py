"""What a request asks, as a list of facts. `{% load requests %}`."""

from collections.abc import Sequence

from django import template

from approvals import facts as told
from approvals.models import Request

register = template.Library()


@register.filter
def facts(request: Request, only: Sequence[str] = ()) -> list[told.Fact]:
    """The facts of what is asked, in the order of the form; of the fields `only` where they are given."""
    return told.of(request, only)
