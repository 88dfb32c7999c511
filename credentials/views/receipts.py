"""Taking note of new versions: one click for all, and nobody has to reveal anything."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from audit.errors import Stale
from credentials import receipts
from credentials.views.doors import person_of, staff


@require_http_methods(["GET", "HEAD", "POST"])
@staff
def noted(request: HttpRequest) -> HttpResponse:
    """The versions that wait for the person's receipt, and the one button."""
    person = person_of(request)
    if request.method == "POST":
        try:
            made = receipts.acknowledge(actor=person)
        except Stale as stale:
            messages.info(request, str(stale))
        else:
            text = ngettext(
                "You have taken note of one new version.",
                "You have taken note of %(count)d new versions.",
                len(made),
            )
            messages.success(request, text % {"count": len(made)})
        back = reverse("credentials:mine")
        return redirect(back)
    return render(request, "credentials/receipts.html", {"duties": receipts.duties(person=person)})
