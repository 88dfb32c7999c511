"""A sealed value opens in its own place with its own key, and nowhere else; an earlier token of its own not either."""

from __future__ import annotations

import itertools
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import connection
from pytest_django.fixtures import Settings

from accounts.models import Account
from audit.models import Installation
from audit.verification import verify
from credentials import digests, keyring, notes, resealing, sealing, startup, vault
from credentials.models import Credential, DigestKey, Sealed, SealedNote, SecretItem, SecretVersion
from tests.cast import City, enrol
from tests.credentials.accounts import deposited, open_account, rotated

pytestmark = pytest.mark.django_db


def key_file(path: Path, *keys: bytes, head: str = "", mode: int = 0o600) -> Path:
    path.write_bytes(head.encode() + b"\n".join(keys) + b"\n")
    path.chmod(mode)
    return path


@pytest.fixture
def keys(settings: Settings, tmp_path: Path) -> Callable[..., bytes]:
    """Put a new newest key before those that are there (or, with `alone`, in their place); gives it."""
    path = tmp_path / "keys"
    held: list[bytes] = []

    def add(*, alone: bool = False) -> bytes:
        held[:] = [Fernet.generate_key(), *(() if alone else held)]
        settings.VAULT_KEYS_FILE = str(key_file(path, *held))
        return held[0]

    add()
    return add


@pytest.fixture
def credential(city: City, keys: Any) -> Credential:
    return deposited(city.helen, open_account(city.dana, city.zoo))


def version_of(credential: Credential) -> SecretVersion:
    return SecretVersion.objects.select_related("item__credential").get(
        item__credential=credential, state="current", item__kind="password"
    )


@pytest.mark.parametrize(
    "value", ["x" * 12, "päss wörd ✓ lang", "a" * 1024, '{"quoted": "}"}', " edges edges "]
)
def test_what_was_sealed_comes_back(credential: Credential, value: str) -> None:
    row = version_of(credential)
    sealing.seal(row, value)
    assert sealing.unseal(row) == value


def test_the_plaintext_is_canonical_names_its_place_and_is_padded(credential: Credential, keys: Any) -> None:
    row = version_of(credential)
    text = keyring.load().newest.fernet.decrypt(bytes(row.token)).decode()
    context = (
        f'{{"account":{credential.account_id},"id":"{row.pk}","installation":"{Installation.objects.get().pk}",'
        f'"item":{row.item_id},"kind":"password","purpose":"official-accounts/secret-version/1","version":1}},"seal":1'
    )
    assert text.startswith(f'{{"context":{context},"value":')
    assert len(text.encode()) % sealing.BLOCK == 0
    assert text == text.rstrip().ljust(len(text))


def test_the_length_of_a_token_tells_nothing_of_the_passwords(credential: Credential) -> None:
    row = version_of(credential)
    lengths = set()
    for length in (1, 8, 16, 24, 40):
        sealing.seal(row, "a" * length)
        lengths.add(len(row.token))
    assert len(lengths) == 1


@pytest.mark.parametrize("where", [0, 10, 60, -1])
def test_a_changed_token_does_not_open(credential: Credential, where: int) -> None:
    row = version_of(credential)
    token = bytearray(row.token)
    token[where] ^= 1
    row.token = bytes(token)
    with pytest.raises(sealing.Damaged):
        sealing.unseal(row)


@pytest.mark.parametrize("stuff", [b" ", b"\n", b"!!!!"])
def test_a_token_with_something_slipped_in_does_not_open(credential: Credential, stuff: bytes) -> None:
    row = version_of(credential)
    token = bytes(row.token)
    row.token = token[:40] + stuff + token[40:]
    with pytest.raises(sealing.Damaged):
        sealing.unseal(row)


# Every kind of swap, rollback and splice, over a vault with several accounts, items, versions, notes, two keys


