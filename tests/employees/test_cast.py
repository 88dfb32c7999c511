"""The cast itself: everybody can sign in, and the ledger tells what the tables hold."""

import pytest

from audit.verification import verify
from employees import authority
from tests.cast import PASSWORD, City, client_of


def test_everybody_signs_in_with_the_password(city: City) -> None:
    for person in city.people:
        assert client_of(person).login(username=(person.email or "").upper(), password=PASSWORD)


def test_seats_are_as_the_cast_says(city: City) -> None:
    assert authority.capacities(city.dana)[0].kind == "pi_director"
    assert authority.capacities(city.marcus)[0].kind == "it_director"
    assert authority.directs(city.helen, city.zoo) is not None
    assert authority.is_clerk(city.carla)
    assert authority.is_clerk(city.ruth)
    assert not authority.capacities(city.rex)
    assert not authority.roles(city.noah)


@pytest.mark.django_db
def test_the_ledger_tells_of_every_row(city: City) -> None:
    assert verify().findings == []
