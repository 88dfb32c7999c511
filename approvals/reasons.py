"""Reasons that a director may tick. Codes are stored for ever; labels may be reworded."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from approvals.kinds import Kind
from approvals.transitions import Act

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

FOR: "tuple[tuple[str, StrOrPromise], ...]" = (
    ("city_purpose", _("Serves a City purpose")),
    ("branding_planned", _("Branding and policy link are planned")),
    ("enough_people", _("Enough people to keep it up")),
    ("legal_duty", _("Meets a legal duty")),
    ("organisation", _("Follows a change in the organisation")),
    ("limited", _("Limited in time and purpose")),
)
AGAINST: "tuple[tuple[str, StrOrPromise], ...]" = (
    ("existing_serves", _("An existing account serves it")),
    ("unclear", _("Purpose or audience not clear")),
    ("nobody_answers", _("Nobody to answer messages")),
    ("misleading_handle", _("Handle may mislead")),
    ("incomplete", _("Something is missing")),
    ("other_way", _("There is a better way to it")),
)
ONLY_FOR: "dict[str, tuple[str, ...]]" = {
    "branding_planned": (Kind.NEW_ACCOUNT,),
    "enough_people": (Kind.NEW_ACCOUNT, Kind.ADOPT, Kind.TRANSFER, Kind.REINSTATE),
    "existing_serves": (Kind.NEW_ACCOUNT,),
    "misleading_handle": (Kind.NEW_ACCOUNT, Kind.RENAME, Kind.ADOPT),
    "nobody_answers": (Kind.NEW_ACCOUNT, Kind.ADOPT, Kind.TRANSFER, Kind.REINSTATE),
}
"""Kinds in which a reason makes sense; where it is not named here, in all."""
_LABELS = dict((*FOR, *AGAINST))


def choices(act: Act, kind: str = "") -> "list[tuple[str, StrOrPromise]]":
    """What can be ticked for `act` on a request of `kind` (of any, where it is empty); nothing for the requester's."""
    offered: tuple[tuple[str, StrOrPromise], ...] = ()
    if act in (Act.ENDORSE, Act.APPROVE):
        offered = FOR
    elif act in (Act.DECLINE, Act.RETURN, Act.DENY):
        offered = AGAINST
    return [(code, label) for code, label in offered if not kind or kind in ONLY_FOR.get(code, (kind,))]


def labels(codes: Iterable[str]) -> list[str]:
    return [str(_LABELS.get(code, code)) for code in codes]
