"""`manage.py import_accounts`: a registry's list of accounts, in the US Digital Registry's columns."""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.imports import Rejected, import_rows
from accounts.planning import Plan, plan
from accounts.rows import Problem
from accounts.tables import COLUMNS, Table, Unreadable, read
from audit import statistics
from audit.errors import Refused
from audit.files import whole_or_nothing

STEP = 50
"""Rows between two signs of life."""


class Command(BaseCommand):
    help = (
        f"Import official accounts from a CSV file with the columns {','.join(COLUMNS)} (the last one optional; lists "
        "are split on |), or with those of the US Digital Registry's export. "
        "Imported accounts are active and await the PI Director's attestation. A file with errors "
        "changes nothing. Exits 0 when imported, 1 when rows have errors, 2 when the file cannot be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would change, and change nothing"
        )
        parser.add_argument(
            "--skip-invalid",
            action="store_true",
            help="import the good rows and write the others, with reasons, to FILE.rejected.csv",
        )
        parser.add_argument("--rejects", metavar="PATH", help="write the rejected rows here instead")

    def handle(self, *args: Any, **options: Any) -> None:
        file, rejects = Path(options["file"]), Path(options["rejects"] or f"{options['file']}.rejected.csv")
        if options["rejects"] and not options["skip_invalid"]:
            raise CommandError("--rejects goes with --skip-invalid.", returncode=2)
        if rejects.resolve() == file.resolve():
            raise CommandError("--rejects names the file that is imported.", returncode=2)
        try:
            table = read(file)
        except Unreadable as error:
            raise CommandError(str(error), returncode=2) from error
        for remark in table.remarks:
            self.stdout.write(remark)
        try:
            made = (
                self._dry_run(table, options) if options["dry_run"] else self._import(table, options, rejects)
            )
        except Rejected as error:
            self._print_problems(error.plan.problems)
            self.stderr.write(f"{error} Mend the file, or import the others with --skip-invalid.")
            sys.exit(1)
        except Refused as error:
            raise CommandError(str(error), returncode=1) from error
        if not options["dry_run"]:
            statistics.refresh()
        self._print_outcome(made, dry_run=options["dry_run"])

    def _dry_run(self, table: Table, options: dict[str, Any]) -> Plan:
        with self._watched(len(table.rows)) as progress:
            made = plan(table.rows, progress=progress)
        if made.problems and not options["skip_invalid"]:
            raise Rejected(made)
        self._print_problems(made.problems)
        for code, name in made.departments:
            self.stdout.write(f"would create the department {name} ({code})")
        for item in made.new:
            self.stdout.write(
                f"line {item.lines[0]}: would register {item.identity.url} for {item.agencies[0]}"
            )
        for known in made.changed:
            parts = ", ".join([*sorted(known.changes), *(f"also for {name}" for name in known.also_for)])
            self.stdout.write(f"line {known.lines[0]}: would complete {known.account.url}: {parts}")
        return made

    def _import(self, table: Table, options: dict[str, Any], rejects: Path) -> Plan:
        with self._watched(len(table.rows)) as progress:
            if not options["skip_invalid"]:
                return import_rows(actor=None, table=table, progress=progress)
            made = plan(table.rows)
            if not made.problems:
                return import_rows(actor=None, table=table, skip_invalid=True, progress=progress)
            try:
                with whole_or_nothing(rejects, mode=0o644) as output:
                    made = import_rows(actor=None, table=table, skip_invalid=True, progress=progress)
                    write_rejects(output, table, made.problems)
            except OSError as error:
                message = f"{rejects} cannot be written ({error.strerror}); nothing was imported."
                raise CommandError(f"{message} Name another with --rejects.", returncode=2) from error
        self._print_problems(made.problems)
        self.stdout.write(f"{_count(len(made.rejected), 'row')} with reasons written to {rejects}.")
        return made

    def _print_problems(self, problems: list[Problem]) -> None:
        for problem in problems:
            self.stderr.write(f"line {problem.line}, {problem.field}: {problem.reason}")

    def _print_outcome(self, made: Plan, *, dry_run: bool) -> None:
        for line, sentence in made.merged:
            self.stdout.write(f"line {line}: merged: {sentence}")
        if made.nothing:
            there = _count(made.repeated, "row")
            self.stdout.write(
                f"Nothing changes: {there} of {made.rows:,} speak of accounts that are in the registry."
            )
            return
        counts = {
            "opened": _count(len(made.new), "account"),
            "completed": _count(len(made.changed), "account") if made.changed else "",
            "created": _count(len(made.departments), "department") if made.departments else "",
            "merged": _count(len(made.merged), "row") if made.merged else "",
            "rejected": _count(len(made.rejected), "row") if made.rejected else "",
        }
        parts = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        self.stdout.write(
            f"{made.rows:,} rows: {parts}.{' Nothing was changed: dry run.' if dry_run else ''}"
        )
        if made.new and not dry_run:
            self.stdout.write("They are active, and public once the PI Director attests them in the admin.")

    @contextmanager
    def _watched(self, total: int) -> Iterator[Any]:
        """A counter on standard error while a person is watching."""
        if not sys.stderr.isatty():
            yield None
            return

        def progress(done: int) -> None:
            if done % STEP == 0 or done == total:
                self.stderr.write(f"\r{done:,} of {total:,} rows read", ending="")

        yield progress
        self.stderr.write("")


def write_rejects(output: IO[str], table: Table, problems: list[Problem]) -> None:
    """The rejected rows as they were written, each with its line and all its reasons."""
    reasons = defaultdict(list)
    for problem in problems:
        reasons[problem.line].append(f"{problem.field}: {problem.reason}")
    writer = csv.writer(output)
    writer.writerow([*table.header, "line", "reasons"])
    width = len(table.header)
    for row in table.rows:
        if row.line in reasons:
            cells = [*row.cells, *[""] * (width - len(row.cells))]
            writer.writerow([*cells[:width], row.line, " ".join(reasons[row.line]), *cells[width:]])


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
