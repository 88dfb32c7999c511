"""Reasons that a director may tick. Codes are stored for ever; labels may be reworded."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from approvals.transitions import Act

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

FOR: "tuple[tuple[str, StrOrPromise], ...]" = (
    ("city_purpose", _("Serves a City purpose")),
    ("branding_planned", _("Branding and policy link are planned")),
    ("enough_people", _("Enough people to keep it up")),
    ("legal_duty", _("Meets a legal duty")),
)
AGAINST: "tuple[tuple[str, StrOrPromise], ...]" = (
    ("existing_serves", _("An existing account serves it")),
    ("unclear", _("Purpose or audience not clear")),
    ("nobody_answers", _("Nobody to answer messages")),
    ("misleading_handle", _("Handle may mislead")),
)
_LABELS = dict((*FOR, *AGAINST))


def choices(act: Act) -> "list[tuple[str, StrOrPromise]]":
    """What can be ticked for `act`; nothing for acts of the requester."""
    if act in (Act.ENDORSE, Act.APPROVE):
        return list(FOR)
    if act in (Act.DECLINE, Act.RETURN, Act.DENY):
        return list(AGAINST)
    return []


def labels(codes: Iterable[str]) -> list[str]:
    return [str(_LABELS.get(code, code)) for code in codes]
