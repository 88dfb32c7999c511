"""`manage.py export_ledger`: the canonical entries, one a line, in order."""

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from audit import checkpoints, exports
from audit.errors import Refused


class Command(BaseCommand):
    help = (
        "Write the canonical text of every entry, one a line, in order: they hash to the root of the checkpoint that "
        "is made with them. With --output a manifest and the checkpoint are written beside. docs/verify-an-export.md "
        "says how anybody checks them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", metavar="FILE", help="write here instead of to standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if not options["output"]:
                exports.write(actor=None, file=sys.stdout)
                sys.stdout.flush()
                return
            with tqdm(
                total=checkpoints.last_index() + 1, unit=" entries", disable=None, file=sys.stderr
            ) as bar:
                manifest = exports.to_file(actor=None, path=options["output"], progress=bar.update)
        except BrokenPipeError:  # the reader had enough, as `head` has
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return
        except Refused as refusal:
            raise CommandError(str(refusal), returncode=1) from None
        except OSError as error:
            raise CommandError(
                f"{options['output']} cannot be written: {error.strerror}.", returncode=2
            ) from None
        self.stdout.write(
            f"{manifest['rows']:,} entries written to {options['output']}, SHA-256 {manifest['sha256']}, root "
            f"{manifest['root']}; manifest and checkpoint beside it."
        )
