"""`manage.py publish_policy FILE --title TEXT --effective DATE`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.errors import Refused
from employees import policy
from employees.models import Employee


class Command(BaseCommand):
    help = (
        "Publish a version of the Social Media Policy from a text file in UTF-8: a heading is a short line that stands "
        "alone, a clause is a paragraph, items begin with (a) or a bullet; numbers (4. and 4.2) are optional. Exits 0 "
        "when published, 1 when the text or the day cannot be used, 2 when the file cannot be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--title", required=True, help="what the policy is called")
        parser.add_argument(
            "--effective", required=True, metavar="DATE", help="its first day in force, as 2026-11-23"
        )
        parser.add_argument("--by", metavar="EMAIL", help="the PI Director who publishes it")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            text = Path(options["file"]).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{options['file']} cannot be read as UTF-8: {error}", returncode=2) from error
        try:
            effective = date.fromisoformat(options["effective"])
        except ValueError:
            raise CommandError(
                f"{options['effective']} is no day; write it as 2026-11-23.", returncode=2
            ) from None
        actor = None
        if options["by"]:
            actor = Employee.objects.filter(email__iexact=options["by"], is_active=True).first()
            if actor is None:
                raise CommandError(f"Nobody here has the work e-mail {options['by']}.", returncode=2)
        try:
            version = policy.publish_policy(
                actor=actor, title=options["title"], text=text, effective=effective
            )
        except Refused as error:
            raise CommandError(str(error), returncode=1) from error
        sections = policy.sections_of(version)
        count = sum(len(section.clauses) for section in sections)
        self.stdout.write(
            f"{version} is published, in force from {version.effective}: {len(sections)} sections, {count} clauses."
        )
        for section in sections:
            self.stdout.write(f"  {section.number or '-'}  {section.title or 'Before the first heading'}")
