"""`manage.py verify_ledger`: is the ledger whole, and do the tables hold what it tells?"""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from audit.verification import verify


class Command(BaseCommand):
    help = (
        "Recompute every entry of the ledger and replay the entries against the tables. "
        "Exits 0 when everything agrees and 1 when something does not, naming the first entry or row."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        watched = sys.stderr.isatty()

        def progress(entries: int) -> None:
            if watched:
                self.stderr.write(f"\r{entries:,} entries read", ending="")

        verdict = verify(progress=progress)
        if watched:
            self.stderr.write("")
        if verdict.sound:
            self.stdout.write(f"{verdict.entries:,} entries: contiguous, every leaf right, the tables agree.")
            return
        for finding in verdict.findings:
            self.stderr.write(f"WRONG {finding}")
        self.stderr.write(
            f"{len(verdict.findings)} findings in {verdict.entries:,} entries; the first one matters."
        )
        sys.exit(1)
