"""`manage.py database_roles`: what the application's role may do in PostgreSQL."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from audit import guards, roles
from audit.errors import Refused


class Command(BaseCommand):
    help = (
        "Print the SQL by which the application's role in PostgreSQL may read and write ordinary tables, read and add "
        "to append-only ones, and own nothing. Run it as the role that migrates, after every migrate."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--app-role", metavar="NAME", required=True, help="the role as which the service connects"
        )
        parser.add_argument(
            "--apply", action="store_true", help="execute it, all or nothing, and look at what came of it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        role = options["app_role"]
        try:
            if not options["apply"]:
                sys.stdout.write(roles.script(role))
                return
            roles.apply(role)
        except Refused as refusal:
            raise CommandError(str(refusal), returncode=1) from None
        except DatabaseError as error:
            raise CommandError(
                f"The database refused, and nothing was changed: {error}", returncode=1
            ) from None
        self.stdout.write(
            f"{role} reads and writes ordinary tables, reads and adds to the {len(guards.GUARDED)} append-only ones, "
            "and owns none."
        )