class Vault:
    """Every sealed row by its table and id, as the database holds it, and what each had held before."""

    def __init__(self) -> None:
        self.rows: list[Sealed] = [
            *SecretVersion.objects.select_related("item__credential").order_by("item", "number"),
            *SealedNote.objects.select_related("credential"),
            *DigestKey.objects.all(),
        ]

    def __iter__(self) -> Iterator[Sealed]:
        return iter(self.rows)


Attack = tuple[str, type[Sealed], uuid.UUID, dict[str, Any]]
"""Its kind, and the row with the columns that somebody writes into it."""


@pytest.fixture
def populated(city: City, keys: Callable[..., bytes]) -> tuple[Vault, Vault]:
    """The vault as it is, and as it was before its keys were rotated and its notes were changed."""
    for number, (director, department, handle) in enumerate(
        [
            (city.helen, city.zoo, "HutchZoo"),
            (city.olive, city.parks, "HutchParks"),
            (city.helen, city.zoo, "Kids"),
        ]
    ):
        credential = deposited(director, open_account(city.dana, department, handle))
        rotated(city.sam, credential)
        put: dict[str, str] = {
            "totp_seed": "JBSWY3DPEHPK3PXP",
            "recovery_codes": f"one-{number}\ntwo-{number}",
            "security_answers": f"Pet = Rex {number}",
        }
        for kind, typed in put.items():
            vault.deposit_item(actor=director, credential=credential, kind=kind, typed=typed)
        notes.write(actor=director, credential=credential, text=f"first notes {number}")
    before = Vault()
    for row in before:
        assert sealing.unseal(row)
    keys()
    assert resealing.run().failures == []
    for credential in Credential.objects.all():
        notes.write(actor=city.dana, credential=credential, text="second notes")
    return Vault(), before


def attacks(now: Vault, before: Vault) -> Iterator[Attack]:
    """Every way to make a row open with a token that is not its own, or no longer."""
    for mine, other in itertools.permutations(now, 2):
        token = {"token": other.token, "key_id": other.key_id, "seal_counter": other.seal_counter}
        yield _kind(mine, other), type(mine), mine.pk, token
    for mine, old in zip(now, before, strict=True):
        token = {"token": old.token, "key_id": old.key_id}
        yield "older token, counter kept", type(mine), mine.pk, token
        yield "older token with its counter", type(mine), mine.pk, {**token, "seal_counter": old.seal_counter}
        yield "other key", type(mine), mine.pk, {"key_id": old.key_id}
        yield "counter alone", type(mine), mine.pk, {"seal_counter": mine.seal_counter + 1}
        half = len(bytes(mine.token)) // 2
        yield "splice", type(mine), mine.pk, {"token": bytes(mine.token)[:half] + bytes(old.token)[half:]}


def _kind(mine: Sealed, other: Sealed) -> str:
    if type(mine) is not type(other):
        return "other purpose"
    if not isinstance(mine, SecretVersion) or not isinstance(other, SecretVersion):
        return "notes of another account"
    if mine.item_id == other.item_id:
        return "other version"
    return "other item" if mine.item.credential_id == other.item.credential_id else "other account"


def test_no_swap_rollback_or_splice_is_accepted(populated: tuple[Vault, Vault]) -> None:
    tried: Counter[str] = Counter()
    accepted = []
    for kind, model, pk, columns in attacks(*populated):
        honest = model._default_manager.filter(pk=pk).values(*columns).get()
        model._default_manager.filter(pk=pk).update(**columns)
        tried[kind] += 1
        try:
            sealing.unseal(model._default_manager.get(pk=pk))
            accepted.append((kind, pk))
        except keyring.VaultUnavailable:
            pass
        model._default_manager.filter(pk=pk).update(**honest)
    assert accepted == []
    assert set(tried) == {
        "other purpose", "notes of another account", "other version", "other item", "other account",
        "older token, counter kept", "older token with its counter", "other key", "counter alone", "splice",
    }  # fmt: skip
    assert startup.examine().state == "sound"
    print(f"{tried.total()} attacks of {len(tried)} kinds, none accepted: {dict(tried)}")


