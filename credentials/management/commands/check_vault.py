"""`manage.py check_vault`: does every sealed version open with the keys at hand?"""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from credentials import keyring, sealing
from credentials.models import SecretVersion


class Command(BaseCommand):
    help = "Open every sealed version and show none. Exits 1 and names the rows when one does not open."

    def handle(self, *args: Any, **options: Any) -> None:
        keys = keyring.load()
        opened = 0
        failures = []
        for version in SecretVersion.objects.order_by("item", "number").iterator(chunk_size=500):
            try:
                sealing.unseal(version)
                opened += 1
            except keyring.VaultUnavailable as error:
                failures.append(f"{type(error).__name__}: {error}")
        self.stdout.write(f"{opened} versions open with {len(keys.keys)} keys.")
        for failure in failures:
            self.stderr.write(failure)
        if failures:
            sys.exit(1)
