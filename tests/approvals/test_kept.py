"""What a director typed comes back, who reads notes, where links lead, what the list is filtered by."""

import re
from typing import Any

from accounts.models import Account
from approvals import services
from approvals.asked import Asked
from approvals.kinds import Kind
from approvals.models import Request
from approvals.transitions import Status
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
    page = html(dana.post(act_of(request, "deny"), {**TYPED, "seen": "0" * 64}, follow=True))
    assert "The request was changed after you opened it." in page
    assert ticked(page) == TYPED["reasons"]
    assert "Ask the Zoo first.</textarea>" in page
    assert ">Another mail.</textarea>" in page
    other = endorsed(city, handle="@another", name="Another")
    assert "Typed in a hurry." not in html(dana.get(page_of(other)))


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
