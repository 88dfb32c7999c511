"""The page of verify: one box, then one large answer."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from accounts import comparing, confirmation, platforms, verifying
from accounts.models import Account
from accounts.verifying import Answer, How, Verdict
from audit import clock

TEMPLATES = {
    Answer.OFFICIAL: "accounts/verify/official.html",
    Answer.FORMERLY_OFFICIAL: "accounts/verify/formerly.html",
    Answer.LOOK_ALIKE: "accounts/verify/look_alike.html",
    Answer.NOT_REGISTERED: "accounts/verify/not_registered.html",
}


@gzip_page
@require_safe
def verify(http: HttpRequest) -> HttpResponse:
    """Whether what was pasted is the City's. What was asked is shown as text and never as a link."""
    asked = verifying.visible(http.GET.get("q", ""))
    if not asked:
        return render(http, "accounts/verify/ask.html", {"asked": ""})
    if (sign := _sign(http, asked)) is not None:
        return redirect("accounts:account", pk=sign)
    verdict = verifying.verify(asked)
    context: dict[str, Any] = {
        "asked": asked,
        "verdict": verdict,
        "checked_at": clock.now(),
        # Asked for whatever the answer is, so that a draft costs what a missing account does.
        "confirmations": confirmation.of([verdict.account] if verdict.account else []),
        "report_url": f"{reverse('accounts:report')}?{urlencode({'address': asked})}",
        **_facts(verdict),
    }
    if verdict.account is not None:
        context["confirmation"] = context["confirmations"][verdict.account.pk]
    return render(http, TEMPLATES[verdict.answer], context)


SIGN = re.compile(r"/(?:a|accounts)/([0-9]{1,9})/?")


def _sign(http: HttpRequest, asked: str) -> int | None:
    """The account whose page here was asked about, where it has or had one: it says itself what it is, or was."""
    try:
        address = urlsplit(asked if "://" in asked else f"https://{asked}")
    except ValueError:
        return None
    found = SIGN.fullmatch(address.path)
    if found is None or address.netloc.lower() not in (http.get_host(), urlsplit(settings.SITE_URL).netloc):
        return None
    return Account.objects.once_public().filter(pk=int(found[1])).values_list("pk", flat=True).first()


def _facts(verdict: Verdict) -> dict[str, Any]:
    """What the answer's template shows besides the verdict itself."""
    question = verdict.question
    if verdict.answer is Answer.OFFICIAL:
        assert verdict.account is not None
        return {
            "account": verdict.account,
            "address": verdict.account.shown_address,
            "by_handle": not question.is_address and question.spec is None,
        }
    if verdict.answer is Answer.FORMERLY_OFFICIAL:
        assert verdict.account is not None
        assert verdict.handle is not None
        return {
            "account": verdict.account,
            "active": verdict.account.state == Account.State.ACTIVE,
            "resting": verdict.account.state == Account.State.SUSPENDED and verdict.handle.until is None,
            "until": verdict.handle.until,
            "handle": verdict.handle.shown_at(verdict.account),
        }
    imitated = platforms.of_host(question.imitates) if question.imitates else None
    host = {"host": question.host, "imitated": imitated, "known_host": question.spec}
    if verdict.answer is Answer.LOOK_ALIKE:
        assert verdict.resembles is not None
        shown = verdict.resembles.shown_handle
        asked = f"@{verdict.word}" if shown.startswith("@") else verdict.word
        elsewhere = verdict.how is How.SAME_ELSEWHERE
        return {
            **host,
            "account": verdict.resembles,
            "address": verdict.resembles.shown_address,
            "sides": None if elsewhere else comparing.sides(asked, shown),
            "elsewhere": elsewhere,
            "word": comparing.shown(asked),
        }
    return host
