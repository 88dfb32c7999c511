"""Somebody left who held or knew something: Information Technology and the two Directors hear of it at once.

Policy, Administrative Policy, third bullet: logins are kept up to date with those in office.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account
from credentials.models import Custody, Knowledge, SecretVersion, StaleCopy
from employees import outbox
from employees.kinds import batches
from employees.models import Employee, Office, Role

NAMED = 3
"""Accounts that the subject names; the rest stand on the page."""


def tell(*, actor: Employee | None, people: Iterable[int]) -> None:
    """Mail it for each of `people` (ids) who has left, within the act and before custody is closed.

    Who held and knew nothing makes no mail. Queries grow by batches, and by the mails.
    """
    for some in batches(sorted(people)):
        left = {one.pk: one for one in Employee.objects.filter(pk__in=some, is_active=False)}
        if left:
            _tell(actor, left)


def _tell(actor: Employee | None, left: dict[int, Employee]) -> None:
    held: dict[int, set[int]] = defaultdict(set)
    known: dict[int, set[int]] = defaultdict(set)
    for custody in (Custody.objects.standing(), Custody.objects.still_present()):
        for person, account in custody.filter(person__in=left).values_list("person", "account"):
            held[person].add(account)
    knowledge = Knowledge.objects.filter(person__in=left, version__state=SecretVersion.State.CURRENT)
    for person, account in knowledge.values_list("person", "version__item__credential__account"):
        known[person].add(account)
    # What they changed on the platform and nobody has deposited, they know as well.
    said = StaleCopy.objects.filter(reported_by__in=left, settled_at=None)
    for person, account in said.values_list("reported_by", "item__credential__account"):
        known[person].add(account)
    touched = set().union(*held.values(), *known.values())
    if not touched:
        return
    accounts = Account.objects.select_related("platform").in_bulk(touched)
    to = [
        *outbox.in_office(Office.Kind.PI_DIRECTOR, Office.Kind.IT_DIRECTOR),
        *outbox.in_role(Role.Name.INFORMATION_TECHNOLOGY),
    ]
    for pk in sorted(held.keys() | known.keys()):
        names = [accounts[one].display for one in sorted(held[pk] | known[pk])]
        _mail(actor, left[pk], to, names, len(known[pk]))


def _mail(
    actor: Employee | None, person: Employee, to: list[Employee], accounts: list[str], count: int
) -> None:
    names = ", ".join(accounts[:NAMED])
    if len(accounts) > NAMED:
        names = _("%(names)s and %(count)d more") % {"names": names, "count": len(accounts) - NAMED}
    passwords = ngettext(
        "%(count)d password that is in use is known to this person: it is due for rotation now.",
        "%(count)d passwords that are in use are known to this person: they are due for rotation now.",
        count,
    )
    outbox.post(
        to=to,
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
