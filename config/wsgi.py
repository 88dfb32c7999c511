"""The application for a WSGI server. It refuses to start where `manage.py check` finds an error."""

import os
from io import StringIO

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
call_command(
    "check", stdout=StringIO()
)  # raises SystemCheckError: a server must not run without its vault key

from credentials import startup  # noqa: E402  # models can be imported only now

startup.announce()
