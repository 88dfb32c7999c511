"""`manage.py generate_ledger_key`: a new key that signs the ledger's checkpoints."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import signing


class Command(BaseCommand):
    help = (
        "Make an Ed25519 key that signs checkpoints and write it to a new file of mode 0600. The key is never printed; "
        "its verifier key is: give that to the auditor. An existing file is left alone."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", metavar="FILE", required=True, help="the new key file")
        parser.add_argument(
            "--name", default="", help="the log's name, such as example.gov/official-accounts"
        )
        parser.add_argument(
            "--demonstration",
            action="store_true",
            help="mark the file so that no real installation starts with it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["output"])
        name = options["name"] or signing.default_name()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            made = signing.generate(path, name=name, demonstration=options["demonstration"])
        except FileExistsError:
            raise CommandError(f"{path} exists; nothing was changed.", returncode=1) from None
        except (ValueError, OSError) as error:
            raise CommandError(str(error), returncode=2) from None
        self.stdout.write(f"Key written to {path}. Its verifier key: {made.spelt()}")