def test_no_row_can_be_hung_up_elsewhere(city: City, populated: tuple[Vault, Vault]) -> None:
    """What a token is bound to is moved instead of the token: number, item, its kind and account, the installation."""
    first, second, _third = Credential.objects.order_by("pk")
    item = SecretItem.objects.get(credential=first, kind="password")
    other = SecretItem.objects.get(credential=first, kind="totp_seed")
    version = version_of(first)
    page = open_account(
        city.dana, city.fire, "HutchinsonFire", "facebook"
    )  # an account without a login of its own
    moves: list[tuple[Any, dict[str, Any]]] = [
        (SecretVersion.objects.filter(pk=version.pk), {"number": 9}),
        (SecretVersion.objects.filter(pk=version.pk), {"number": 9, "state": "staged", "item": other.pk}),
        (SecretItem.objects.filter(pk=item.pk), {"kind": "other"}),
        (SecretItem.objects.filter(pk=item.pk), {"kind": "other", "credential": second.pk}),
        (Credential.objects.filter(pk=first.pk), {"account": page.pk}),
        (Installation.objects.all(), {"id": uuid.uuid4()}),
    ]
    for rows, columns in moves:
        honest = rows.values(*columns).get()
        moved = rows.model._default_manager.filter(pk=columns.get("id", rows.get().pk))
        rows.update(**columns)
        assert not _opens(version), columns
        moved.update(**honest)
        assert _opens(version), columns


def _opens(row: Sealed) -> bool:
    try:
        sealing.unseal(type(row)._default_manager.get(pk=row.pk))
    except keyring.VaultUnavailable:
        return False
    return True


def test_an_older_token_is_named_by_check_vault_and_by_the_ledger(
    populated: tuple[Vault, Vault], capsys: pytest.CaptureFixture[str]
) -> None:
    _now, before = populated
    old = next(row for row in before if isinstance(row, SealedNote))
    SealedNote.objects.filter(pk=old.pk).update(
        token=old.token, key_id=old.key_id, seal_counter=old.seal_counter
    )
    with pytest.raises(SystemExit) as caught:
        call_command("check_vault")
    assert caught.value.code == 1
    said = capsys.readouterr()
    assert f"({old.pk})" in said.err
    assert "an earlier one was put back" in said.err
    assert "damaged row" in said.out
    assert [one for one in verify().findings if str(old.pk) in one]


def test_a_sealed_row_that_is_gone_is_missed(populated: tuple[Vault, Vault]) -> None:
    gone = SealedNote.objects.first()
    assert gone is not None
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {SealedNote._meta.db_table}")
    assert f"the sealed row {gone.pk}" in " ".join(startup.examine().troubles)


# Keys


def test_an_older_key_still_opens_and_the_newest_seals(
    credential: Credential, keys: Callable[..., bytes]
) -> None:
    new = keys()
    row = version_of(credential)
    assert sealing.unseal(row)
    sealing.seal(row, "another")
    assert row.key_id == keyring.key_id(new)


