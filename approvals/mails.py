"""The mail that tells the requester what became of a request: drafted, shown, edited, kept with the decision, sent.

Exactly what is kept with the decision is what goes into the outbox, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from approvals import reasons as listed
from approvals.kinds import Kind
from approvals.models import Request
from approvals.transitions import Act
from audit.text import clean_line, clean_text
from employees import outbox
from employees.models import Employee

ACTS = (Act.DECLINE, Act.APPROVE, Act.RETURN, Act.DENY)
"""What the requester is told of at once."""

LONGEST = 8000
"""Characters of a mail."""


@dataclass(frozen=True)
class Mail:
    subject: str
    text: str


def draft(
    request: Request, act: Act, *, by: str, title: str, reasons: Sequence[str] = (), text: str = ""
) -> Mail:
    """What is sent unless the one who decides writes otherwise."""
    words = {
        "number": request.number,
        "what": request.display,
        "kind": str(Kind(request.kind).label).lower(),
        "name": request.created_by.name,
        "by": by,
        "title": title,
        "url": outbox.link(request.get_absolute_url()),
    }
    parts = [_("Dear %(name)s,"), *_said(act)]
    parts = [part % words for part in parts]
    labels = listed.labels(reasons)
    if labels:
        parts.append(_("Reasons: %(reasons)s.") % {"reasons": "; ".join(labels)})
    if text.strip():
        parts.append(text.strip())
    parts += [part % words for part in (_next(act, request), "%(url)s", "%(by)s\n%(title)s") if part]
    subject = _subject(act) % words
    return Mail(subject[: outbox.LONGEST_SUBJECT], "\n\n".join(parts))


def _subject(act: Act) -> str:
    return {
        Act.DECLINE: _("Declined by the %(title)s: %(what)s (request %(number)s)"),
        Act.APPROVE: _("Approved: %(what)s (request %(number)s)"),
        Act.RETURN: _("To change: %(what)s (request %(number)s)"),
        Act.DENY: _("Denied: %(what)s (request %(number)s)"),
    }[act]


def _said(act: Act) -> list[str]:
    return [
        {
            Act.DECLINE: _("Your department does not endorse your request %(number)s (%(kind)s: %(what)s)."),
            Act.APPROVE: _("Your request %(number)s (%(kind)s: %(what)s) is approved."),
            Act.RETURN: _("Your request %(number)s (%(kind)s: %(what)s) comes back to you for changes."),
            Act.DENY: _("Your request %(number)s (%(kind)s: %(what)s) is denied."),
        }[act]
    ]


def _next(act: Act, request: Request) -> str:
    if act == Act.RETURN:
        return _("Change it on its page and submit it again:")
    if act != Act.APPROVE:
        return _("It is closed. A new request can ask again. What was said stands on its page:")
    after = {
        Kind.NEW_ACCOUNT: _("What is to be set up now, and whose turn it is, stands on the request's page:"),
        Kind.RENAME: _(
            "The registry shows the new handle from today; change it on the platform now. The request:"
        ),
        Kind.CLOSE: _("Custody has ended; Information Technology closes it on the platform. The request:"),
        Kind.ACCESS: _("The person finds it under Credentials from now on. The request:"),
    }
    return after.get(Kind(request.kind), _("It is done from now on. The request:"))


def checked(mail: Mail) -> Mail:
    """The mail in clean form. Raises Invalid at `mail_subject` or `mail_text`."""
    return Mail(
        clean_line(mail.subject, field="mail_subject", max_length=outbox.LONGEST_SUBJECT),
        clean_text(mail.text, field="mail_text", max_length=LONGEST),
    )


def send(request: Request, act: Act, mail: Mail) -> None:
    """Into the outbox: at once to the requester; who endorsed it reads of it in their digest."""
    outbox.post(to=[request.created_by], subject=mail.subject, text=mail.text, at_once=True)
    if act != Act.DECLINE:
        others = [person for person in copies(request) if person.pk != request.created_by_id]
        outbox.post(to=others, subject=mail.subject, text=outbox.link(request.get_absolute_url()))


def copies(request: Request) -> list[Employee]:
    """Who endorsed it."""
    rows = request.decisions.filter(act=Act.ENDORSE).select_related("person")
    return list({row.person_id: row.person for row in rows if row.person is not None}.values())


def tell_of_comment(request: Request, author: Employee) -> None:
    """Who takes part reads in their digest that something was said; what, they read on the page."""
    people = {request.created_by_id: request.created_by}
    people |= {person.pk: person for person in copies(request)}
    people |= {row.author_id: row.author for row in request.comments.select_related("author")}
    people.pop(author.pk, None)
    outbox.post(
        to=people.values(),
        subject=_("%(name)s wrote on request %(number)s, %(what)s")
        % {"name": author.name, "number": request.number, "what": request.display},
        text=outbox.link(request.get_absolute_url()),
    )
