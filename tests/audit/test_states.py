"""A state is read anywhere and assigned nowhere."""

from __future__ import annotations

import pytest

from accounts.models import Account
from audit.errors import Stale
from audit.states import AssignedDirectly, move
from tests.cast import City
from tests.credentials.accounts import open_account

pytestmark = pytest.mark.django_db


def test_assigning_a_state_fails_and_changes_nothing(city: City) -> None:
    account = open_account(city.dana, city.zoo)
    with pytest.raises(AssignedDirectly):
        account.state = Account.State.ACTIVE
    assert account.state == Account.State.PROVISIONING
    account.state = Account.State.PROVISIONING


def test_of_two_moves_from_the_same_state_one_wins(city: City) -> None:
    one = open_account(city.dana, city.zoo)
    two = Account.objects.get(pk=one.pk)
    move(one, "state", old="provisioning", new="active")
    assert one.state == "active"
    with pytest.raises(Stale, match="active"):
        move(two, "state", old="provisioning", new="retired")
    assert two.state == "active"


def test_a_state_that_was_deferred_is_loaded_when_it_is_read(city: City) -> None:
    pk = open_account(city.dana, city.zoo).pk
    assert Account.objects.defer("state").get(pk=pk).state == "provisioning"
