"""A recovery code is struck off when it is handed out, and never for a try that could not open it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.urls import reverse
from post_office.models import Email
from pytest_django.fixtures import Settings

from audit.models import Entry
from audit.verification import verify
from credentials import keyring, vault
from credentials.models import Credential, EmergencyAccess, Knowledge, RecoveryCodeUse, SecretVersion
from tests.cast import City, client_of
from tests.credentials.accounts import deposited, open_account

pytestmark = pytest.mark.django_db
CODES = ["aaaa-1111", "bbbb-2222", "cccc-3333"]
WHY = "The river rises and neither the Director nor a designee answers."


@pytest.fixture
def credential(city: City) -> Credential:
    found = deposited(city.helen, open_account(city.dana, city.zoo))
    vault.deposit_item(actor=city.helen, credential=found, kind="recovery_codes", typed="\n".join(CODES))
    return found


def sealed(credential: Credential) -> Any:
    """The row of the recovery codes, to be changed behind the system."""
    return SecretVersion.objects.filter(
        item__credential=credential, item__kind="recovery_codes", state=SecretVersion.State.CURRENT
    )


def changed(credential: Credential) -> None:
    token = bytes(sealed(credential).get().token)
    sealed(credential).update(token=token[:-4] + b"AAA=")


def under_another_key(credential: Credential) -> None:
    """As after a restore beside a server that has looked at its keys already."""
    sealed(credential).update(key_id=keyring.key_id(Fernet.generate_key()))


def standing() -> tuple[int, ...]:
    models = (RecoveryCodeUse, Knowledge, EmergencyAccess, Entry, Email)
    return tuple(model.objects.count() for model in models)


@pytest.mark.parametrize("spoilt", [changed, under_another_key])
def test_a_code_that_does_not_open_stays_unused(
    city: City, credential: Credential, spoilt: Callable[[Credential], None]
) -> None:
    honest = sealed(credential).values("token", "key_id").get()
    spoilt(credential)
    row = sealed(credential).get()
    helen, sam, marcus = client_of(city.helen), client_of(city.sam), client_of(city.marcus)
    take = reverse("credentials:recovery_code", args=[credential.pk])
    glass = reverse("credentials:break_glass", args=[credential.pk])
    before = standing()
    for _try in range(2):
        tries = [helen.post(take), sam.post(glass, {"item": "recovery_codes", "reason": WHY})]
        for answer in (*tries, marcus.post(take)):
            assert answer.status_code == 503
            assert "A recovery code that did not open is not struck off." in answer.text
            assert not any(code in answer.text for code in CODES)
    assert standing() == before
    assert_it_is_told_what_to_do(helen.post(take).text, marcus.post(take).text, row, spoilt is changed)
    assert "3 of 3 left" in helen.get(reverse("credentials:credential", args=[credential.pk])).text

    sealed(credential).update(**honest)
    assert CODES[0] in helen.post(take).text
    assert CODES[1] in sam.post(glass, {"item": "recovery_codes", "reason": WHY}).text
    assert RecoveryCodeUse.objects.count() == 2
    assert verify().findings == []


def assert_it_is_told_what_to_do(custodian: str, it: str, row: SecretVersion, damaged: bool) -> None:
    """Information Technology reads which row or key and how to mend it; others whom to call."""
    assert "Tell Information Technology" in custodian
    assert str(row.pk) not in custodian
    assert row.key_id not in custodian
    assert "check_vault" in it
    if damaged:
        assert str(row.pk) in it
        assert "a deposit replaces what is damaged" in it
    else:
        assert f"The key {row.key_id} is not in the vault" in it
        assert "put it back" in it


def test_what_is_damaged_is_replaced_by_a_deposit(city: City, credential: Credential) -> None:
    changed(credential)
    helen = client_of(city.helen)
    deposit = reverse("credentials:deposit_item", args=[credential.pk, "recovery_codes"])
    assert helen.post(deposit, {"value": "new-1\nnew-2"}).status_code == 302
    assert "new-1" in helen.post(reverse("credentials:recovery_code", args=[credential.pk])).text


def test_with_no_key_at_all_no_code_is_lost(city: City, credential: Credential, settings: Settings) -> None:
    right, before = settings.VAULT_KEYS_FILE, standing()
    settings.VAULT_KEYS_FILE = right + ".gone"
    helen = client_of(city.helen)
    take = reverse("credentials:recovery_code", args=[credential.pk])
    assert [helen.post(take).status_code for _try in range(3)] == [503, 503, 503]
    assert standing() == before
    settings.VAULT_KEYS_FILE = right
    assert CODES[0] in helen.post(take).text
