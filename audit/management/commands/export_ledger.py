"""`manage.py export_ledger`: the canonical entries, one a line, in order."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from audit.files import whole_or_nothing
from audit.models import Entry


class Command(BaseCommand):
    help = (
        "Write the canonical text of every entry, one a line, in order. Each line hashes to its entry's leaf."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", metavar="FILE", help="write here instead of to standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        texts = Entry.objects.order_by("index").values_list("canonical", flat=True).iterator(chunk_size=2000)
        count = 0
        if not options["output"]:
            for text in texts:
                sys.stdout.write(text + "\n")
            return
        with whole_or_nothing(options["output"]) as file:
            for text in texts:
                file.write(text + "\n")
                count += 1
        self.stdout.write(f"{count:,} entries written to {options['output']}.")
