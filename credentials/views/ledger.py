"""Whether the ledger can be trusted: what was signed, what continues it, and how to check that oneself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit import checkpoints, signing, verified
from audit.models import Checkpoint
from credentials.views import asking
from credentials.views.doors import person_of, staff
from employees import authority

LIST = 20
"""Checkpoints on the page, the newest first."""


@require_safe
@staff
def ledger(request: HttpRequest) -> HttpResponse:
    """The last checkpoint, whether the ledger of now continues it, and the way to verify it without this system."""
    authority.require(
        asking.reads_all(person_of(request)), _("The ledger is read by auditors and City officers.")
    )
    kept = list(Checkpoint.objects.order_by("-size")[:LIST])
    last, size = (kept[0] if kept else None), checkpoints.last_index()
    context = {
        "last": last,
        "root": bytes(last.root).hex() if last else "",
        "size": size,
        "since": size - last.size if last else size,
        "trouble": checkpoints.trouble(),
        "verified": verified.last(),
        "kept": kept,
        "key": _verifier(),
    }
    return render(request, "credentials/ledger.html", context)


def _verifier() -> str:
    try:
        return signing.load().signer.verifier.spelt()
    except signing.NoSigningKey:
        return ""
