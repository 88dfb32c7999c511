"""What each kind of request asks and what its approval brings about: in the registry, in custody, in the ledger."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from accounts import services as accounts
from accounts.models import Account, Handle
from approvals import services
from approvals.asked import Asked
from approvals.kinds import CHANGES, Kind
from approvals.models import Request
from approvals.transitions import Act, Status
from approvals.wording import consequence, sentence
from audit import clock
from audit.errors import Invalid, NotPermitted, Refused
from audit.ledger import act as savepoint
from audit.models import Entry
from audit.verification import verify
from credentials import dues
from credentials.models import Grant, Knowledge
from tests.approvals.kinds import active, approved, draft, endorsed, imported, submitted
from tests.cast import City, client_of
from tests.credentials.accounts import custodians, permissions_mirror_custody, reconciling_changes_nothing


def subject(request: Request) -> Account:
    request.refresh_from_db()
    assert request.account is not None
    request.account.refresh_from_db()
    return request.account


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind != Kind.NEW_ACCOUNT])
def test_every_other_kind_is_done_with_its_approval_and_provable(city: City, kind: Kind) -> None:
    request = approved(city, kind)
    assert request.status == Status.FULFILLED
    acts = [row.act for row in request.decisions.all()]
    assert acts == [Act.SUBMIT, Act.ENDORSE, Act.APPROVE, Act.FULFIL]
    assert permissions_mirror_custody()
    assert reconciling_changes_nothing()
    if kind != Kind.ADOPT:  # whose accounts were put in behind the ledger
        verdict = verify()
        assert verdict.sound, verdict.findings
    operations = set(
        Entry.objects.filter(verb__in=("approvals.request.approve", "approvals.request.fulfil")).values_list(
            "operation", flat=True
        )
    )
    assert len(operations) == 1


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_speaks(city: City, kind: Kind) -> None:
    request = draft(city, kind)
    assert "…" not in sentence(request)
    assert consequence(Act.APPROVE, request)
    empty = services.create_draft(actor=city.priya, asked=Asked(city.zoo, kind=kind))
    assert empty.display
    assert "…" in sentence(empty) or kind == Kind.ADOPT
    with pytest.raises(Invalid) as refused:
        services.submit(actor=city.priya, request=empty)
    assert "justification" in refused.value.fields


def test_a_rename_keeps_the_earlier_handle_with_its_last_day(city: City) -> None:
    account = subject(approved(city, Kind.RENAME))
    assert (account.handle, account.key) == ("HutchinsonZoo", "hutchinsonzoo")
    assert account.url == "https://x.com/HutchinsonZoo"
    earlier, now = Handle.objects.filter(account=account).order_by("pk")
    assert (earlier.handle, earlier.until) == ("HutchZoo", clock.today())
    assert (now.handle, now.since, now.until) == ("HutchinsonZoo", clock.today(), None)
    assert accounts.find("x:HutchZoo") == account
    assert "HutchZoo" in client_of(city.priya).get(f"/registry/{account.pk}/").content.decode()


def test_a_rename_to_a_handle_that_is_taken_meanwhile_approves_nothing(city: City) -> None:
    request = endorsed(city, Kind.RENAME)
    active(city, "HutchinsonZoo", city.parks)
    with pytest.raises(Refused, match="registered"):
        services.approve(actor=city.dana, request=request)
    request = Request.objects.get(pk=request.pk)
    assert request.status == Status.AWAITING_DECISION
    assert subject(request).handle == "HutchZoo"
    assert Handle.objects.filter(account=request.account).count() == 1


def test_a_transfer_moves_custody_ends_grants_and_makes_a_rotation_due(city: City) -> None:
    account = active(city)
    approved(city, Kind.ACCESS, account=account, poster=city.priya)
    version = account.credential.items.get().versions.get()
    now = clock.now()
    Knowledge.objects.create(
        version=version, person=city.priya, how=Knowledge.How.REVEAL, at=now, recorded_at=now
    )
    assert custodians(account) == {"dana", "marcus", "helen", "priya"}
    request = approved(city, Kind.TRANSFER, account=account)
    assert subject(request).department == city.parks
    assert custodians(account) == {"dana", "marcus", "olive"}
    assert not Grant.objects.filter(account=account, ended_at=None).exists()
    (due,) = dues.queue()
    assert [knower.person for knower in due.knowers] == [city.priya]
    assert client_of(city.helen).get(f"/registry/{account.pk}/").status_code == 404
    assert client_of(city.olive).get(f"/registry/{account.pk}/").status_code == 200


def test_the_receiving_department_reads_a_transfer_and_comments(city: City) -> None:
    request = submitted(city, Kind.TRANSFER)
    assert client_of(city.joel).get(f"/requests/{request.number}/").status_code == 200
    services.comment(actor=city.olive, request=request, text="We take it.")
    with pytest.raises(NotPermitted):
        services.endorse(actor=city.olive, request=request)
    assert client_of(city.noah).get(f"/requests/{request.number}/").status_code == 404


def test_a_suspended_account_leaves_the_directory_and_comes_back(city: City) -> None:
    account = active(city)
    public = Account.objects.public()
    assert account in public
    approved(city, Kind.SUSPEND, account=account)
    account.refresh_from_db()
    assert account.state == Account.State.SUSPENDED
    assert account not in Account.objects.public()
    assert "helen" in custodians(account)
    approved(city, Kind.REINSTATE, account=account)
    assert account in Account.objects.public()


def test_closing_ends_custody_and_frees_the_handle(city: City) -> None:
    account = subject(approved(city, Kind.CLOSE))
    assert account.state == Account.State.RETIRED
    assert custodians(account) == set()
    assert account.handles.get().until == clock.today()
    again = active(city)
    assert again.pk != account.pk


def test_access_for_one_more_person_ends_on_its_day(city: City) -> None:
    until = clock.today() + timedelta(days=7)
    account = subject(approved(city, Kind.ACCESS, access_until=until))
    assert "joel" in custodians(account)
    grant = Grant.objects.get(account=account)
    assert (grant.person, grant.end) == (city.joel, until)
    with clock.moved_to(clock.now() + timedelta(days=9)):
        assert "joel" not in custodians(account)


def test_access_wants_an_end_and_somebody_who_lacks_it(city: City) -> None:
    account = active(city)
    with pytest.raises(Invalid) as refused:
        submitted(city, Kind.ACCESS, account=account, access_until=None)
    assert set(refused.value.fields) == {"access_until"}
    with pytest.raises(Invalid) as refused:
        draft(city, Kind.ACCESS, account=account, poster=city.helen)
    assert set(refused.value.fields) == {"poster"}


def test_adoption_is_one_request_for_a_departments_whole_list(city: City) -> None:
    rows = imported(city.zoo, "ZooOne", "ZooTwo", "ZooThree")
    other = imported(city.parks, "ParksOne")
    client = client_of(city.priya)
    client.post("/requests/new/", {"kind": "adopt", "department": city.zoo.pk})
    request = Request.objects.get()
    assert request.listed == [row.pk for row in rows]
    page = client.get(f"/requests/{request.number}/edit/accounts/").content.decode()
    assert page.count("checked") == 3
    assert "ParksOne" not in page
    data = {"listed": [rows[0].pk, rows[2].pk], "justification": "Animals.", "next": "1"}
    client.post(f"/requests/{request.number}/edit/accounts/", data)
    client.post(f"/requests/{request.number}/submit/")
    request.refresh_from_db()
    services.endorse(actor=city.helen, request=request)
    services.approve(actor=city.dana, request=request)
    adopted = set(Account.objects.exclude(adopted_at=None))
    assert adopted == {rows[0], rows[2]}
    assert set(Account.objects.to_adopt()) == {rows[1], *other}
    assert {row.request_text for row in adopted} == {request.number}
    assert Entry.objects.filter(verb="accounts.account.adopt").count() == 2
    with pytest.raises(Invalid):
        services.create_draft(
            actor=city.priya,
            asked=Asked(city.zoo, kind="adopt", listed=[other[0].pk]),
        )


def test_two_adoptions_of_the_same_account_are_one_too_many(city: City) -> None:
    rows = [row.pk for row in imported(city.zoo, "ZooOne", "ZooTwo")]
    first = endorsed(city, Kind.ADOPT, listed=rows)
    with pytest.raises(Invalid, match=first.number):
        submitted(city, Kind.ADOPT, listed=rows[:1])
    services.approve(actor=city.dana, request=first)
    with pytest.raises(Invalid, match="wait for adoption"):
        draft(city, Kind.ADOPT, listed=rows[1:])


@pytest.mark.parametrize("second", CHANGES)
def test_one_change_at_a_time_is_open_for_an_account(city: City, second: Kind) -> None:
    account = active(city)
    first = submitted(city, Kind.RENAME, account=account)
    if second == Kind.REINSTATE:
        return  # not askable for an account in use
    changes: dict[str, Any] = {"handle": "ZooOfHutch"} if second == Kind.RENAME else {}
    later = draft(city, second, account=account, **changes)
    with pytest.raises(Invalid, match=first.number):
        services.submit(actor=city.priya, request=later)
    with pytest.raises(IntegrityError), savepoint():  # and the database holds it
        Request.objects.filter(pk=later.pk).update(status=Status.AWAITING_DECISION)
    submitted(city, Kind.ACCESS, account=account)


@pytest.mark.parametrize(
    ("kind", "state"),
    [(Kind.SUSPEND, Account.State.SUSPENDED), (Kind.REINSTATE, Account.State.ACTIVE)],
)
def test_what_is_so_already_cannot_be_asked(city: City, kind: Kind, state: str) -> None:
    account = active(city)
    if state == Account.State.SUSPENDED:
        accounts.suspend(actor=city.dana, account=account, request_text="2026-0000")
    with pytest.raises(Invalid) as refused:
        draft(city, kind, account=account)
    assert set(refused.value.fields) == {"account"}


def test_another_departments_account_cannot_be_asked_about(city: City) -> None:
    with pytest.raises(Invalid) as refused:
        draft(city, Kind.CLOSE, account=active(city, "HutchParks", city.parks))
    assert set(refused.value.fields) == {"account"}


def test_a_request_about_an_account_that_went_elsewhere_is_not_approved(city: City) -> None:
    account = active(city)
    request = endorsed(city, Kind.CLOSE, account=account)
    accounts.transfer(actor=city.dana, account=account, department=city.parks, request_text="2026-0000")
    with pytest.raises(Refused, match="Parks and Facilities by now"):
        services.approve(actor=city.dana, request=request)
    assert subject(request).state == Account.State.ACTIVE


LIFECYCLE: dict[str, Any] = {
    "rename": {"handle": "Other"},
    "transfer": {},
    "suspend": {},
    "reinstate": {},
    "retire": {},
}


@pytest.mark.parametrize("name", LIFECYCLE)
def test_nobody_but_the_deciding_seat_changes_an_account(city: City, name: str) -> None:
    account = active(city)
    if name == "reinstate":
        accounts.suspend(actor=city.dana, account=account, request_text="2026-0000")
    more = {"department": city.parks} if name == "transfer" else LIFECYCLE[name]
    for person in (city.helen, city.sam, city.rex, city.priya, city.carla):
        with pytest.raises(NotPermitted):
            getattr(accounts, name)(actor=person, account=account, request_text="2026-0000", **more)
    before = account.state
    account.refresh_from_db()
    assert account.state == before


def test_a_closed_account_is_changed_no_more(city: City) -> None:
    account = subject(approved(city, Kind.CLOSE))
    for name in ("rename", "suspend", "reinstate", "retire"):
        with pytest.raises(Refused, match="by now"):
            getattr(accounts, name)(
                actor=city.dana, account=account, request_text="2026-0000", **LIFECYCLE[name]
            )
