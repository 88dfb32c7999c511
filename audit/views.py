"""What the ledger shows to everybody: signed sizes and roots, and proofs between them. No entry, no name."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from audit import checkpoints, signing
from audit.errors import Refused
from audit.models import Checkpoint

LIST = 1000
"""Checkpoints in the list, the newest first."""


def _text(content: str, status: int = 200) -> HttpResponse:
    return HttpResponse(content, content_type="text/plain; charset=utf-8", status=status)


@require_safe
def checkpoint(request: HttpRequest, size: int | None = None) -> HttpResponse:
    """The last checkpoint, or the one of so many entries: a C2SP signed note."""
    found = Checkpoint.objects.filter(size=size).first() if size is not None else Checkpoint.objects.last()
    if found is None:
        raise Http404
    return _text(found.note)


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """The sizes of the kept checkpoints, the newest first."""
    sizes = Checkpoint.objects.order_by("-size").values_list("size", flat=True)[:LIST]
    return _text("".join(f"{size}\n" for size in sizes))


@require_safe
def consistency(request: HttpRequest, old: int, new: int) -> HttpResponse:
    """The RFC 6962 proof that one kept checkpoint is a beginning of another: one hash a line, in base64."""
    try:
        return _text(checkpoints.proof_text(old, new))
    except Checkpoint.DoesNotExist:
        raise Http404 from None
    except Refused as refusal:
        return _text(f"{refusal}\n", status=409)


@require_safe
def key(request: HttpRequest) -> HttpResponse:
    """The verifier key, and the same for openssl. Compare it with one that you have from elsewhere."""
    try:
        verifier = signing.load().signer.verifier
    except signing.NoSigningKey:
        raise Http404 from None
    return _text(f"{verifier.spelt()}\n{verifier.pem()}")
