"""A Department Director names a designee for one account, from the account's page."""

from __future__ import annotations

import pytest

from audit import clock
from employees import services as people
from employees.models import Designation
from tests.cast import City, client_of
from tests.credentials.accounts import custodians, open_account

pytestmark = pytest.mark.django_db


def form(**changes: object) -> dict[str, object]:
    return {
        "designee": "priya@hutch.example",
        "start": clock.today().isoformat(),
        "end": "",
        "instrument": "Zoo memo 3",
        **changes,
    }


def test_the_designee_holds_that_account_and_no_other_once_confirmed(city: City) -> None:
    one, other = open_account(city.dana, city.zoo), open_account(city.dana, city.zoo, "HutchZooKids")
    client = client_of(city.helen)
    assert "Name a designee" in client.get(f"/registry/{one.pk}/").content.decode()

    assert client.post(f"/registry/{one.pk}/designate/", form()).status_code == 302

    paper = Designation.objects.get()
    waiting = client_of(city.carla).get("/people/waiting/").content.decode()
    assert one.display in waiting
    people.confirm_designation(actor=city.carla, designation=paper)
    assert "priya" in custodians(one)
    assert "priya" not in custodians(other)


@pytest.mark.parametrize(("who", "status"), [("olive", 404), ("noah", 404), ("dana", 403), ("sam", 403)])
def test_nobody_else_names_a_designee(city: City, who: str, status: int) -> None:
    account = open_account(city.dana, city.zoo)
    client = client_of(getattr(city, who))
    assert client.get(f"/registry/{account.pk}/designate/").status_code == status
    assert client.post(f"/registry/{account.pk}/designate/", form()).status_code == status
    assert not Designation.objects.exists()


def test_a_refusal_is_said_and_nothing_half_done_stays(city: City) -> None:
    account = open_account(city.dana, city.zoo)
    answer = client_of(city.helen).post(
        f"/registry/{account.pk}/designate/", form(designee="helen@hutch.example")
    )
    assert answer.status_code == 422
    assert "Director" in answer.content.decode()
    assert not Designation.objects.exists()