def test_no_key_a_wrong_key_and_a_damaged_row_are_told_apart(
    city: City, credential: Credential, keys: Callable[..., bytes], settings: Settings
) -> None:
    """Without its keys the vault serves no reveal and says which is missing; a damaged row refuses itself alone."""
    other = deposited(city.olive, open_account(city.dana, city.parks, "HutchParks"))
    right = settings.VAULT_KEYS_FILE
    assert startup.examine().state == "sound"

    settings.VAULT_KEYS_FILE = right + ".gone"
    assert startup.examine().state == "no key"
    with pytest.raises(keyring.NoKeys, match="gone"):
        vault.reveal(actor=city.dana, credential=credential)

    settings.VAULT_KEYS_FILE = str(key_file(Path(right + ".other"), Fernet.generate_key()))
    examined = startup.examine()
    assert examined.state == "wrong key"
    assert version_of(credential).key_id in " ".join(examined.troubles)
    with pytest.raises(keyring.WrongKey, match=version_of(credential).key_id):
        vault.reveal(actor=city.dana, credential=credential)

    settings.VAULT_KEYS_FILE = right
    row = version_of(credential)
    SecretVersion.objects.filter(pk=row.pk).update(token=bytes(row.token)[:-4] + b"AAA=")
    examined = startup.examine()
    assert examined.state == "damaged row"
    assert str(row.pk) in " ".join(examined.troubles)
    with pytest.raises(sealing.Damaged, match=str(row.pk)):
        vault.reveal(actor=city.dana, credential=credential)
    assert vault.reveal(actor=city.dana, credential=other)


def test_a_key_that_does_not_open_second_factors_is_told_at_the_start(
    city: City, credential: Credential, keys: Callable[..., bytes], settings: Settings, caplog: Any
) -> None:
    """Rows are sealed with the newest key and seeds with one that is gone: nobody could sign in."""
    enrol(city.dana)
    enrol(city.sam)
    examined = startup.examine()
    assert (examined.state, examined.factors) == ("sound", 2)

    newest = keys()
    resealing.run()
    key_file(Path(settings.VAULT_KEYS_FILE), newest)
    examined = startup.examine()
    assert examined.state == "wrong key"
    (trouble,) = examined.troubles
    assert "it seals 2 seeds of second factors" in trouble
    startup.announce()
    assert trouble in caplog.text


@pytest.mark.parametrize("data", [{"secret": "x"}, {"secret": ""}, {}])
def test_a_changed_seed_is_damaged_and_no_wrong_key(
    city: City, credential: Credential, data: dict[str, str]
) -> None:
    enrol(city.dana)
    enrol(city.sam)
    Authenticator.objects.filter(user=city.dana).update(data=data)
    examined = startup.examine()
    assert (examined.state, examined.factors) == ("damaged row", 1)
    assert str(city.dana.employee_number) in " ".join(examined.troubles)


