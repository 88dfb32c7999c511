"""Somebody left who held or knew something: Information Technology and the two Directors hear of it at once.

Policy, Administrative Policy, third bullet: logins are kept up to date with those in office.
"""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account
from credentials.models import Custody, Knowledge, SecretVersion
from employees import outbox
from employees.models import Employee, Office, Role

NAMED = 3
"""Accounts that the subject names; the rest stand on the page."""


def tell(*, actor: Employee | None, person: Employee) -> None:
    """Mail it, within the act of the separation and before custody is closed. Who held nothing makes no mail."""
    held = Custody.objects.standing().filter(person=person).values("account")
    known = Knowledge.objects.filter(person=person, version__state=SecretVersion.State.CURRENT)
    knows = known.values("version__item__credential__account")
    accounts = list(
        (Account.objects.filter(pk__in=held) | Account.objects.filter(pk__in=knows))
        .select_related("platform")
        .distinct()
        .order_by("pk")
    )
    if not accounts:
        return
    count = known.values("version__item__credential__account").distinct().count()
    names = ", ".join(account.display for account in accounts[:NAMED])
    if len(accounts) > NAMED:
        names = _("%(names)s and %(count)d more") % {"names": names, "count": len(accounts) - NAMED}
    to = [
        *outbox.in_office(Office.Kind.PI_DIRECTOR, Office.Kind.IT_DIRECTOR),
        *outbox.in_role(Role.Name.INFORMATION_TECHNOLOGY),
    ]
    passwords = ngettext(
        "%(count)d password that is in use is known to this person: it is due for rotation now.",
        "%(count)d passwords that are in use are known to this person: they are due for rotation now.",
        count,
    )
    outbox.post(
        to=[one for one in to if one.pk != person.pk],
        subject=_("For the PI and IT Directors: %(name)s, %(title)s, has left; %(accounts)s")
        % {"name": person.name, "title": person.title or _("no title"), "accounts": names},
        text=_(
            "%(by)s recorded it. Access has ended everywhere here, and sessions are closed.\n\n%(passwords)s\n\n"
            "What ended and what is due: %(person)s\n\nThe queue: %(queue)s"
        )
        % {
            "by": actor.name if actor else _("The daily run"),
            "passwords": passwords % {"count": count} if count else _("No password in use is known to them."),
            "person": outbox.link(reverse("employees:person", args=[person.pk])),
            "queue": outbox.link(reverse("credentials:queue")),
        },
        at_once=True,
    )
