"""Lists cost the same at 10 and at 1,000 requests."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Platform
from approvals.models import Decision, Request
from approvals.transitions import Act, Status
from audit import clock, statistics
from tests.cast import City, client_of


def fill(city: City, start: int, count: int) -> None:
    """Rows in every status, each with its endorsement, as many as told: no services, for speed."""
    statuses = [
        Status.AWAITING_DECISION,
        Status.AWAITING_ENDORSEMENT,
        Status.APPROVED,
        Status.DRAFT,
        Status.DENIED,
    ]
    platforms = list(Platform.objects.all())
    people, now = [city.priya, city.helen, city.joel], clock.now()
    rows = Request.objects.bulk_create(
        Request(
            number=f"2020-{place:05d}",
            status=statuses[place % len(statuses)],
            platform=platforms[place % len(platforms)],
            handle=f"h{place}",
            key=f"h{place}",
            name=f"Name {place}",
            department=(city.zoo, city.parks)[place % 2],
            created_by=people[place % len(people)],
            poster=city.priya,
            backup=city.helen,
            created_at=now,
            status_since=now,
        )
        for place in range(start, start + count)
    )
    Decision.objects.bulk_create(
        Decision(
            request=row,
            act=Act.ENDORSE,
            before=Status.AWAITING_ENDORSEMENT,
            after=Status.AWAITING_DECISION,
            person=city.helen,
            content_hash="0" * 64,
            at=now,
        )
        for row in rows
    )


def queries(city: City, address: str) -> dict[str, int]:
    """Queries of `address` for people in different seats, after a first visit that warms caches."""
    counts = {}
    for name in ("dana", "mona", "helen", "priya"):
        client = client_of(getattr(city, name))
        if client.get(address).status_code != 200:
            continue
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert client.get(address).status_code == 200
        counts[name] = len(caught)
    assert counts
    return counts


ADDRESSES = [
    "/requests/",
    "/requests/?state=open",
    "/admin/approvals/request/",
    "/admin/approvals/request/?show=all",
]


def test_query_counts_of_lists_do_not_grow(city: City) -> None:
    fill(city, 0, 10)
    few = {address: queries(city, address) for address in ADDRESSES}
    fill(city, 10, 990)
    statistics.refresh()
    many = {address: queries(city, address) for address in ADDRESSES}
    assert few == many


def test_keyset_pages_show_every_request_once(city: City) -> None:
    fill(city, 0, 120)
    client, address, seen = client_of(city.dana), "/requests/", []
    while address:
        context = client.get(address).context
        seen += [row["request"].number for row in context["rows"]]
        address = f"/requests/{context['next_page']}" if context["next_page"] else ""
    assert len(seen) == len(set(seen)) == 120
