"""How pages, messages and histories speak of acts and statuses."""

from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.kinds import Kind
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
    Act.TAKE: gettext_lazy("took the review"),
    Act.APPROVE: gettext_lazy("approved it"),
    Act.RETURN: gettext_lazy("returned it for changes"),
    Act.DENY: gettext_lazy("denied it"),
    Act.WITHDRAW: gettext_lazy("withdrew it"),
    Act.EXPIRE: gettext_lazy("let it expire: nobody changed it in time"),
    Act.FULFIL: gettext_lazy("closed it: the account is active"),
}


def past(act: Act, kind: str = Kind.NEW_ACCOUNT) -> str:
    """“approved it”: what follows a name in a history."""
    if act == Act.FULFIL and kind != Kind.NEW_ACCOUNT:
        return _("closed it: it is done")
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
        "to": request.to_department.name if request.to_department else "",
        "handle": request.shown_handle,
        "account": request.account.display if request.account else "",
        "person": request.poster.name if request.poster else "",
        "until": formats.date_format(request.access_until) if request.access_until else "",
    }
    match act:
        case Act.ENDORSE:
            text = _(
                "The request goes to the Director of Public Information and Community Engagement to decide."
            )
        case Act.DECLINE:
            text = _("The request ends here. %(requester)s is told why; nobody decides it.")
        case Act.APPROVE:
            text = _approval(request.kind)
        case Act.EDIT:
            text = _("The endorsement no longer counts: the request waits for %(department)s once more.")
        case Act.TAKE:
            text = _("Everybody on the request sees that you are on it. Nobody is kept from deciding.")
        case Act.RETURN:
            text = _(
                "%(requester)s can change the request and submit it again; it must then be endorsed again."
            )
        case Act.DENY:
            text = _("The request ends here and nothing changes; %(requester)s is told why.")
        case Act.WITHDRAW:
            text = _("The request ends here. The same account can be asked for again in a new one.")
            if request.status == Status.APPROVED:
                text = _(
                    "%(what)s is given up before it was in use: custody and access end, a known password becomes due,"
                    " and Information Technology closes it on the platform. It can be asked for again in a new request."
                )
        case _:
            text = ""
    return text % names


def _approval(kind: str) -> str:
    texts = {
        Kind.NEW_ACCOUNT: _(
            "%(what)s is created for %(department)s and stays out of the directory until it is set up. The"
            " officers, the Department Director and the people named get custody at once."
        ),
        Kind.ADOPT: _("%(department)s answers for these accounts from now on; their use is approved."),
        Kind.RENAME: _(
            "The registry and the directory show %(handle)s from today; the earlier handle stays in the history. Its"
            " custodians change it on the platform."
        ),
        Kind.TRANSFER: _(
            "%(to)s answers for %(account)s at once: its Director and designees get custody, those of %(department)s"
            " and people with access by request lose it, and a known password becomes due for rotation."
        ),
        Kind.SUSPEND: _("%(account)s leaves the directory at once. Its custodians keep it."),
        Kind.REINSTATE: _("%(account)s is in use again at once, and back in the directory."),
        Kind.CLOSE: _(
            "%(account)s is closed for good: all custody ends, a known password becomes due, and Information"
            " Technology closes it on the platform."
        ),
        Kind.ACCESS: _("%(person)s gets access to %(account)s at once, through %(until)s."),
    }
    return texts[Kind(kind)]


def sentence(request: Request) -> str:
    """What is asked, in one plain sentence."""
    texts = {
        Kind.NEW_ACCOUNT: _(
            "%(department)s asks for a new account on %(platform)s, %(handle)s, for: %(purposes)s."
        ),
        Kind.ADOPT: _("%(department)s asks to answer for %(count)d imported accounts."),
        Kind.RENAME: _("%(department)s asks to rename %(account)s to %(handle)s."),
        Kind.TRANSFER: _("%(department)s asks to give %(account)s to %(to)s."),
        Kind.SUSPEND: _("%(department)s asks to suspend %(account)s."),
        Kind.REINSTATE: _("%(department)s asks to use %(account)s again."),
        Kind.CLOSE: _("%(department)s asks to close %(account)s for good."),
        Kind.ACCESS: _("%(department)s asks to give %(person)s access to %(account)s through %(until)s."),
    }
    return texts[Kind(request.kind)] % {
        "department": request.department.name,
        "platform": request.platform.label if request.platform else "…",
        "handle": request.shown_handle if request.handle else "…",
        "purposes": ", ".join(request.purpose_labels).lower() or "…",
        "count": len(request.listed),
        "account": request.account.display if request.account else "…",
        "to": request.to_department.name if request.to_department else "…",
        "person": request.poster.name if request.poster else "…",
        "until": formats.date_format(request.access_until) if request.access_until else "…",
    }
