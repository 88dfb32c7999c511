"""Error pages and error mails: what is sensitive stays out of them, in development too."""

from __future__ import annotations

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter


class AlwaysSafeFilter(SafeExceptionReporterFilter):
    """Django's own filter rests while DEBUG is on; a demonstration runs with DEBUG and holds secrets, too."""

    def is_active(self, request: HttpRequest | None) -> bool:
        return True
