"""`manage.py check_vault`: does every sealed row open, in its place, with the keys at hand?"""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from credentials import startup


class Command(BaseCommand):
    help = (
        "Open every sealed row and every second factor's seed and show none. Tells apart: no key, a wrong key, a "
        "damaged row (changed, moved, or an earlier token put back). Exits 1 when one does not open, and says of each "
        "key that is missing how much it seals, and of each damaged row which it is."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        with tqdm(desc="Opening", unit=" rows", disable=None, leave=False) as bar:
            found = startup.examine(progress=bar.update)
        self.stdout.write(f"{found.counted}: {found.state}.")
        for trouble in found.troubles:
            self.stderr.write(trouble)
        if found.troubles:
            sys.exit(1)
