"""`manage.py export_access_history`: the access history as a file, one row per ground of custody."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import services as accounts
from audit import when
from audit.errors import Invalid
from credentials import exports
from credentials.management import delivery
from employees.models import Department, Employee


class Command(BaseCommand):
    help = (
        "Write who held access to what, on what ground, from when to when, how often they revealed the password and "
        "whether they know it today. The export is recorded in the ledger, and a manifest with filters, rows, SHA-256, "
        "and the ledger's size and root lies beside the file."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        delivery.add_arguments(parser)
        parser.add_argument("--account", metavar="REF", help="platform:handle or the account's id")
        parser.add_argument("--employee", metavar="EMAIL", help="work e-mail or employee number")
        parser.add_argument("--department", metavar="CODE")
        parser.add_argument(
            "--since", metavar="WHEN", help="in force at or after this time; a day means its start"
        )
        parser.add_argument(
            "--until", metavar="WHEN", help="in force at or before this time; a day means its end"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            filters = _filters(options)
        except (Invalid, Employee.DoesNotExist) as error:
            raise CommandError(str(error), returncode=2) from None
        delivery.deliver(
            write=partial(exports.write, actor=None, filters=filters, form=options["format"]),
            count=partial(exports.count, filters),
            form=options["format"],
            output=options["output"],
            say=self.stdout.write,
        )


def _filters(options: dict[str, Any]) -> exports.Filters:
    department = None
    if options["department"]:
        department = Department.objects.filter(code__iexact=options["department"]).first()
        if department is None:
            known = ", ".join(Department.objects.order_by("code").values_list("code", flat=True)[:40])
            raise Invalid(f"There is no department {options['department']!r}. Known codes: {known}.")
    since = when.parse(options["since"], edge="start", field="--since") if options["since"] else None
    until = when.parse(options["until"], edge="end", field="--until") if options["until"] else None
    if since and until and until < since:
        raise Invalid("--until lies before --since.")
    return exports.Filters(
        account=accounts.find(options["account"]) if options["account"] else None,
        person=Employee.objects.by_reference(options["employee"]) if options["employee"] else None,
        department=department,
        since=since,
        until=until,
    )
