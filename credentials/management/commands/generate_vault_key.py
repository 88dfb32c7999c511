"""`manage.py generate_vault_key`: a new key for the vault, in a new file or before the keys of one that is there."""

import os
import secrets
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from django.core.management.base import BaseCommand, CommandError, CommandParser

from credentials import keyring
from credentials.keyring import DEMONSTRATION, key_id


class Command(BaseCommand):
    help = (
        "Make a vault key and write it to a new file of mode 0600, or, to replace a key, before those of an existing "
        "file. The key is never printed. With --output an existing file is left alone: whoever loses a key loses every "
        "secret sealed with it."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--output", metavar="FILE", help="the new key file")
        where.add_argument(
            "--add-to",
            metavar="FILE",
            help="an existing key file: the new key becomes its first, and seals from then on; the others stay",
        )
        parser.add_argument(
            "--demonstration",
            action="store_true",
            help="mark the new file so that no real installation starts with it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        key = Fernet.generate_key()
        if options["add_to"]:
            self._add(Path(options["add_to"]), key)
            return
        path = Path(options["output"])
        path.parent.mkdir(parents=True, exist_ok=True)
        head = f"{DEMONSTRATION}: not for a real installation\n" if options["demonstration"] else ""
        try:
            _write(path, f"{head}{key.decode()}\n")
        except FileExistsError:
            raise CommandError(
                f"{path} exists; nothing was changed. To replace its key: --add-to {path}", returncode=1
            ) from None
        self.stdout.write(
            f"Key {key_id(key)} written to {path}. Keep a copy apart from the database's backups."
        )

    def _add(self, path: Path, key: bytes) -> None:
        """The file is whole at every moment: it is written anew beside itself and put in its place at once."""
        try:
            keyring.load(path)
        except keyring.NoKeys as error:
            raise CommandError(f"{error} Nothing was changed.", returncode=1) from None
        lines = path.read_text(encoding="ascii").splitlines()
        head = [line for line in lines if line.startswith(DEMONSTRATION)]
        rest = [line for line in lines if not line.startswith(DEMONSTRATION)]
        beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        status = path.stat()
        _write(beside, "\n".join([*head, key.decode(), *rest]) + "\n")
        os.chown(beside, status.st_uid, status.st_gid)
        beside.replace(path)
        self.stdout.write(
            f"Key {key_id(key)} is the first of {path} now. Copy the file to where its copies lie, then run "
            "`manage.py rotate_vault_keys`."
        )


def _write(path: Path, content: str) -> None:
    """A new file for its owner alone, on the disk before it counts. Raises FileExistsError."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