@pytest.mark.parametrize(
    ("content", "mode", "says"),
    [
        (b"", 0o600, "holds no key"),
        (b"# only a comment\n", 0o600, "holds no key"),
        (b"not-a-key\n", 0o600, "Line 1"),
        (None, 0o600, "cannot be read"),
        (b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", 0o644, "chmod 600"),
        (b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", 0o640, "chmod 600"),
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


def test_a_credential_of_systemd_may_show_its_acl_as_the_groups_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = key_file(tmp_path / "vault.keys", Fernet.generate_key(), mode=0o440)
    with pytest.raises(keyring.NoKeys):
        keyring.load(path)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert isinstance(keyring.provider(path), keyring.SystemdCredential)
    assert len(keyring.load(path).keys) == 1
    path.chmod(0o444)
    with pytest.raises(keyring.NoKeys):
        keyring.load(path)


def test_a_demonstration_key_is_known_as_one(settings: Settings, tmp_path: Path) -> None:
    from credentials.checks import vault_key

    path = key_file(tmp_path / "keys", Fernet.generate_key(), head=f"{keyring.DEMONSTRATION}\n")
    settings.VAULT_KEYS_FILE = str(path)
    settings.DEBUG = False
    assert [message.id for message in vault_key()] == ["credentials.E002"]
    settings.DEBUG = True
    assert vault_key() == []


def test_a_new_key_is_put_before_the_others_and_the_mark_stays_first(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    call_command("generate_vault_key", output=str(path), demonstration=True)
    (old,) = keyring.load(path).keys
    call_command("generate_vault_key", add_to=str(path))
    ring = keyring.load(path)
    assert ring.keys[1].id == old.id
    assert ring.demonstration
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["keys"]


# Rotating the keys


def test_keys_are_rotated_and_it_is_said_which_may_go(
    populated: tuple[Vault, Vault], keys: Callable[..., bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    now, _before = populated
    values = {row.pk: sealing.unseal(row) for row in now}
    old = {row.key_id for row in now}
    new = keyring.key_id(keys())
    call_command("rotate_vault_keys")
    said = capsys.readouterr().out
    after = Vault()
    assert {row.pk: sealing.unseal(row) for row in after} == values
    assert {row.key_id for row in after} == {new}
    assert f"{len(values)} of {len(values)} are" in said
    for key in old:
        assert f"Key {key} seals nothing any more." in said
    keys(alone=True)  # the old ones are gone for good: nothing opens, and it is said
    assert startup.examine().state == "wrong key"
    assert verify().findings == []


def test_a_row_that_does_not_open_is_left_and_keeps_its_key(
    credential: Credential, keys: Callable[..., bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    row = version_of(credential)
    broken = bytes(row.token)[:-4] + b"AAA="
    SecretVersion.objects.filter(pk=row.pk).update(token=broken)
    keys()
    with pytest.raises(SystemExit):
        call_command("rotate_vault_keys")
    said = capsys.readouterr()
    assert str(row.pk) in said.err
    assert f"Key {row.key_id} must stay" in said.out
    assert bytes(SecretVersion.objects.get(pk=row.pk).token) == broken


def test_text_in_place_of_a_token_is_a_damaged_row(
    credential: Credential, keys: Callable[..., bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    """SQLite takes text into a column of bytes; a repair by hand leaves that easily."""
    row = version_of(credential)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE credentials_secretversion SET token = CAST(token AS TEXT) WHERE id = %s", [row.pk.hex]
            )
    else:
        SecretVersion.objects.filter(pk=row.pk).update(token=b"")
    assert startup.examine().state == "damaged row"
    keys()
    for command in ("check_vault", "rotate_vault_keys"):
        with pytest.raises(SystemExit):
            call_command(command)
        assert str(row.pk) in capsys.readouterr().err
    with pytest.raises(sealing.Damaged):
        sealing.unseal(version_of(credential))


def test_it_goes_on_where_it_was_stopped(
    populated: tuple[Vault, Vault], keys: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resealing, "BATCH", 4)
    monkeypatch.setattr(resealing, "AHEAD", 1)
    keys()
    total = resealing.remaining()
    batches = []

    def stop(done: int) -> None:
        batches.append(done)
        if len(batches) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        resealing.run(progress=stop)
    # The second batch was being sealed while the first one was written.
    assert resealing.remaining() == total - 4
    assert resealing.run().resealed == total - 4
    assert startup.examine().state == "sound"
    assert verify().findings == []


def test_what_was_written_meanwhile_is_kept(
    city: City, populated: tuple[Vault, Vault], keys: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between reading a batch and writing it, somebody changes notes of it: theirs stand."""
    credential = Credential.objects.order_by("pk")[0]
    keys()
    write = resealing.write_tokens
    done: list[SealedNote] = []

    def late(model: Any, fresh: Any, key: str) -> Any:
        if model is SealedNote and not done:
            done.append(notes.write(actor=city.dana, credential=credential, text="written meanwhile"))
        return write(model, fresh, key)

    monkeypatch.setattr(resealing, "write_tokens", late)
    assert resealing.run().failures == []
    assert notes.read(actor=city.dana, credential=credential) == "written meanwhile"
    assert startup.examine().state == "sound"


def test_digests_outlive_the_keys_and_need_them(credential: Credential, keys: Callable[..., bytes]) -> None:
    from audit.ledger import act

    with act():
        before = digests.of("a password")
        assert digests.of("a passwords") != before
    keys()
    resealing.run()
    assert digests.of("a password") == before
    keys(alone=True)
    with pytest.raises(keyring.WrongKey):
        digests.of("a password")
    assert Account.objects.exists()
