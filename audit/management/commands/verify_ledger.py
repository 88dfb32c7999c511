"""`manage.py verify_ledger`: is the ledger whole, and do the tables hold what it tells?"""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from audit import checkpoints, notes, verified
from audit.verification import MOST_FINDINGS, Brought, verify


class Command(BaseCommand):
    help = (
        "Recompute every entry of the ledger, the root hashes and the signatures of all checkpoints kept here or "
        "brought, and replay the entries against the tables. "
        "Exits 0 when everything agrees and 1 when something does not, naming the first entry or row. "
        "That it ran, and whether all agreed, becomes an entry of its own afterwards."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--checkpoint",
            metavar="FILE",
            nargs="+",
            action="extend",
            default=[],
            help="checkpoints that were kept outside, out of reach of whoever has the database",
        )
        parser.add_argument(
            "--vkey",
            metavar="KEY",
            action="append",
            default=[],
            help="believe this verifier key (or a file with it) instead of those in LEDGER_KEY_FILE",
        )
        parser.add_argument(
            "--no-replay", action="store_true", help="leave out the comparison with the tables"
        )
        parser.add_argument(
            "--processes", type=int, default=1, metavar="N", help="hash with so many processes"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            brought = [
                Brought(name, Path(name).read_text(encoding="utf-8").rstrip("\n") + "\n")
                for name in options["checkpoint"]
            ]
            keys = [notes.verifier(_spelling(key)) for key in options["vkey"]] or None
        except (OSError, UnicodeDecodeError, notes.WrongNote) as error:
            raise CommandError(str(error), returncode=2) from None
        with tqdm(total=checkpoints.last_index(), unit=" entries", disable=None, file=sys.stderr) as bar:
            verdict = verify(
                brought=brought,
                verifiers=keys,
                replay=not options["no_replay"],
                processes=options["processes"],
                progress=bar.update,
            )
        why = verified.note(verdict, by=verified.server_account(), tables=not options["no_replay"])
        if why:
            self.stderr.write(f"That this was verified is not recorded: {why}.")
        if verdict.sound:
            tables = "the tables were not compared" if options["no_replay"] else "the tables agree"
            self.stdout.write(f"{verdict.entries:,} entries: contiguous, every leaf right, {tables}.")
            self.stdout.write(
                f"Root {verdict.root.hex()}. {verdict.kept} checkpoints kept here and {verdict.brought} brought hold."
            )
            if verdict.brought:
                since = verdict.entries - verdict.outside
                self.stdout.write(f"{since:,} entries came after the last one that was brought.")
            else:
                self.stdout.write(
                    "Bring a checkpoint from outside (--checkpoint FILE): that alone proves the past."
                )
            return
        findings = [*verdict.findings, *verdict.unguarded]
        for finding in findings:
            self.stderr.write(f"WRONG {finding}")
        for one in verdict.unopened[:MOST_FINDINGS]:
            self.stderr.write(f"NOT COMPARED {one}")
        if findings:
            self.stderr.write(
                f"{len(findings)} findings in {verdict.entries:,} entries; the first one matters."
            )
        else:
            self.stderr.write(
                f"Nothing is wrong in {verdict.entries:,} entries by themselves, but what you brought proves nothing "
                "of them: give the file as it was signed, and the key that signed it (--vkey)."
            )
        sys.exit(1)


def _spelling(key: str) -> str:
    return Path(key).read_text(encoding="utf-8").strip() if Path(key).is_file() else key
