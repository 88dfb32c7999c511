"""Ways round step-up, the alarm of a burst and the reset by two: each is closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from audit import clock
from audit.actions import Verb
from audit.errors import Stale
from audit.models import Entry
from credentials import codes, reviews, vault
from employees import factors
from employees import services as people
from tests.cast import City, client_of, enrol
from tests.credentials.accounts import deposited, open_account

pytestmark = pytest.mark.django_db


def test_recovery_codes_of_many_accounts_are_an_alert_too(city: City, settings: Any) -> None:
    settings.REVEAL_BURST_ACCOUNTS = 3
    for number in range(4):
        credential = deposited(city.helen, open_account(city.dana, city.zoo, handle=f"Zoo{number}"))
        vault.deposit_item(
            actor=city.helen, credential=credential, kind="recovery_codes", typed="aaaa-1\nbbbb-2\ncccc-3"
        )
        codes.take(actor=city.dana, credential=credential)
        codes.take(actor=city.dana, credential=credential)
        assert Entry.objects.filter(verb=Verb.REVEAL_ALERT).count() == (1 if number >= 2 else 0)


def test_who_keeps_access_is_decided_with_a_fresh_factor_and_no_choice_is_lost(city: City) -> None:
    deposited(city.helen, open_account(city.dana, city.zoo))
    today = clock.today()
    campaign = reviews.plan(actor=city.dana, title="Autumn", starts=today, due=today + timedelta(days=14))
    item, url = campaign.items.get(person=city.marcus), campaign.get_absolute_url()
    removed = campaign.items.filter(pk=item.pk, decision="removed")
    enrol(city.helen)
    chosen = {f"act-{item.pk}": "remove", f"note-{item.pk}": "A canary of a note"}
    stale = client_of(city.helen, factor="stale")
    assert "/login/factor/" in stale.post(url, chosen)["Location"]
    assert not removed.exists()
    assert "A canary of a note" in stale.get(url).text
    assert "A canary of a note" not in stale.get(url).text
    client_of(city.helen).post(url, chosen)
    assert removed.exists()


def test_a_reset_falls_with_who_asked_for_it(city: City) -> None:
    enrol(city.dana)
    asked = factors.ask_reset(actor=city.sam, person=city.dana, reason="Lost telephone")
    people.separate(actor=city.carla, employee=city.sam, last_day=clock.today(), reason="Dismissed")
    with pytest.raises(Stale):
        factors.confirm_reset(actor=city.ruth, reset=asked)
    assert Authenticator.objects.filter(user=city.dana).exists()
    # It stands in nobody's way: whoever is IT now asks anew.
    again = factors.ask_reset(actor=city.marcus, person=city.dana, reason="Lost telephone")
    factors.confirm_reset(actor=city.ruth, reset=again)
    assert not Authenticator.objects.filter(user=city.dana).exists()
