"""`manage.py rotate_vault_keys`: seal everything anew with the newest key of the key file."""

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import ngettext
from tqdm import tqdm

from credentials import factorseals, keyring, resealing


class Command(BaseCommand):
    help = (
        "Seal every row of the vault, and every seed of a second factor, with the newest key of the key file. The "
        "system may go on working meanwhile. It can be stopped at any time and run again. Nothing is dropped: a row "
        "that does not open is named and left alone. Says which keys seal nothing any more. To make a newest key: "
        "generate_vault_key --add-to FILE."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            keys = keyring.load()
        except keyring.NoKeys as error:
            raise CommandError(str(error), returncode=1) from None
        begun = time.perf_counter()
        with tqdm(total=resealing.remaining(), desc="Sealing", unit=" rows", disable=None) as bar:
            outcome = resealing.run(progress=bar.update)
        seconds = time.perf_counter() - begun
        self.stdout.write(
            f"{outcome.resealed} rows sealed with key {keys.newest.id} in {seconds:.1f} s; "
            f"{outcome.left.get(keys.newest.id, 0)} of {sum(outcome.left.values())} are."
        )
        try:
            self.stdout.write(f"{factorseals.reseal()} seeds of second factors sealed with it.")
        except keyring.VaultUnavailable as error:
            outcome.failures.append(f"second factors: {error}")
        for failure in outcome.failures:
            self.stderr.write(failure)
        self._say_what_may_go(keys, outcome)
        if outcome.failures or set(outcome.left) - {keys.newest.id}:
            sys.exit(1)

    def _say_what_may_go(self, keys: keyring.Keyring, outcome: resealing.Outcome) -> None:
        """An old key seals nothing here any more, and still opens backups that are older than this run."""
        for key in keys.keys[1:]:
            rows = outcome.left.get(key.id, 0)
            if rows or outcome.failures:
                self.stdout.write(
                    ngettext(
                        "Key %(key)s must stay: it seals %(count)d row, or something did not open.",
                        "Key %(key)s must stay: it seals %(count)d rows, or something did not open.",
                        rows,
                    )
                    % {"key": key.id, "count": rows}
                )
            else:
                self.stdout.write(
                    f"Key {key.id} seals nothing any more. Its line may be removed from the key file; keep a copy "
                    "for as long as a backup from before this run is kept."
                )
