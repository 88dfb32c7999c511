"""`manage.py export_access_history`: the access history as a file, one row per ground of custody."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from accounts import services as accounts
from audit import when
from audit.errors import Invalid
from audit.files import whole_or_nothing, whole_or_nothing_of_bytes
from credentials import exports, tables
from employees.models import Department, Employee


class Command(BaseCommand):
    help = (
        "Write who held access to what, on what ground, from when to when, how often they revealed the password and "
        "whether they know it today. The export is recorded in the ledger, and a manifest with filters, rows, SHA-256, "
        "and the ledger's size and root lies beside the file."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=tables.FORMS, default="csv")
        parser.add_argument("--account", metavar="REF", help="platform:handle or the account's id")
        parser.add_argument("--employee", metavar="EMAIL", help="work e-mail or employee number")
        parser.add_argument("--department", metavar="CODE")
        parser.add_argument(
            "--since", metavar="WHEN", help="in force at or after this time; a day means its start"
        )
        parser.add_argument(
            "--until", metavar="WHEN", help="in force at or before this time; a day means its end"
        )
        parser.add_argument("--output", metavar="FILE", help="write here instead of to standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            filters = _filters(options)
        except (Invalid, Employee.DoesNotExist) as error:
            raise CommandError(str(error), returncode=2) from None
        form, output = options["format"], options["output"]
        if not output:
            self._to_standard_output(filters, form)
            return
        manifest_path = Path(f"{output}.manifest.json")
        # A manifest of an earlier file under this name would speak of another one.
        manifest_path.unlink(missing_ok=True)
        try:
            with whole_or_nothing_of_bytes(output) as file, _bar(filters) as bar:
                manifest = exports.write(
                    actor=None, filters=filters, form=form, file=file, progress=bar.update
                )
            with whole_or_nothing(manifest_path) as text:
                text.write(manifest.as_json())
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}.", returncode=2) from None
        self.stdout.write(
            f"{manifest.rows:,} rows written to {output}, SHA-256 {manifest.sha256}. "
            f"The manifest is {manifest_path}."
        )

    def _to_standard_output(self, filters: exports.Filters, form: str) -> None:
        out = getattr(sys.stdout, "buffer", None)
        if form == "xlsx" and (out is None or sys.stdout.isatty()):
            raise CommandError("A workbook is no text: give --output FILE.", returncode=2)
        try:
            if out is not None:
                sys.stdout.flush()
                exports.write(actor=None, filters=filters, form=form, file=out)
                out.flush()
                return
            whole = io.BytesIO()
            exports.write(actor=None, filters=filters, form=form, file=whole)
            sys.stdout.write(whole.getvalue().decode())
        except BrokenPipeError:  # the reader had enough, as `head` has
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _bar(filters: exports.Filters) -> Any:
    """Progress on standard error, when a person is watching."""
    quiet = not sys.stderr.isatty()
    return tqdm(total=None if quiet else exports.count(filters), unit=" rows", disable=quiet, file=sys.stderr)


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
