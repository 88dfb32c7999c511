"""Writing a request down, submitting it, talking about it, and what approval brings about."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Account, Platform
from accounts.services import activate
from approvals import services
from approvals.asked import of
from approvals.models import Request
from approvals.transitions import Status
from audit import clock
from audit.errors import Invalid, NotPermitted, Refused, Stale
from credentials.models import Custody, Grant
from employees import services as people
from tests.approvals.paths import approved, asked, draft, endorsed, in_status, submitted
from tests.cast import City


def test_numbers_count_up_within_the_citys_year(city: City) -> None:
    year = clock.today().year
    numbers = [draft(city, handle=f"@h{place}").number for place in range(3)]
    assert numbers == [f"{year}-0001", f"{year}-0002", f"{year}-0003"]
    with clock.moved_to(datetime(year + 1, 1, 1, 5, 59, tzinfo=UTC)):
        assert draft(city, handle="@last").number == f"{year}-0004"
    with clock.moved_to(datetime(year + 1, 1, 1, 6, 0, tzinfo=UTC)):
        assert draft(city, handle="@first").number == f"{year + 1}-0001"


def test_a_draft_may_lack_anything_but_is_not_submitted_so(city: City) -> None:
    empty = services.create_draft(actor=city.priya, asked=type(asked(city))(department=city.zoo))
    with pytest.raises(Invalid) as refused:
        services.submit(actor=city.priya, request=empty)
    wanted = {"platform", "handle", "name", "purposes", "audience", "justification", "poster", "backup"}
    assert set(refused.value.fields) == wanted | {"login_email"}
    assert empty.status == Status.DRAFT


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("handle", "not a handle!"),
        ("handle", "https://facebook.com/zoo"),
        ("name", "Zoo\u202etoo"),
        ("audience", "Kids\u200b"),
        ("justification", "x" * 5000),
        ("purposes", ("gossip",)),
        ("login_email", "priya@hutch.example"),
        ("login_email", "PRIYA@hutch.example"),
        ("login_email", "no address"),
    ],
)
def test_what_cannot_be_used_is_refused_at_its_field(city: City, field: str, value: Any) -> None:
    with pytest.raises(Invalid) as refused:
        draft(city, **{field: value})
    assert set(refused.value.fields) == {field}
    assert not Request.objects.exists()


def test_two_different_people_who_still_work_here(city: City) -> None:
    with pytest.raises(Invalid) as refused:
        draft(city, backup=city.priya)
    assert set(refused.value.fields) == {"backup"}
    people.separate(actor=city.sam, employee=city.joel, last_day=clock.today(), reason="Left")
    city.joel.refresh_from_db()
    with pytest.raises(Invalid) as refused:
        draft(city, poster=city.joel)
    assert set(refused.value.fields) == {"poster"}


def test_a_handle_that_is_registered_or_asked_for_is_said(city: City) -> None:
    request = submitted(city)
    second = draft(city, handle="https://www.instagram.com/HutchZooKids/")
    assert second.key == request.key
    with pytest.raises(Invalid, match=f"Request {request.number} of Hutchinson Zoo asks"):
        services.submit(actor=city.priya, request=second)
    services.endorse(actor=city.helen, request=request)
    services.approve(actor=city.dana, request=request)
    with pytest.raises(Invalid, match="registered already"):
        services.submit(actor=city.priya, request=second)


def test_a_withdrawn_request_frees_the_handle(city: City) -> None:
    services.withdraw(actor=city.priya, request=submitted(city), text="Too early.")
    assert submitted(city).status == Status.AWAITING_ENDORSEMENT


def test_a_returned_request_is_changed_and_endorsed_again(city: City) -> None:
    request = in_status(city, Status.RETURNED)
    before = request.content_hash()
    services.edit(actor=city.priya, request=request, asked=asked(city, audience="Schools"))
    assert request.content_hash() != before
    services.submit(actor=city.priya, request=request)
    assert request.status == Status.AWAITING_ENDORSEMENT
    with pytest.raises(Refused):
        services.approve(actor=city.dana, request=request)
    services.endorse(actor=city.helen, request=request)
    services.approve(actor=city.dana, request=request)
    assert request.status == Status.APPROVED


def test_a_decision_on_something_else_than_what_was_read_is_refused(city: City) -> None:
    request = endorsed(city)
    seen = request.content_hash()
    services.return_for_changes(actor=city.dana, request=request, text="Say more.")
    services.edit(actor=city.priya, request=request, asked=asked(city, audience="Schools"))
    services.submit(actor=city.priya, request=request)
    services.endorse(actor=city.helen, request=request)
    with pytest.raises(Stale, match="changed after you opened it"):
        services.approve(actor=city.dana, request=request, seen=seen)
    services.approve(actor=city.dana, request=request, seen=request.content_hash())
    assert request.status == Status.APPROVED


def test_the_second_of_two_decisions_is_told_who_was_first(city: City) -> None:
    request = endorsed(city)
    late = Request.objects.get(pk=request.pk)
    services.approve(actor=city.dana, request=request)
    with pytest.raises(Stale, match=r"^Too late: Dana Whitfield, Director of Public .*, approved it \("):
        services.deny(actor=city.dana, request=late, text="No.")


def test_approval_opens_the_account_and_custody_and_gives_access(city: City) -> None:
    until = clock.today() + timedelta(days=30)
    request = approved(city, access_until=until)
    account = request.account
    assert account is not None
    assert (account.state, account.origin) == (Account.State.PROVISIONING, Account.Origin.REQUEST)
    assert (account.handle, account.department, account.purposes) == (
        "hutchzookids",
        city.zoo,
        ["events", "photos"],
    )
    holders = set(Custody.objects.in_force().filter(account=account).values_list("person__name", flat=True))
    assert holders == {person.name for person in (city.dana, city.marcus, city.helen, city.priya)}
    grants = Grant.objects.filter(account=account)
    assert {(grant.person, grant.start, grant.end) for grant in grants} == {
        (city.priya, clock.today(), until),
        (city.helen, clock.today(), until),
    }
    assert {grant.request_text for grant in grants} == {f"Request {request.number}"}


def test_the_request_is_fulfilled_when_the_account_becomes_active(city: City) -> None:
    request = approved(city)
    assert request.account is not None
    activate(actor=city.sam, account=request.account)
    request.refresh_from_db()
    assert request.status == Status.FULFILLED
    row = request.decisions.latest("pk")
    assert (row.person, row.capacity_kind) == (None, "system")


def test_nobody_who_has_left_gets_access(city: City) -> None:
    request = endorsed(city)
    people.separate(actor=city.sam, employee=city.priya, last_day=clock.today(), reason="Left")
    with pytest.raises(Refused, match="Priya Nair no longer works"):
        services.approve(actor=city.dana, request=request)
    assert not Account.objects.exists()
    request.refresh_from_db()
    services.return_for_changes(actor=city.dana, request=request, text="She left.")
    assert request.status == Status.RETURNED


def test_access_that_ended_before_the_decision_is_refused(city: City) -> None:
    request = endorsed(city, access_until=clock.today() + timedelta(days=1))
    with clock.moved_to(clock.now() + timedelta(days=3)):
        with pytest.raises(Refused, match="over"):
            services.approve(actor=city.dana, request=request)


def test_comments_are_for_those_who_take_part_while_it_is_open(city: City) -> None:
    request = submitted(city)
    for person in (city.priya, city.helen, city.dana, city.tom):
        services.comment(actor=person, request=request, text="I say:\n\nyes.")
    assert request.comments.first().author_title == "Education Coordinator"  # type: ignore[union-attr]
    for person in (city.joel, city.noah, city.eleanor, city.rex):
        with pytest.raises(NotPermitted):
            services.comment(actor=person, request=request, text="Me too.")
    for text in ("", " \n ", "x" * 4001, "a\u202eb"):
        with pytest.raises(Invalid):
            services.comment(actor=city.priya, request=request, text=text)
    services.withdraw(actor=city.priya, request=request, text="Enough.")
    with pytest.raises(Refused, match="closed"):
        services.comment(actor=city.priya, request=request, text="Wait.")


def test_changing_one_thing_keeps_the_rest(city: City) -> None:
    request = draft(city)
    kept = of(request)
    services.edit(
        actor=city.priya, request=request, asked=asked(city, platform=Platform.objects.get(slug="x"))
    )
    assert request.platform is not None
    assert request.platform.slug == "x"
    assert (request.name, request.poster) == (kept.name, kept.poster)
