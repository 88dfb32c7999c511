"""`manage.py demo`: from nothing to the demonstration city, served."""

from __future__ import annotations

import socket
import sys
import threading
import time
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, close_old_connections, connection

from audit import clock, installation, verified
from audit.verification import verify
from config.demonstration import codes, history
from config.demonstration.stage import Stage
from config.demonstration.tour import STOPS
from employees import outbox
from employees.models import Employee

HOST = "127.0.0.1"
DONE = "demonstration-complete"


class Command(BaseCommand):
    help = (
        "Make the database, fill an empty one with the demonstration city, and serve it on this machine. Run again, it "
        "keeps what is there."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-serve", action="store_true", help="make the city and stop")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--code",
            metavar="EMAIL",
            help="print this person's code of now, and stop; only in a demonstration city",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["code"]:
            self._code(options["code"])
            return
        port: int = options["port"]
        if not settings.DEBUG:
            raise CommandError(
                "The demonstration city has a password that everybody knows, so it is made only with DEBUG=true.",
                returncode=1,
            )
        if not 1 <= port <= 65535:
            raise CommandError(f"{port} is no port; give one from 1 to 65535.", returncode=2)
        settings.SITE_URL = f"http://{HOST}:{port}"  # links in the story's mails lead here
        if not options["no_serve"]:
            _must_be_free(port)
        call_command("migrate", verbosity=0)
        if Employee.objects.exists():
            self._keep()
        else:
            self._make()
        self._table(port)
        if not options["no_serve"]:
            self.stdout.write("Serving until you press Ctrl-C. Mails are printed here.\n")
            threading.Thread(target=_send_mail, daemon=True).start()
            self.stdout.flush()
            call_command("runserver", f"{HOST}:{port}", use_reloader=False)

    def _keep(self) -> None:
        if not installation.current().demonstration:
            raise CommandError(
                "This database holds a real installation; the demonstration city is made only in an empty one. "
                "Point DATABASE_URL elsewhere.",
                returncode=1,
            )
        # People get their password last of all; before that it is an unusable one.
        unusable = {"password__startswith": UNUSABLE_PASSWORD_PREFIX}
        if not Employee.objects.filter(is_active=True).exclude(**unusable).exists():
            raise CommandError(
                f"The demonstration city in {_where()} was left half made. Delete that database and run this again.",
                returncode=1,
            )
        self.stdout.write("The demonstration city is there already; nothing was changed.")

    def _make(self) -> None:
        installation.declare_demonstration()
        self.stdout.write("Making the demonstration city: a year and a half of history.")
        history.tell(Stage(today=clock.today()), self._progress)
        verdict = verify()
        if not verdict.sound:
            raise CommandError(f"The ledger does not verify: {verdict.findings[0]}", returncode=1)
        verified.note(verdict, by=verified.server_account(), tables=True)
        self.stdout.write(f"Done: {verdict.entries:,} entries in the ledger, and they verify.")

    def _code(self, email: str) -> None:
        try:
            code, seconds = codes.current(email)
        except codes.NotADemonstration:
            raise CommandError(
                "This is a real installation. Codes come from people's own apps.", returncode=1
            ) from None
        except Authenticator.DoesNotExist:
            raise CommandError(
                f"Nobody in the demonstration city signs in as {email}.", returncode=2
            ) from None
        self.stdout.write(code)
        self.stderr.write(f"Opens once, for {seconds} more seconds and a little. The next one comes then.")

    def _progress(self, title: str) -> None:
        self.stdout.write(f"  {title}")
        self.stdout.flush()

    def _table(self, port: int) -> None:
        base = f"http://{HOST}:{port}"
        rows = [(email, who, f"{base}{path}", why) for email, who, path, why in STOPS]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        write = self.stdout.write
        write("")
        write(f"Everybody signs in at {base}/login/ with the password  {history.PASSWORD}")
        write(
            "and a code, which in another terminal this prints:  .venv/bin/python manage.py demo --code EMAIL"
        )
        write(
            f"Passkeys work under a name alone: to try one, sign in at http://localhost:{port}/login/ instead."
        )
        write("")
        write(
            f"{'Sign in as':<{widths[0]}}  {'Who that is':<{widths[1]}}  {'Open first':<{widths[2]}}  To do what"
        )
        for row in rows:
            write(f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]:<{widths[2]}}  {row[3]}")
        write("")
        write(f"Without signing in: {base}/ is what residents see.")
        write("")


def _send_mail() -> None:
    """What cron does elsewhere. In development the mail's backend prints."""
    while True:
        time.sleep(10)
        close_old_connections()
        try:
            outbox.deliver()
        except DatabaseError:
            continue  # the city is being changed from another terminal; the next round comes


def _where() -> str:
    return (
        str(settings.DATABASES["default"]["NAME"])
        if connection.vendor == "sqlite"
        else "this PostgreSQL database"
    )


def _must_be_free(port: int) -> None:
    """Raises CommandError where something listens on the port already."""
    with socket.socket() as probe:
        if sys.platform != "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise CommandError(
                f"Port {port} is taken. Choose another: `make demo PORT={port + 1}`, or "
                f"`manage.py demo --port {port + 1}`.",
                returncode=1,
            ) from None
