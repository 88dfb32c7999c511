"""How pages, messages and histories speak of acts and statuses."""

from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.models import Request
from approvals.transitions import Act, Status

TONES: dict[str, str] = {
    Status.DRAFT: "plain",
    Status.AWAITING_ENDORSEMENT: "info",
    Status.AWAITING_DECISION: "info",
    Status.APPROVED: "ok",
    Status.FULFILLED: "ok",
    Status.DECLINED: "plain",
    Status.RETURNED: "warn",
    Status.DENIED: "plain",
    Status.WITHDRAWN: "plain",
    Status.EXPIRED: "plain",
}
"""Tone of the status's tag (tags.css)."""

_PAST = {
    Act.EDIT: gettext_lazy("changed it"),
    Act.SUBMIT: gettext_lazy("submitted it"),
    Act.ENDORSE: gettext_lazy("endorsed it"),
    Act.DECLINE: gettext_lazy("declined it"),
    Act.APPROVE: gettext_lazy("approved it"),
    Act.RETURN: gettext_lazy("returned it for changes"),
    Act.DENY: gettext_lazy("denied it"),
    Act.WITHDRAW: gettext_lazy("withdrew it"),
    Act.EXPIRE: gettext_lazy("let it expire: nobody changed it in time"),
    Act.FULFIL: gettext_lazy("closed it: the account is active"),
}


def past(act: Act) -> str:
    """“approved it”: what follows a name in a history."""
    return str(_PAST[act])


def spoken(moment: datetime) -> str:
    """`moment` in the city's time, as sentences write it."""
    return str(formats.date_format(timezone.localtime(moment), "DATETIME_FORMAT"))


def consequence(act: Act, request: Request) -> str:
    """What `act` brings about, said before it is done."""
    names = {
        "what": request.display,
        "department": request.department.name,
        "requester": request.created_by.name,
    }
    match act:
        case Act.ENDORSE:
            text = _(
                "The request goes to the Director of Public Information and Community Engagement to decide."
            )
        case Act.DECLINE:
            text = _("The request ends here. %(requester)s is told why; nobody decides it.")
        case Act.APPROVE:
            text = _(
                "%(what)s is created for %(department)s and stays out of the directory until it is set up. The"
                " officers, the Department Director and the people named get custody at once."
            )
        case Act.RETURN:
            text = _(
                "%(requester)s can change the request and submit it again; it must then be endorsed again."
            )
        case Act.DENY:
            text = _("The request ends here. No account is created; %(requester)s is told why.")
        case Act.WITHDRAW:
            text = _("The request ends here. The same account can be asked for again in a new one.")
        case _:
            text = ""
    return text % names
