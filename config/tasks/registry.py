"""What waits about accounts in public: profiles, attestation, impostors, groups and pages."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import affiliations, impostors, profiles
from accounts.models import Account, Affiliation, ProfileReview
from audit import clock
from config.tasks.task import MOST, Task
from credentials.models import Ground
from employees import authority
from employees.models import Employee, Office


def profiles_to_look_at(person: Employee) -> list[Task]:
    """Profiles to look at, of accounts that the person holds in their own department."""
    held = Ground.objects.in_force().filter(custody__person=person).values("custody__account")
    found = []
    for review in profiles.to_keep(held, authority.departments_of(person))[:MOST]:
        late = review.due is not None and review.due < clock.today()
        if review.kind == ProfileReview.Kind.SET_UP:
            text = _("Before it is public, say on the list that its profile follows the policy.")
        else:
            text = _("Look whether its profile still follows the policy. Due %(day)s.") % {
                "day": date_format(review.due, "DATE_FORMAT") if review.due else _("soon")
            }
        found.append(
            Task(
                _("Overdue") if late else _("Profile to check"),
                "danger" if late else "info",
                review.account.display,
                text,
                review.opened_at,
                reverse("accounts:profile", args=[review.account_id]),
                _("Check the profile"),
            )
        )
    return found


def accounts_to_attest(person: Employee) -> list[Task]:
    if not authority.holds(person, Office.Kind.PI_DIRECTOR):
        return []
    waiting = Account.objects.filter(
        origin=Account.Origin.IMPORT, state=Account.State.ACTIVE, attested_at=None
    )
    count = waiting.count()
    if not count:
        return []
    return [
        Task(
            _("To attest"),
            "info",
            _("%(count)d imported accounts") % {"count": count},
            _("Residents see them as official once you have attested them."),
            waiting.order_by("created_at").values_list("created_at", flat=True)[0],
            reverse("admin:accounts_account_attest"),
            _("See the list"),
        )
    ]


def reported_accounts(person: Employee) -> list[Task]:
    """Accounts that residents say pose as the City, for who answers them."""
    if not impostors.decides(person):
        return []
    return [
        Task(
            _("Reported"),
            "warn",
            report.shown,
            _("Looks like %(account)s.") % {"account": report.resembles.display}
            if report.resembles
            else _("A resident says that it poses as the City."),
            report.received_at,
            reverse("accounts:decide_report", args=[report.pk]),
            _("Read and answer"),
        )
        for report in impostors.waiting().select_related("resembles__platform")[:MOST]
    ]


def groups_and_pages(person: Employee) -> list[Task]:
    """For the PI Director what is new; for who holds an account what was ordered undone."""
    found = []
    held = Ground.objects.in_force().filter(custody__person=person).values("custody__account")
    ordered = Affiliation.objects.filter(
        Q(account__department__in=authority.departments_of(person)) | Q(recorded_by=person),
        account__in=held,
        ordered_at__isnull=False,
        undone_at=None,
    )
    for one in ordered.select_related("account__platform", "ordered_by").order_by("ordered_at")[:MOST]:
        found.append(
            Task(
                _("To undo"),
                "warn",
                f"{one.name}, {one.account.display}",
                _("By order of %(name)s: %(reason)s")
                % {"name": one.ordered_by.name if one.ordered_by else "", "reason": one.order_reason},
                one.ordered_at,
                reverse("accounts:affiliations", args=[one.account_id]),
                _("Leave it, then confirm"),
            )
        )
    if authority.holds(person, Office.Kind.PI_DIRECTOR):
        new = affiliations.unseen()
        count, oldest = new.count(), new.order_by("recorded_at").values_list("recorded_at", flat=True).first()
        if count:
            title = ngettext("%(count)d group or page", "%(count)d groups and pages", count)
            found.append(
                Task(
                    _("To look at"),
                    "plain",
                    title % {"count": count},
                    _("Joined or followed in the City’s name. What you do not order undone stands."),
                    oldest,
                    reverse("accounts:affiliations_week"),
                    _("See the list"),
                )
            )
    return found
