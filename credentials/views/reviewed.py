"""What comes of an access review: the certificate of a closed one, and any as a file."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audit.actions import Verb
from audit.denials import absent
from audit.models import Entry
from credentials import exports, reviews, tables
from credentials.models import Campaign
from credentials.reviews import Standing, exporting
from credentials.views.doors import person_of, staff
from credentials.views.reviews import campaign_seen, sees_all
from employees.stepup import needs_recent_factor


@require_safe
@staff
def certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """What was reviewed, decided and ended, on one page to print and sign."""
    person = person_of(request)
    campaign = campaign_seen(request, pk)
    if not sees_all(person):
        raise PermissionDenied(_("Certificates are read by auditors and City officers."))
    if campaign.state != Campaign.State.CLOSED:
        raise absent(hidden=None)
    found = list(
        reviews.standings(campaign.items.whole().order_by("person__name", "person", "account__name")).values()
    )
    closed = Entry.objects.filter(
        verb=Verb.REVIEW_CLOSE, object_type="credentials.campaign", object_id=str(pk)
    ).first()
    context = {
        "campaign": campaign,
        "standings": found,
        "counts": Counter(one.state for one in found),
        "people": len({one.item.person_id for one in found}),
        "accounts": len({one.item.account_id for one in found}),
        "reviewers": _signatures(found),
        "entry": closed,
        "may_export": exports.may_export(person) or reviews.may_oversee(person),
    }
    return render(request, "credentials/certificate.html", context)


def _signatures(found: Iterable[Standing]) -> list[tuple[str, str, int]]:
    """Who decided, in which capacity, about how many."""
    counted: Counter[tuple[str, str]] = Counter(
        (one.item.decided_by.name, one.item.decided_as) for one in found if one.item.decided_by
    )
    return [(name, seat, count) for (name, seat), count in sorted(counted.items())]


@require_POST
@staff
@needs_recent_factor("credentials:review")
def export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The campaign as a file, one row an item."""
    person = person_of(request)
    campaign = campaign_seen(request, pk)
    if not (exports.may_export(person) or reviews.may_oversee(person)):
        raise PermissionDenied(_("Reviews are exported by auditors and City officers."))
    form = request.POST.get("form", "csv")
    form = form if form in tables.FORMS else "csv"
    raw = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    exports.made(
        actor=person,
        name=campaign.title,
        filters={"campaign": campaign.pk},
        form=form,
        columns=exporting.COLUMNS,
        rows=exporting.rows(campaign),
        file=raw,
    )
    return tables.sent(raw, f"access-review-{campaign.pk}", form)
