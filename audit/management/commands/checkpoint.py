"""`manage.py checkpoint`: sign the ledger's size and root hash."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import checkpoints, signing
from audit.errors import Refused
from audit.files import whole_or_nothing
from audit.models import Checkpoint


class Command(BaseCommand):
    help = (
        "Sign how many entries the ledger holds and their root hash, as a C2SP checkpoint. It is kept, published, and "
        "mailed to whoever LEDGER_CHECKPOINT_TO names."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--output", metavar="FILE", help="write the note here instead of to standard output"
        )
        parser.add_argument(
            "--vkey", action="store_true", help="print the C2SP verifier key, and sign nothing"
        )
        parser.add_argument("--pem", action="store_true", help="print the public key as openssl reads it")
        parser.add_argument(
            "--consistency",
            nargs=2,
            type=int,
            metavar=("OLD", "NEW"),
            help="print the proof that the kept checkpoint of OLD entries is a beginning of that of NEW",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            text = self._text(options)
        except Checkpoint.DoesNotExist:
            raise CommandError("There is no kept checkpoint of that size.", returncode=2) from None
        except Refused as refusal:
            raise CommandError(str(refusal), returncode=1) from None
        if not options["output"]:
            sys.stdout.write(text)
            return
        try:
            with whole_or_nothing(Path(options["output"]), mode=0o644) as file:
                file.write(text)
        except OSError as error:
            raise CommandError(
                f"{options['output']} cannot be written: {error.strerror}.", returncode=2
            ) from None
        self.stdout.write(f"Written to {options['output']}.")

    def _text(self, options: dict[str, Any]) -> str:
        if options["vkey"]:
            return f"{signing.load().signer.verifier.spelt()}\n"
        if options["pem"]:
            return signing.load().signer.verifier.pem()
        if options["consistency"]:
            return checkpoints.proof_text(*options["consistency"])
        return checkpoints.make(actor=None).note
