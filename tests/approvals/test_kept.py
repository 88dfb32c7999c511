"""What a director typed comes back, who reads notes, where links lead, what the list is filtered by."""

import re
from typing import Any

import pytest

from accounts import services as accounts
from accounts.models import Account
from approvals import services
from approvals.asked import Asked
from approvals.kinds import Kind
from approvals.models import Request
from approvals.moves import next_move
from approvals.transitions import Status
from audit import clock
from audit.errors import NotPermitted, Refused
from credentials.models import Custody, Grant
from employees import services as people
from tests.approvals.kinds import active, submitted
from tests.approvals.paths import approved as approved_account
from tests.approvals.paths import draft as draft_account
from tests.approvals.paths import endorsed
from tests.approvals.test_admin import LIST, act_of, page_of
from tests.approvals.test_pages import text
from tests.cast import City, client_of

TYPED: dict[str, Any] = {
    "reasons": ["city_purpose", "unclear"],
    "text": "Typed in a hurry.",
    "note": "Ask the Zoo first.",
    "deny-subject": "Another subject",
    "deny-mail": "Another mail.",
}


def html(response: Any) -> str:
    return str(response.content.decode())


def ticked(page: str) -> list[str]:
    return re.findall(r'name="reasons" value="(\w+)"[^>]* checked', page)


def test_taking_the_review_keeps_what_was_ticked_and_typed(city: City) -> None:
    request, dana = endorsed(city), client_of(city.dana)
    data = {**TYPED, "seen": request.content_hash()}
    page = html(dana.post(act_of(request, "take"), data, follow=True))
    assert ticked(page) == TYPED["reasons"]
    for kept in ("Typed in a hurry.</textarea>", 'value="Another subject"', ">Another mail.</textarea>"):
        assert kept in page
    assert "Ask the Zoo first.</textarea>" not in page  # it is recorded
    assert request.decisions.get(act="take").note == "Ask the Zoo first."
    assert ticked(html(dana.get(page_of(request)))) == []  # given once


def test_what_is_refused_as_stale_keeps_it_too(city: City) -> None:
    request, dana = endorsed(city), client_of(city.dana)
    against = ["existing_serves", "unclear"]
    data = {**TYPED, "reasons": against, "seen": "0" * 64}
    page = html(dana.post(act_of(request, "deny"), data, follow=True))
    assert "The request was changed after you opened it." in page
    assert ticked(page) == against
    assert "Ask the Zoo first.</textarea>" in page
    assert ">Another mail.</textarea>" in page
    other = endorsed(city, handle="@another", name="Another")
    assert "Typed in a hurry." not in html(dana.get(page_of(other)))


def test_a_reason_for_the_opposite_is_said_so_and_what_was_typed_is_still_there(city: City) -> None:
    request, dana = endorsed(city), client_of(city.dana)
    answer = dana.post(act_of(request, "deny"), {**TYPED, "seen": request.content_hash()})
    assert answer.status_code == 422
    assert "A reason that you ticked does not go with this" in text(answer)
    assert ticked(html(answer)) == ["unclear"]
    assert "Typed in a hurry.</textarea>" in html(answer)
    request.refresh_from_db()
    assert request.status == Status.AWAITING_DECISION


def test_a_note_is_not_shown_to_a_director_whose_own_request_it_is(city: City) -> None:
    own = endorsed(city, city.helen)
    services.return_for_changes(actor=city.dana, request=own, text="Say more.", note="canary-note")
    assert "canary-note" not in text(client_of(city.helen).get(page_of(own)))
    assert "canary-note" in text(client_of(city.dana).get(page_of(own)))


def test_links_beside_a_duplicate_lead_only_where_one_may_look(city: City) -> None:
    account = active(city)
    mine = draft_account(city, city.joel, department=city.parks, handle="@elsewhere", name="Elsewhere")
    joel = client_of(city.joel)
    for handle in ("@HutchZoo", "@HutchZ0o"):
        said = joel.get(
            f"/requests/{mine.number}/check/", {"platform": account.platform_id, "handle": handle}
        )
        links = re.findall(r'href="([^"]+)"', html(said))
        assert links == [f"/accounts/{account.pk}/"]
        assert joel.get(links[0]).status_code == 200
    services.withdraw(actor=city.joel, request=mine, text="Enough.")
    hidden = approved_account(city).account
    assert hidden is not None
    mine = draft_account(city, city.joel, department=city.parks, handle="@elsewhere", name="Elsewhere")
    said = joel.get(
        f"/requests/{mine.number}/check/", {"platform": str(hidden.platform_id), "handle": hidden.handle}
    )
    assert "is registered already" in text(said)
    assert "href" not in html(said)


