"""What a person may do is read once for a page, and anew for every act."""

from __future__ import annotations

import pytest

from audit import clock
from employees import authority
from employees.models import Employee, Role
from tests.cast import City, client_of

pytestmark = pytest.mark.django_db


def test_what_was_read_of_somebody_lasts_for_one_reading_request(city: City) -> None:
    """A page may ask twice in one query; the next request, and every act, asks anew."""
    client = client_of(city.eleanor)
    assert client.get("/access/ledger/").status_code == 200
    authority.remember(city.eleanor)
    assert authority.is_auditor(city.eleanor)
    Role.objects.filter(holder=city.eleanor).update(effective_until=clock.now())
    assert client.get("/access/ledger/").status_code == 403
    assert authority.is_auditor(city.eleanor)  # this very object was asked to remember
    assert not authority.is_auditor(Employee.objects.get(pk=city.eleanor.pk))
    posted = client.post("/access/ledger/").wsgi_request.user
    assert isinstance(posted, Employee)
    assert posted.remembered is None
