"""The page for what went wrong on the server: honest about the database, silent about everything else."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.defaults import server_error

from credentials.views.doors import database_unavailable


def failed(request: HttpRequest) -> HttpResponse:
    """503 where the database could not be used, wherever that was noticed: it will do again. 500 otherwise."""
    trouble = sys.exc_info()[1]
    if isinstance(trouble, OperationalError | InterfaceError):
        return database_unavailable(trouble)
    return server_error(request)
