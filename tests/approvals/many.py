"""A hundred thousand requests in a second or two, for plans and benchmarks: copied within the database."""

from __future__ import annotations

from django.db import connection

from approvals.models import Decision, Request
from approvals.transitions import Act, Status
from audit import clock, statistics
from tests.approvals.test_queries import fill
from tests.cast import City

WAITING = 40
"""Of them wait for the PI Director, however many there are: as in a city, nearly all are closed."""


def fill_to(city: City, count: int) -> None:
    """As many requests as told in all, each endorsed; WAITING of them await the decision, the others are denied."""
    have = Request.objects.count()
    if not have:
        fill(city, 0, WAITING)
        Request.objects.update(status=Status.AWAITING_DECISION, created_by=city.priya)
        have = WAITING
    template = Request.objects.order_by("pk").first()
    assert template is not None
    own = ("id", "number", "status", "key")
    columns = [field.column for field in Request._meta.concrete_fields if field.column not in own]
    names = ", ".join(f'"{name}"' for name in columns)
    series = f"WITH RECURSIVE s(n) AS (SELECT {have + 1} UNION ALL SELECT n + 1 FROM s WHERE n < {count})"
    numbers = f"({series} SELECT n FROM s) AS numbers"
    copied = ", ".join(f't."{name}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO approvals_request (number, status, key, {names}) "
            f"SELECT 'n' || n, %s, 'k' || n, {copied} FROM {numbers}, approvals_request t WHERE t.id = %s",
            [Status.DENIED, template.pk],
        )
        cursor.execute(
            "INSERT INTO approvals_decision (request_id, act, before, after, person_id, capacity, capacity_kind, "
            "acting, reasons, text, note, mail_subject, mail_text, content, content_hash, at) "
            "SELECT r.id, %s, %s, %s, %s, '', '', %s, '[]', '', '', '', '', '{}', '', %s FROM approvals_request r "
            "WHERE NOT EXISTS (SELECT 1 FROM approvals_decision d WHERE d.request_id = r.id)",
            [
                Act.ENDORSE,
                Status.AWAITING_ENDORSEMENT,
                Status.AWAITING_DECISION,
                city.helen.pk,
                False,
                clock.now(),
            ],
        )
    assert Request.objects.count() == count
    assert Decision.objects.count() == count
    statistics.refresh()
