"""`manage.py seat_first_officers`: the first two seats of an empty installation."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.errors import Refused
from employees.models import Employee
from employees.seating import password_path, seat_first_officers


class Command(BaseCommand):
    help = (
        "Seat the Director of Public Information and the Director of Information Technology of an installation in "
        "which nobody holds a seat yet, and print a one-time link for each to set a password. Both must be on the "
        "list of people already (import_employees). Exits 1 as soon as seats exist: from then on seats are recorded "
        "and confirmed by two people on the pages."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        person = "work e-mail or employee number"
        parser.add_argument("--pi-director", required=True, metavar="PERSON", help=person)
        parser.add_argument("--it-director", required=True, metavar="PERSON", help=person)
        parser.add_argument(
            "--instrument", required=True, metavar="TEXT", help="reference of the paper that appoints them"
        )
        parser.add_argument(
            "--base-url", metavar="URL", help="where the service is reached, such as https://accounts.example"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        base = str(options["base_url"] or _base_url()).rstrip("/")
        people = [self._person(options[name]) for name in ("pi_director", "it_director")]
        try:
            seats = seat_first_officers(
                pi_director=people[0], it_director=people[1], instrument=options["instrument"]
            )
        except Refused as error:
            raise CommandError(str(error), returncode=1) from error
        for seat in seats:
            self.stdout.write(f"{seat.holder.name} is {seat.title}.")
            self.stdout.write(f"  Password, once: {base}{password_path(seat.holder)}")
        self.stdout.write(
            "2 officers seated. Next they record and confirm two registry clerks, under Access, People."
        )

    def _person(self, reference: str) -> Employee:
        try:
            return Employee.objects.by_reference(reference)
        except Employee.DoesNotExist as error:
            message = f"Nobody has the work e-mail or employee number {reference!r}. See import_employees."
            raise CommandError(message, returncode=2) from error


def _base_url() -> str:
    origins = [origin for origin in settings.CSRF_TRUSTED_ORIGINS if "*" not in origin]
    return origins[0] if origins else "http://127.0.0.1:8000"
