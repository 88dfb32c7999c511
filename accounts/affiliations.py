"""Joining a group or following a page as the City: recorded by a holder, ordered undone by the PI Director.

Policy, Administrative Policy, second bullet: only if it is related to official City business, services and events.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import holding
from accounts.keeping import Affiliation
from accounts.models import Account
from audit import clock
from audit.actions import Verb
from audit.errors import Invalid, NotPermitted, Stale
from audit.ledger import record, service
from audit.text import clean_line
from employees import authority, outbox
from employees.models import Employee, Office

WEEK = timedelta(days=7)


@service
def record_affiliation(
    *, actor: Employee, account: Account, kind: str, name: str, url: str, purpose: str
) -> Affiliation:
    """The account joined a group or follows a page. Raises NotPermitted (holds it not), Invalid, Stale (closed)."""
    if account.state == Account.State.RETIRED:
        raise Stale(_("This account is closed."))
    if not holding.holds(actor, account):
        raise NotPermitted(_("Who holds the account records what it joins or follows."))
    if kind not in Affiliation.Kind.values:
        raise Invalid(_("A group or a page?"), fields={"kind": _("Choose one.")})
    made = Affiliation.objects.create(
        account=account,
        kind=kind,
        name=clean_line(name, field="name", max_length=200),
        url=_address(url),
        purpose=clean_line(purpose, field="purpose", max_length=400),
        recorded_by=actor,
        recorded_at=clock.now(),
    )
    record(Verb.AFFILIATION_RECORD, actor=actor, obj=made, facts=[made])
    return made


@service
def order_undone(*, actor: Employee, affiliation: Affiliation, reason: str) -> Affiliation:
    """The PI Director, or who acts for them, orders it undone; the recorder hears of it. Raises NotPermitted, Stale."""
    capacity = authority.holds(actor, Office.Kind.PI_DIRECTOR)
    if capacity is None:
        raise NotPermitted(_("Only the PI Director, or who acts for them, orders it undone."))
    reason = clean_line(reason, field="reason", max_length=400)
    now = clock.now()
    done = Affiliation.objects.filter(pk=affiliation.pk, ordered_at=None, undone_at=None).update(
        ordered_by=actor, ordered_at=now, order_reason=reason, seen_by=actor, seen_at=now
    )
    affiliation.refresh_from_db()
    if done != 1:
        raise Stale(_("It was ordered undone, or undone, already."))
    record(
        Verb.AFFILIATION_ORDER,
        actor=actor,
        obj=affiliation,
        facts=[affiliation],
        capacity=capacity.as_data(),
    )
    outbox.post(
        to=[affiliation.recorded_by],
        subject=_("To be undone by order of the PI Director: %(name)s, %(account)s")
        % {"name": affiliation.name, "account": affiliation.account.display},
        text=_("%(reason)s\n\nLeave it on the platform, then confirm that here: %(link)s")
        % {
            "reason": reason,
            "link": outbox.link(reverse("accounts:affiliations", args=[affiliation.account_id])),
        },
    )
    return affiliation


@service
def confirm_undone(*, actor: Employee, affiliation: Affiliation) -> Affiliation:
    """Who holds the account has left the group or unfollowed the page, ordered or not. Raises NotPermitted, Stale."""
    if not holding.holds(actor, affiliation.account):
        raise NotPermitted(_("Who holds the account confirms that it is undone."))
    done = Affiliation.objects.filter(pk=affiliation.pk, undone_at=None).update(
        undone_by=actor, undone_at=clock.now()
    )
    affiliation.refresh_from_db()
    if done != 1:
        raise Stale(_("It is undone already."))
    record(Verb.AFFILIATION_UNDO, actor=actor, obj=affiliation, facts=[affiliation])
    return affiliation


@service
def see(*, actor: Employee, affiliations: Iterable[Affiliation]) -> int:
    """The PI Director has seen them and lets them stand; gives how many were new. Raises NotPermitted."""
    if authority.holds(actor, Office.Kind.PI_DIRECTOR) is None:
        raise NotPermitted(_("Only the PI Director, or who acts for them, has seen the list."))
    ids = [one.pk for one in affiliations]
    count = Affiliation.objects.filter(pk__in=ids, seen_at=None).update(seen_by=actor, seen_at=clock.now())
    if count:
        record(Verb.AFFILIATION_SEE, actor=actor, obj=actor, affiliations=sorted(ids))
    return count


def of_the_week() -> QuerySet[Affiliation]:
    """What was recorded in the last seven days, what the PI Director has not seen, and what awaits undoing."""
    recent = Q(recorded_at__gte=clock.now() - WEEK)
    waiting = Q(ordered_at__isnull=False, undone_at=None)
    return Affiliation.objects.filter(recent | Q(seen_at=None, undone_at=None) | waiting).select_related(
        "account__platform", "account__department", "recorded_by__department", "ordered_by", "undone_by"
    )


def unseen() -> QuerySet[Affiliation]:
    """What the PI Director has still to look at."""
    return Affiliation.objects.filter(seen_at=None, undone_at=None)


def _address(url: str) -> str:
    url = clean_line(url, field="url", max_length=500)
    if "://" not in url:
        url = f"https://{url}"
    try:
        URLValidator(schemes=["https", "http"])(url)
    except ValidationError:
        text = _("The page's address, as https://www.facebook.com/groups/…")
        raise Invalid(text, fields={"url": text}) from None
    return url
