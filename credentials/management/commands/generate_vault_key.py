"""`manage.py generate_vault_key`: a new key for the vault, in a file of mode 0600."""

import os
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from django.core.management.base import BaseCommand, CommandError, CommandParser

from credentials.keyring import DEMONSTRATION, key_id


class Command(BaseCommand):
    help = (
        "Make a vault key and write it to a new file of mode 0600. The key is never printed. An existing file is left "
        "alone: whoever loses a key loses every secret sealed with it."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", metavar="FILE", required=True, help="the new key file")
        parser.add_argument(
            "--demonstration",
            action="store_true",
            help="mark the file so that no real installation starts with it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["output"])
        path.parent.mkdir(parents=True, exist_ok=True)
        key = Fernet.generate_key()
        head = f"{DEMONSTRATION}: not for a real installation\n" if options["demonstration"] else ""
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise CommandError(f"{path} exists; nothing was changed.", returncode=1) from None
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"{head}{key.decode()}\n")
        self.stdout.write(
            f"Key {key_id(key)} written to {path}. Keep a copy apart from the database's backups."
        )
