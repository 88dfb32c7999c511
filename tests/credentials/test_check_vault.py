"""`manage.py check_vault`: one line for a missing key, however much it seals, and one for each damaged row."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from pytest_django.fixtures import Settings

from credentials import keyring, notes, resealing, vault
from credentials.models import Credential, SecretVersion
from tests.cast import City, enrol
from tests.credentials.accounts import deposited, open_account

pytestmark = pytest.mark.django_db


class Keys:
    """The vault's key file."""

    def __init__(self, path: Path, settings: Settings) -> None:
        self.path = path
        self.write(Fernet.generate_key())
        settings.VAULT_KEYS_FILE = str(path)

    def write(self, *keys: bytes) -> None:
        self.held = keys
        self.path.touch(mode=0o600)
        self.path.write_bytes(b"\n".join(keys) + b"\n")


@pytest.fixture
def keys(settings: Settings, tmp_path: Path) -> Keys:
    return Keys(tmp_path / "vault.keys", settings)


@pytest.fixture
def credential(city: City, keys: Keys) -> Credential:
    """Of two accounts in a vault of six rows: two passwords, codes, answers, notes and the key of digests."""
    deposited(city.olive, open_account(city.dana, city.parks, "HutchParks"))
    zoo = deposited(city.helen, open_account(city.dana, city.zoo))
    vault.deposit_item(actor=city.helen, credential=zoo, kind="recovery_codes", typed="aaaa-1\nbbbb-2")
    vault.deposit_item(actor=city.helen, credential=zoo, kind="security_answers", typed="First pet = Rex9")
    notes.write(actor=city.dana, credential=zoo, text="Ask the keeper.")
    return zoo


def check(capsys: pytest.CaptureFixture[str], *, wrong: bool) -> tuple[str, list[str]]:
    """What it says, and the lines of what is wrong."""
    capsys.readouterr()
    if wrong:
        with pytest.raises(SystemExit) as left:
            call_command("check_vault")
        assert left.value.code == 1
    else:
        call_command("check_vault")
    said = capsys.readouterr()
    return said.out, said.err.splitlines()


def test_a_wrong_key_is_said_once_with_what_it_seals(
    city: City, credential: Credential, keys: Keys, capsys: pytest.CaptureFixture[str]
) -> None:
    (old,), new = keys.held, Fernet.generate_key()
    enrol(city.dana)
    keys.write(new)
    said, (line,) = check(capsys, wrong=True)
    assert "0 sealed rows and 0 seeds of second factors open with 1 key: wrong key." in said
    assert f"the key {keyring.key_id(old)} is not in the vault's key file" in line
    assert "it seals 6 rows and 1 seed of a second factor" in line
    assert "Put that key back into the file" in line
    assert f"the file holds {keyring.key_id(new)}" in line

    keys.write(new, old)
    said, lines = check(capsys, wrong=False)
    assert "6 sealed rows and 1 seed of a second factor open with 2 keys: sound." in said
    assert lines == []


def test_each_missing_key_has_its_line_and_damaged_rows_are_named_beside_it(
    city: City, credential: Credential, keys: Keys, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two keys are gone; one row under the key that is there was changed, and one was put back to its earlier token."""
    (first,) = keys.held
    second, third = Fernet.generate_key(), Fernet.generate_key()
    keys.write(second, first)
    vault.deposit(actor=city.dana, credential=credential, login="social", value="canary-Second!8-x")
    notes_row = credential.note
    keys.write(third, second, first)
    resealing.run()
    SecretVersion.objects.filter(number=2).update(key_id=keyring.key_id(second))
    SecretVersion.objects.filter(item__kind="recovery_codes").update(key_id=keyring.key_id(first))
    changed = SecretVersion.objects.get(item__kind="security_answers")
    SecretVersion.objects.filter(pk=changed.pk).update(token=bytes(changed.token)[:-4] + b"AAA=")
    type(notes_row).objects.filter(pk=notes_row.pk).update(
        token=notes_row.token, key_id=notes_row.key_id, seal_counter=notes_row.seal_counter
    )
    keys.write(third)
    said, lines = check(capsys, wrong=True)
    assert "3 sealed rows" in said
    assert "wrong key" in said
    missing = [line for line in lines if line.startswith("wrong key: ")]
    damaged = [line for line in lines if line.startswith("damaged row: ")]
    assert missing + damaged == lines
    assert len(missing) == len(damaged) == 2
    for key in (first, second):
        (line,) = (one for one in missing if f"the key {keyring.key_id(key)} " in one)
        assert "it seals 1 row." in line
    assert any(str(changed.pk) in line for line in damaged)
    assert any(str(notes_row.pk) in line and "an earlier one was put back" in line for line in damaged)
