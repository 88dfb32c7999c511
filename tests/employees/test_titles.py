"""What stands beside a name: the office that weighs most, and never one title for two seats."""

from __future__ import annotations

import pytest

from employees import authority, services
from employees.models import Office
from tests.cast import City, appoint

pytestmark = pytest.mark.django_db


def test_a_city_wide_office_stands_before_a_department(city: City) -> None:
    appoint(
        city.dana,
        Office.objects.get(department=city.parks),
        by=city.carla,
        confirmed_by=city.ruth,
        acting=True,
    )
    appoint(
        city.dana,
        Office.objects.get(department=city.public_information),
        by=city.carla,
        confirmed_by=city.ruth,
    )
    held = [seat.title for seat in authority.capacities(city.dana)]
    assert held[0] == "Director of Public Information and Community Engagement"
    assert held[-1].startswith("Acting")
    assert city.dana.title_now == held[0]


def test_a_department_with_the_name_of_a_city_wide_office_has_a_title_of_its_own(city: City) -> None:
    made = services.create_department(actor=None, code="ict", name="Information Technology Services")
    same = services.create_department(
        actor=None, code="pice", name="Public Information and Community Engagement"
    )
    assert made.office.title == "Director of Information Technology Services"
    assert same.office.title == "Department Director of Public Information and Community Engagement"
