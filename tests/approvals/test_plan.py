"""At a hundred thousand requests, “Waiting for me” reads an index and not the table."""

import pytest
from django.db import connection

from approvals.models import Request
from approvals.moves import to_decide
from tests.approvals.many import WAITING, fill_to
from tests.approvals.test_queries import queries
from tests.cast import City

LIST = "/admin/approvals/request/"
MANY = 100_000


def test_the_plan_of_waiting_for_me_uses_an_index_at_a_hundred_thousand(city: City) -> None:
    fill_to(city, 1000)
    few = queries(city, LIST)
    fill_to(city, MANY)
    assert to_decide(city.dana).count() == WAITING
    assert queries(city, LIST) == few
    if connection.vendor != "postgresql":
        pytest.skip("plans are asserted on PostgreSQL")
    for person in (city.dana, city.helen, city.mona):
        plan = to_decide(person).explain()
        assert f"Seq Scan on {Request._meta.db_table}" not in plan, plan
        if to_decide(person).exists():
            assert "request_by_status" in plan or "request_of_department" in plan, plan
