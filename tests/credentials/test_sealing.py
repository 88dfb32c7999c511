"""A sealed value opens in its own place with its own key, and nowhere else."""

from __future__ import annotations

import itertools
import uuid
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pytest_django.fixtures import Settings

from audit.models import Installation
from credentials import keyring, sealing
from credentials.models import SecretVersion

pytestmark = pytest.mark.django_db


def version(item: int = 1, number: int = 1) -> SecretVersion:
    return SecretVersion(id=uuid.uuid4(), item_id=item, number=number)


def sealed(value: str, item: int = 1, number: int = 1) -> SecretVersion:
    made = version(item, number)
    seal = sealing.seal(made, value)
    made.token, made.key_id = seal.token, seal.key_id
    return made


@pytest.mark.parametrize("value", ["x", "päss wörd ✓", "a" * 1024, '{"quoted": "}"', " edges "])
def test_what_was_sealed_comes_back(value: str) -> None:
    assert sealing.unseal(sealed(value)) == value


def test_no_swap_between_rows_items_or_numbers_opens() -> None:
    rows = [sealed(f"secret {item}.{number}", item, number) for item in (1, 2, 3) for number in (1, 2, 3)]
    for mine, other in itertools.permutations(rows, 2):
        moved = SecretVersion(
            id=mine.pk, item_id=mine.item_id, number=mine.number, token=other.token, key_id=other.key_id
        )
        with pytest.raises(sealing.Damaged):
            sealing.unseal(moved)


def test_a_token_of_another_installation_does_not_open() -> None:
    row = sealed("secret")
    Installation.objects.all().delete()
    Installation.objects.create(created_at="2026-01-01T00:00:00Z")
    with pytest.raises(sealing.Damaged):
        sealing.unseal(row)


@pytest.mark.parametrize("where", [0, 10, 60, -1])
def test_a_changed_token_does_not_open(where: int) -> None:
    row = sealed("secret")
    token = bytearray(row.token)
    token[where] ^= 1
    row.token = bytes(token)
    with pytest.raises(sealing.Damaged):
        sealing.unseal(row)


@pytest.mark.parametrize("stuff", [b" ", b"\n", b"!!!!"])
def test_a_token_with_something_slipped_in_does_not_open(stuff: bytes) -> None:
    row = sealed("secret")
    token = bytes(row.token)
    row.token = token[:40] + stuff + token[40:]
    with pytest.raises(sealing.Damaged):
        sealing.unseal(row)


def test_the_length_of_a_token_tells_nothing_of_the_passwords() -> None:
    assert len({len(sealed("a" * length).token) for length in (1, 8, 16, 24, 40)}) == 1


def key_file(path: Path, *keys: bytes, head: str = "", mode: int = 0o600) -> Path:
    path.write_bytes(head.encode() + b"\n".join(keys) + b"\n")
    path.chmod(mode)
    return path


def test_an_older_key_still_opens_and_the_newest_seals(settings: Settings, tmp_path: Path) -> None:
    old, new = Fernet.generate_key(), Fernet.generate_key()
    settings.VAULT_KEYS_FILE = str(key_file(tmp_path / "keys", old))
    row = sealed("secret")
    key_file(tmp_path / "keys", new, old)

    assert sealing.unseal(row) == "secret"
    assert sealed("another").key_id == keyring.key_id(new)


def test_a_missing_key_is_told_apart_from_damage(settings: Settings, tmp_path: Path) -> None:
    row = sealed("secret")
    settings.VAULT_KEYS_FILE = str(key_file(tmp_path / "keys", Fernet.generate_key()))

    with pytest.raises(keyring.WrongKey, match=row.key_id):
        sealing.unseal(row)


@pytest.mark.parametrize(
    ("content", "mode", "says"),
    [
        (b"", 0o600, "holds no key"),
        (b"# only a comment\n", 0o600, "holds no key"),
        (b"not-a-key\n", 0o600, "Line 1"),
        (None, 0o600, "cannot be read"),
        (b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", 0o644, "chmod 600"),
    ],
)
def test_a_bad_key_file_says_what_is_wrong(
    tmp_path: Path, content: bytes | None, mode: int, says: str
) -> None:
    path = tmp_path / "keys"
    if content is not None:
        path.write_bytes(content)
        path.chmod(mode)
    with pytest.raises(keyring.NoKeys, match=says) as caught:
        keyring.load(path)
    if content and content.strip():
        assert content.decode().strip() not in str(caught.value) or content.startswith(b"#")


def test_a_demonstration_key_is_known_as_one(settings: Settings, tmp_path: Path) -> None:
    from credentials.checks import vault_key

    path = key_file(tmp_path / "keys", Fernet.generate_key(), head=f"{keyring.DEMONSTRATION}\n")
    settings.VAULT_KEYS_FILE = str(path)
    settings.DEBUG = False
    assert [message.id for message in vault_key()] == ["credentials.E002"]
    settings.DEBUG = True
    assert vault_key() == []
