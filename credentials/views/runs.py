"""Rotating one after another: which rotations somebody set out to do, kept in the session, and which comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from credentials import rotation
from credentials.models import Credential

KEY = "rotation_run"


@dataclass(frozen=True)
class Run:
    """The rotations that somebody set out to do: this one's place, how many, and where the next one is done."""

    place: int
    total: int
    why: str
    following: Credential | None

    @property
    def address(self) -> str:
        """Where the next one is done; the queue after the last."""
        if self.following is None:
            return reverse("credentials:queue")
        return reverse("credentials:rotate", args=[self.following.pk])


def begin(request: HttpRequest, credentials: Sequence[Credential], why: str) -> None:
    """Set out to rotate `credentials`, in this order."""
    request.session[KEY] = {"ids": [one.pk for one in credentials], "why": why}


def end(request: HttpRequest) -> None:
    """Give the run up. The rotations that were started stay as they are."""
    request.session.pop(KEY, None)


def of(request: HttpRequest, credential: Credential) -> Run | None:
    """The run that `credential` belongs to; None where there is none. Three queries at most."""
    kept: dict[str, Any] = request.session.get(KEY) or {}
    ids: list[int] = kept.get("ids", [])
    if credential.pk not in ids:
        return None
    place = ids.index(credential.pk)
    later = Credential.objects.select_related("account__platform").in_bulk(ids)
    open_now = rotation.open_among(ids)
    # Once round: what was left aside comes again after the last.
    order = [*ids[place + 1 :], *ids[:place]]
    following = next((later[pk] for pk in order if pk in later and pk in open_now), None)
    return Run(place + 1, len(ids), str(kept.get("why", "")), following)


def after(request: HttpRequest, credential: Credential, otherwise: str) -> str:
    """Where to go when the rotation of `credential` is done: on to the next, to the queue after the last."""
    run = of(request, credential)
    if run is None:
        return otherwise
    if run.following is None:
        end(request)
    return run.address
