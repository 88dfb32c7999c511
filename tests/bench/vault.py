"""What the vault costs: sealing 20,000 rows anew, and each part of a reveal. Prints; asserts nothing."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import connection

ROWS = 20_000
ROUNDS = 3
REVEALS = 300


def measure() -> None:
    """In an empty test database."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vault.keys"
        settings.VAULT_KEYS_FILE = str(path)
        keys = [Fernet.generate_key()]
        _write(path, keys)
        credential, people = _populate()
        _reencryption(path, keys)
        _reveal(credential, people)


def _write(path: Path, keys: list[bytes]) -> None:
    path.touch(mode=0o600)
    path.write_bytes(b"\n".join(keys) + b"\n")


def _populate() -> tuple[Any, Any]:
    """ROWS versions of as many accounts, all made by the code that makes them in the vault."""
    from accounts.models import Account, Platform
    from audit import clock
    from audit import statistics as planner
    from credentials import sealing
    from credentials.models import Credential, SecretItem, SecretVersion
    from tests import snapshot
    from tests.credentials.accounts import deposited, open_account

    city = snapshot.city()
    real = deposited(city.helen, open_account(city.dana, city.zoo))
    now, platform = clock.now(), Platform.objects.get(slug="x")
    accounts = Account.objects.bulk_create(
        (
            Account(
                platform=platform, handle=f"a{place}", key=f"a{place}", url=f"https://x.example/a{place}",
                name=f"A {place}", department=city.fire, state=Account.State.ACTIVE,
                origin=Account.Origin.IMPORT, created_at=now,
            )
            for place in range(ROWS)
        ),
        batch_size=2000,
    )  # fmt: skip
    credentials = Credential.objects.bulk_create(
        (Credential(account=account, created_at=now) for account in accounts), batch_size=2000
    )
    items = SecretItem.objects.bulk_create(
        (SecretItem(credential=one, kind="password") for one in credentials), batch_size=2000
    )
    versions = []
    for item in items:
        version = SecretVersion(item=item, number=1, state="current", created_by=city.sam, created_at=now)
        version.current_from = now
        sealing.seal(version, f"a password of {item.pk}")
        versions.append(version)
    SecretVersion.objects.bulk_create(versions, batch_size=1000)
    planner.refresh()
    return real, city


def _reencryption(path: Path, keys: list[bytes]) -> None:
    """`rotate_vault_keys` beside MultiFernet.rotate over the same tokens in memory, in the same run."""
    from credentials import resealing
    from credentials.models import SecretVersion

    ratios = []
    for _round in range(ROUNDS):
        keys.insert(0, Fernet.generate_key())
        _write(path, keys[:2])
        tokens = [bytes(token) for token in SecretVersion.objects.values_list("token", flat=True)]
        ring = MultiFernet([Fernet(key) for key in keys[:2]])
        begun = time.perf_counter()
        for token in tokens:
            ring.rotate(token)
        pure = time.perf_counter() - begun
        begun = time.perf_counter()
        outcome = resealing.run()
        whole = time.perf_counter() - begun
        assert not outcome.failures
        ratios.append(pure / whole)
        print(
            f"{connection.vendor}: {outcome.resealed} rows sealed anew in {whole:.2f} s; MultiFernet.rotate alone over "
            f"{len(tokens)} tokens {pure:.2f} s; ratio {pure / whole:.2f}"
        )
    print(
        f"{connection.vendor}: re-encryption at {statistics.median(ratios):.2f} of the limit (median of {ROUNDS})"
    )


def _reveal(credential: Any, city: Any) -> None:
    """Permission, ledger and decryption, each timed by itself, and a whole reveal."""
    from audit.actions import Verb
    from audit.ledger import act, record
    from credentials import entitlement, keyring, sealing, seals, vault
    from credentials.models import SecretVersion

    version = SecretVersion.objects.select_related("item__credential").get(
        item__credential=credential, item__kind="password"
    )

    def entry() -> None:
        with act():
            record(Verb.SECRET_REVEAL, actor=city.dana, obj=credential, item="password")

    key, token, context = (
        keyring.load().key(version.key_id),
        bytes(version.token),
        sealing.context_of(version),
    )
    parts: dict[str, Callable[[], object]] = {
        "whole reveal": lambda: vault.reveal(actor=city.dana, credential=credential),
        "permission and ground": lambda: entitlement.ground_to_reveal(city.dana, credential),
        "ledger (one entry, committed)": entry,
        "key file": keyring.load,
        "seal counter in the ledger": lambda: seals.told(version.pk),
        "decryption": lambda: sealing.reopen(key, token, context, version.seal_counter),
    }
    settings.REVEAL_BURST_ACCOUNTS, settings.REVEAL_BURST_SECONDS = 10**6, 1
    times: dict[str, list[float]] = {name: [] for name in parts}
    for _round in range(REVEALS):
        for name, part in parts.items():
            begun = time.perf_counter()
            part()
            times[name].append(time.perf_counter() - begun)
    for name, taken in times.items():
        print(f"{connection.vendor}: {name}: {statistics.median(taken) * 1e3:.3f} ms (median of {REVEALS})")


assert os.environ.get("TESTING") == "true", "run it by python -m tests.bench"