def test_editing_from_the_review_leads_back_to_it(city: City) -> None:
    request, priya = draft_account(city), client_of(city.priya)
    review = html(priya.get(f"/requests/{request.number}/review/"))
    first = f"/requests/{request.number}/edit/account/?from=review"
    assert first in review
    assert "Save, back to the review" in text(priya.get(first))
    data = {"platform": request.platform_id, "handle": "@hutchzookids", "name": "Zoo Kids", "next": "1"}
    assert priya.post(first, data).headers["Location"] == f"/requests/{request.number}/review/"
    plain = priya.post(first.partition("?")[0], data)
    assert plain.headers["Location"] == f"/requests/{request.number}/edit/purpose/"


def test_the_platform_filter_finds_requests_about_an_account_on_it(city: City) -> None:
    about = submitted(city, Kind.CLOSE)
    assert about.platform is None
    assert about.account is not None
    dana = client_of(city.dana)
    there = f"{LIST}?show=all&platform={about.account.platform_id}"
    assert about.number in text(dana.get(there))
    elsewhere = f"{LIST}?show=all&platform={about.account.platform_id + 1}"
    assert about.number not in text(dana.get(elsewhere))


def test_the_sidebar_counts_what_waits(city: City) -> None:
    endorsed(city)
    dana = text(client_of(city.dana).get(LIST))
    assert "Waiting for me (1)" in dana
    assert "Attest imported accounts (0)" in dana
    helen = text(client_of(city.helen).get(LIST))
    assert "Waiting for me (0)" in helen
    assert "Attest imported accounts" not in helen


def test_an_account_being_set_up_is_renamed_by_request(city: City) -> None:
    first = approved_account(city)
    rename = services.create_draft(
        actor=city.priya,
        asked=Asked(
            kind=Kind.RENAME,
            department=city.zoo,
            account=first.account,
            handle="@hutchzookidz",
            justification="The platform gave the other one to somebody else.",
        ),
    )
    services.submit(actor=city.priya, request=rename)
    services.endorse(actor=city.helen, request=rename)
    services.approve(actor=city.dana, request=rename)
    account = Account.objects.get(pk=first.account_id)
    assert (account.handle, account.state) == ("hutchzookidz", Account.State.PROVISIONING)
    assert Request.objects.get(pk=first.pk).status == Status.APPROVED


def test_an_account_that_nobody_wants_any_more_is_given_up_while_it_is_set_up(city: City) -> None:
    request = approved_account(city)
    account = Account.objects.get(pk=request.account_id)
    assert Custody.objects.in_force().filter(account=account, person=city.priya).exists()
    priya = client_of(city.priya)
    assert "Withdraw it" in text(priya.get(request.get_absolute_url()))
    url = f"{request.get_absolute_url()}withdraw/"
    assert "given up before it was in use" in text(priya.get(url))
    page = text(priya.post(url, {"text": "The exhibit was called off."}, follow=True))
    assert "The exhibit was called off." in page
    assert "Its account is given up" in page
    request.refresh_from_db()
    account.refresh_from_db()
    assert (request.status, account.state) == (Status.WITHDRAWN, Account.State.RETIRED)
    assert next_move(request) is None
    assert not Custody.objects.in_force().filter(account=account).exists()
    assert not Grant.objects.filter(account=account, ended_at=None).exists()
    again = endorsed(city, handle="@hutchzookids")
    services.approve(actor=city.dana, request=again)
    assert Account.objects.live().get(key=account.key).state == Account.State.PROVISIONING


def test_the_department_director_gives_it_up_where_its_author_is_gone(city: City) -> None:
    request = approved_account(city)
    assert request.account is not None
    for person in (city.dana, city.joel, city.rex):
        with pytest.raises(NotPermitted):
            services.withdraw(actor=person, request=request, text="Enough.")
        with pytest.raises(NotPermitted):
            accounts.give_up(actor=person, account=request.account, request_text=request.number)
    people.separate(actor=city.sam, employee=city.priya, last_day=clock.today(), reason="Left")
    services.withdraw(actor=city.helen, request=request, text="Enough.")
    assert Account.objects.get(pk=request.account_id).state == Account.State.RETIRED


def test_an_account_in_use_is_closed_by_a_request_and_not_given_up(city: City) -> None:
    account = active(city)
    with pytest.raises(Refused, match="by now"):
        accounts.give_up(actor=city.helen, account=account, request_text="2026-0000")
    asked_for = approved_account(city)
    accounts.activate(actor=city.sam, account=Account.objects.get(pk=asked_for.account_id))
    with pytest.raises(Refused):
        services.withdraw(actor=city.priya, request=asked_for, text="Enough.")
    assert Account.objects.get(pk=asked_for.account_id).state == Account.State.ACTIVE
