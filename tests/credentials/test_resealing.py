"""Keys are rotated by several processes, and beside people who reveal, rotate and write notes."""

from __future__ import annotations

import time
from io import StringIO
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from pytest_django.fixtures import Settings

from audit.verification import verify
from credentials import codes, keyring, notes, resealing, rotation, sealing, startup, vault
from credentials.models import Credential, SecretVersion
from employees.models import Employee
from tests.cast import City
from tests.credentials.accounts import deposited, open_account
from tests.processes import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


@pytest.fixture(autouse=True)
def _own_keys(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.touch(mode=0o600)
    path.write_bytes(Fernet.generate_key() + b"\n")
    settings.VAULT_KEYS_FILE = str(path)


@pytest.fixture
def credential(city: City) -> Credential:
    made = deposited(city.helen, open_account(city.dana, city.zoo))
    vault.deposit_item(
        actor=city.helen,
        credential=made,
        kind="recovery_codes",
        typed="\n".join(f"code-{n}" for n in range(50)),
    )
    return made


def new_key() -> None:
    from django.conf import settings

    call_command("generate_vault_key", add_to=settings.VAULT_KEYS_FILE, stdout=StringIO())


def test_helpers_seal_what_one_process_would(
    city: City, credential: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {row.pk: sealing.unseal(row) for row in SecretVersion.objects.all()}
    new_key()
    monkeypatch.setattr(resealing, "ALONE", 0)
    monkeypatch.setattr(resealing, "BATCH", 1)
    outcome = resealing.run()
    assert (outcome.resealed, outcome.failures) == (len(values) + 1, [])  # the key of digests is a row, too
    assert set(outcome.left) == {keyring.load().newest.id}
    assert {row.pk: sealing.unseal(row) for row in SecretVersion.objects.all()} == values
    assert startup.examine().troubles == []
    assert verify().findings == []


def test_keys_are_rotated_beside_people_who_work(city: City, credential: Credential) -> None:
    """Nobody is refused because of it, nothing that they wrote is lost, and nothing is damaged."""
    seconds, pk = 3.0, credential.pk

    def rotator() -> str:
        end, done = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            new_key()
            outcome = resealing.run()
            assert outcome.failures == []
            done += outcome.resealed
        return str(done)

    def worker(place: int, person: int) -> str:
        held, who = (
            Credential.objects.select_related("account__platform").get(pk=pk),
            Employee.objects.get(pk=person),
        )
        end, done = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            vault.reveal(actor=who, credential=held)
            notes.write(actor=who, credential=held, text=f"{place}.{done}")
            assert "." in notes.read(actor=who, credential=held)
            if done < 10:
                codes.take(actor=who, credential=held)
            done += 1
        return str(done)

    def it(person: int) -> str:
        held, who = (
            Credential.objects.select_related("account__platform").get(pk=pk),
            Employee.objects.get(pk=person),
        )
        end, done = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            started = rotation.start(actor=who, credential=held)
            rotation.show(actor=who, rotation=started)
            rotation.claim_changed(actor=who, rotation=started)
            rotation.verify(actor=who, rotation=started)
            done += 1
        return str(done)

    told = together(
        [
            rotator,
            lambda: worker(1, city.dana.pk),
            lambda: worker(2, city.helen.pk),
            lambda: it(city.sam.pk),
        ]
    )
    assert not [text for text in told if text.startswith("failed")], told
    assert all(int(text) > 0 for text in told), told
    assert resealing.run().failures == []
    assert resealing.remaining() == 0
    assert startup.examine().troubles == []
    assert verify().findings == []
    print(dict(zip(("resealed", "reveals", "more reveals", "rotations"), told, strict=True)))
