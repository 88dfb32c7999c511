"""Whatever shows a secret counts against REVEAL_RATE, and what is refused by it is neither shown nor recorded."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from audit.models import Entry
from credentials import breakglass, codes, notes, rotation, vault
from credentials.models import Credential
from tests.cast import City, client_of
from tests.credentials.accounts import SECRET, deposited, open_account, rotated

pytestmark = pytest.mark.django_db
WHY = "The river rises and neither the Director nor a designee answers."


@pytest.fixture
def credential(city: City, settings: Any) -> Credential:
    settings.REVEAL_RATE = "2/m/user"
    return deposited(city.helen, open_account(city.dana, city.zoo))


def thrice(city: City, who: str, address: str, data: dict[str, str] | None = None) -> None:
    """Two are served, the third isn't, and leaves no entry."""
    client = client_of(getattr(city, who))
    first, second = client.post(address, data), client.post(address, data)
    before = Entry.objects.count()
    third = client.post(address, data)
    assert [first.status_code, second.status_code, third.status_code] == [200, 200, 429]
    assert SECRET not in third.text
    assert Entry.objects.count() == before


@pytest.mark.parametrize("name", ["reveal", "code", "recovery_code", "security_answers", "notes"])
def test_what_custodians_are_shown(city: City, credential: Credential, name: str) -> None:
    items = {"totp_seed": "GEZDGNBVGY3TQOJQ", "recovery_codes": "a-1\nb-2\nc-3", "security_answers": "q = a"}
    for kind, typed in items.items():
        vault.deposit_item(actor=city.helen, credential=credential, kind=kind, typed=typed)
    notes.write(actor=city.helen, credential=credential, text="Ask Priya.")
    thrice(city, "helen", reverse(f"credentials:{name}", args=[credential.pk]))
    if name == "recovery_code":
        assert codes.take(actor=city.helen, credential=credential).left == 0, "the third one was kept"


def test_what_a_rotation_shows(city: City, credential: Credential) -> None:
    rotation.start(actor=city.sam, credential=credential)
    thrice(city, "sam", reverse("credentials:rotation_show", args=[credential.pk]))


def test_earlier_passwords(city: City, credential: Credential) -> None:
    rotated(city.marcus, credential)
    thrice(city, "sam", reverse("credentials:rotation_kept", args=[credential.pk]))


def test_an_emergency_and_showing_it_again(city: City, credential: Credential) -> None:
    emergency, _shown = breakglass.open_glass(actor=city.sam, credential=credential, reason=WHY)
    thrice(city, "sam", reverse("credentials:emergency_show", args=[emergency.pk]))
    opened = reverse("credentials:break_glass", args=[credential.pk])
    assert client_of(city.sam).post(opened, {"reason": WHY}).status_code == 429, "one rate for all of them"
