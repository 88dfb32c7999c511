"""`manage.py import_employees`: people from a personnel system's CSV file."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import statistics
from audit.errors import Refused
from audit.files import whole_or_nothing
from audit.tables import Table, Unreadable, read, write_rejects
from employees import imports
from employees.planning import Plan, plan
from employees.rows import COLUMNS, Problem


class Command(BaseCommand):
    help = (
        f"Import people from a CSV file with the columns {','.join(COLUMNS)} (department by code or name, days "
        "as 2026-11-23). An end that has passed separates the person; whoever is missing from the file is reported "
        "and left alone. A file with errors changes nothing. Exits 0 when imported, 1 when rows have errors, 2 when "
        "the file cannot be read."
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
        parser.add_argument(
            "--create-departments",
            action="store_true",
            help="create departments whose names are new, each with the office of its Director",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        table = self._read(Path(options["file"]))
        self._watch(f"{len(table.rows):,} rows read, comparing…")
        made = plan(table.rows, create_departments=options["create_departments"])
        self._say_problems(made.problems)
        if made.problems and not options["skip_invalid"]:
            self.stderr.write(f"{imports.Rejected(made)} Mend the file, or use --skip-invalid.")
            sys.exit(1)
        # Said before it is done, so that the lines tell the values as they were.
        for sentence in imports.sentences(made, foresee=options["dry_run"]):
            self.stdout.write(sentence)
        if not options["dry_run"]:
            made = self._import(table, options, made)
        for line, note in made.notes:
            self.stdout.write(f"line {line}: {note}")
        for sentence in imports.missing_sentences(made, counted=not options["dry_run"]):
            self.stdout.write(sentence)
        if not options["dry_run"]:
            statistics.refresh()
        self._say_outcome(made, dry_run=options["dry_run"])

    def _read(self, file: Path) -> Table:
        try:
            table = read(file, required=COLUMNS)
        except Unreadable as error:
            raise CommandError(str(error), returncode=2) from error
        for remark in table.remarks:
            self.stdout.write(remark)
        if not table.rows:
            raise CommandError("The file lists nobody. An empty list is taken for a mistake.", returncode=2)
        return table

    def _import(self, table: Table, options: dict[str, Any], planned: Plan) -> Plan:
        self._watch("importing…")
        rejects = Path(f"{options['file']}.rejected.csv")
        try:
            if not planned.problems:
                return self._carry_out(table, options)
            with whole_or_nothing(rejects, mode=0o600) as output:
                made = self._carry_out(table, options)
                write_rejects(output, table, _reasons(made.problems))
        except imports.Rejected as error:
            raise CommandError(f"The data changed meanwhile. {error}", returncode=1) from error
        except Refused as error:
            raise CommandError(f"{error} Nothing was imported.", returncode=1) from error
        except OSError as error:
            message = f"{rejects} cannot be written ({error.strerror}); nothing was imported."
            raise CommandError(message, returncode=2) from error
        count = len(made.rejected)
        self.stdout.write(f"{count:,} row{'' if count == 1 else 's'} with reasons written to {rejects}.")
        return made

    def _carry_out(self, table: Table, options: dict[str, Any]) -> Plan:
        return imports.import_people(
            actor=None,
            table=table,
            skip_invalid=options["skip_invalid"],
            create_departments=options["create_departments"],
        )

    def _watch(self, sentence: str) -> None:
        if sys.stderr.isatty():
            self.stderr.write(sentence)

    def _say_problems(self, problems: list[Problem]) -> None:
        for problem in problems:
            self.stderr.write(f"line {problem.line}, {problem.field}: {problem.reason}")

    def _say_outcome(self, made: Plan, *, dry_run: bool) -> None:
        counts = imports.counts(made)
        rows = counts.pop("rows")
        if made.nothing:
            parts = ["nothing changes"]
        else:
            parts = [f"{count:,} {what}" for what, count in counts.items() if count and what != "missing"]
        if made.missing:
            parts.append(f"{len(made.missing):,} missing from the file")
        end = " Dry run: nothing was changed." if dry_run else ""
        self.stdout.write(f"{rows:,} row{'' if rows == 1 else 's'}: {', '.join(parts)}.{end}")


def _reasons(problems: list[Problem]) -> dict[int, list[str]]:
    reasons: dict[int, list[str]] = defaultdict(list)
    for problem in problems:
        reasons[problem.line].append(f"{problem.field}: {problem.reason}")
    return reasons
