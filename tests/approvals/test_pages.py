"""The requester's pages, through the front door."""

from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from accounts.models import Platform
from accounts.services import activate, retire
from approvals import services
from approvals.models import Request
from approvals.transitions import Status
from tests.approvals.paths import approved, draft, endorsed, in_status, submitted
from tests.approvals.test_conflicts import leave_seat
from tests.cast import City, client_of

STEPS = {
    "account": ("platform", "handle", "name"),
    "purpose": ("purposes", "audience", "justification"),
    "people": ("poster", "backup", "login_email", "access_until"),
}


def filled(city: City, **changes: Any) -> dict[str, Any]:
    """What the steps of a new account are filled with, as a browser sends it."""
    return {
        "platform": Platform.objects.get(slug="instagram").pk,
        "handle": "@hutchzookids",
        "name": "Hutchinson Zoo Kids",
        "purposes": ["events"],
        "audience": "Families",
        "justification": "Class dates drown.",
        "poster": "priya@hutch.example",
        "backup": city.helen.employee_number,
        "login_email": "zoo-social@hutch.example",
        "access_until": "",
        **changes,
    }


def begun(client: Client, department: Any, kind: str = "new_account") -> Request:
    """A draft, by the first step."""
    response = client.post("/requests/new/", {"kind": kind, "department": department.pk})
    assert response.status_code == 302, text(response)
    return Request.objects.latest("pk")


def step_of(request: Request, slug: str) -> str:
    return f"/requests/{request.number}/edit/{slug}/"


def written(client: Client, request: Request, data: dict[str, Any], **button: str) -> Any:
    """Every step with what `data` has for it; the answer to the last."""
    response = None
    for slug, names in STEPS.items():
        part = {name: data[name] for name in names if name in data}
        response = client.post(step_of(request, slug), {**part, **(button or {"next": "1"})})
        if response.status_code != 302:
            return response
    return response


def text(response: Any) -> str:
    return str(response.content.decode())


def test_from_a_blank_form_to_a_submitted_request(city: City) -> None:
    client = client_of(city.priya)
    page = text(client.get("/requests/new/"))
    assert "An account that does not exist on the platform yet." in page
    request = begun(client, city.zoo)
    assert "Priya Nair, Education Coordinator" in text(client.get(step_of(request, "people")))
    response = written(client, request, filled(city))
    assert response["Location"] == f"/requests/{request.number}/review/"
    page = text(client.get(response["Location"]))
    assert "@hutchzookids" in page
    assert "Incomplete" not in page
    assert f"/requests/{request.number}/edit/purpose/" in page
    response = client.post(f"/requests/{request.number}/submit/", follow=True)
    assert response.redirect_chain == [(f"/requests/{request.number}/", 302)]
    page = text(response)
    assert "Submitted. It is Helen Okafor’s turn." in page
    assert "It is Helen Okafor’s turn" in page
    assert "Director of Hutchinson Zoo" in page
    request.refresh_from_db()
    assert request.status == Status.AWAITING_ENDORSEMENT
    assert (request.poster, request.backup) == (city.priya, city.helen)
    assert f"/requests/{request.number}/" in text(client.get("/requests/"))


def test_a_draft_is_saved_incomplete_and_completed_later(city: City) -> None:
    client = client_of(city.priya)
    request = begun(client, city.zoo)
    response = client.post(step_of(request, "account"), {"name": "Zoo Kids", "save": "1"})
    assert response["Location"] == f"/requests/{request.number}/"
    request.refresh_from_db()
    assert (request.status, request.name, request.platform) == (Status.DRAFT, "Zoo Kids", None)
    page = text(client.get(f"/requests/{request.number}/"))
    assert "It is your turn" in page
    assert client.get(f"/requests/{request.number}/edit/")["Location"] == step_of(request, "account")
    written(client, request, filled(city))
    assert (
        client.get(f"/requests/{request.number}/edit/")["Location"] == f"/requests/{request.number}/review/"
    )
    client.post(f"/requests/{request.number}/submit/")
    request.refresh_from_db()
    assert request.status == Status.AWAITING_ENDORSEMENT


def test_back_saves_and_leads_to_the_step_before(city: City) -> None:
    client = client_of(city.priya)
    request = begun(client, city.zoo)
    response = client.post(step_of(request, "purpose"), {"audience": "Families", "back": "1"})
    assert response["Location"] == step_of(request, "account")
    request.refresh_from_db()
    assert request.audience == "Families"


def test_nothing_is_lost_on_an_error(city: City) -> None:
    client = client_of(city.priya)
    request = begun(client, city.zoo)
    for slug, data, said in (
        ("account", {**filled(city), "handle": "no handle!"}, "An account on Instagram is written"),
        ("people", filled(city, backup="nobody@hutch.example"), "Nobody has this work e-mail"),
    ):
        response = client.post(step_of(request, slug), data)
        page = text(response)
        assert response.status_code == 422
        assert "What you wrote is still here" in page
        assert said in page
        assert escape(data["handle"] if slug == "account" else data["backup"]) in page
    request.refresh_from_db()
    assert (request.name, request.poster) == ("", None)


def test_the_review_says_where_something_is_missing_and_so_does_submitting(city: City) -> None:
    client = client_of(city.priya)
    request = begun(client, city.zoo)
    page = text(client.get(f"/requests/{request.number}/review/"))
    assert page.count(">Incomplete<") == 3
    assert "Propose a handle." in page
    response = client.post(f"/requests/{request.number}/submit/")
    assert response.status_code == 422
    assert f'<a href="{step_of(request, "people")}">Say who takes over' in text(response)
    request.refresh_from_db()
    assert request.status == Status.DRAFT


def said_of(client: Client, request: Request, handle: str, platform: str = "instagram") -> str:
    """What the page says while one types."""
    query: dict[str, Any] = {"platform": Platform.objects.get(slug=platform).pk, "handle": handle}
    return text(client.get(f"/requests/{request.number}/check/", query))


def test_a_duplicate_is_said_while_typing_with_a_link(city: City) -> None:
    pending = submitted(city)
    client = client_of(city.priya)
    mine = begun(client, city.zoo)
    page = said_of(client, mine, "instagram.com/hutchzookids")
    assert f'<a href="/requests/{pending.number}/">See that request</a>' in page
    services.endorse(actor=city.helen, request=pending)
    services.approve(actor=city.dana, request=pending)
    pending.refresh_from_db()
    page = said_of(client, mine, "@HutchZooKids")
    assert f'<a href="/registry/{pending.account_id}/">See this account</a>' in page
    assert "registered already" in page
    # Without a script: saving the step says the same.
    client.post(step_of(mine, "account"), {**filled(city), "check": "1"})
    assert "registered already" in text(client.get(step_of(mine, "account")))
    written(client, mine, filled(city))
    response = client.post(f"/requests/{mine.number}/submit/")
    assert response.status_code == 422
    assert "registered already" in text(response)


def test_a_closed_account_is_said_and_stands_in_nobodys_way(city: City) -> None:
    request = approved(city)
    account = request.account
    assert account is not None
    activate(actor=city.sam, account=account)
    retire(actor=city.dana, account=account, request_text="2026-0001")
    client = client_of(city.priya)
    mine = begun(client, city.zoo)
    assert "was an account of Hutchinson Zoo and is closed" in said_of(client, mine, "@hutchzookids")
    written(client, mine, filled(city))
    client.post(f"/requests/{mine.number}/submit/")
    mine.refresh_from_db()
    assert mine.status == Status.AWAITING_ENDORSEMENT


@pytest.mark.parametrize("handle", ["hutchz00kids", "hutchzookid", "hutchzo0kids_", "hutchzookidz"])
def test_a_look_alike_is_warned_of_and_not_forbidden(city: City, handle: str) -> None:
    approved(city)
    client = client_of(city.priya)
    page = said_of(client, begun(client, city.zoo), handle, "x")
    assert "It looks like @hutchzookids on Instagram of Hutchinson Zoo" in page
    assert "oa-callout--danger" not in page
    assert "none looks like it" in said_of(client, begun(client, city.zoo), "hutchlibrary", "x")
    assert "none looks like it" in said_of(client, begun(client, city.zoo), "hutchzookids", "x")


def test_a_duplicate_of_another_department_is_said_without_a_link(city: City) -> None:
    submitted(city)
    client = client_of(city.noah)
    page = said_of(client, begun(client, city.fire), "@hutchzookids")
    assert "of Hutchinson Zoo asks for this account already" in page
    assert "See that request" not in page


def test_only_own_departments_are_offered_and_taken(city: City) -> None:
    client = client_of(city.priya)
    assert "Parks and Facilities" not in text(client.get("/requests/new/"))
    response = client.post("/requests/new/", {"kind": "new_account", "department": city.parks.pk})
    assert response.status_code == 200
    assert not Request.objects.exists()


@pytest.mark.parametrize("page", ["", "edit/", "edit/account/", "review/", "check/", "withdraw/"])
def test_somebody_elses_request_is_not_there(city: City, page: str) -> None:
    request = submitted(city)
    for person in (city.noah, city.joel):
        assert client_of(person).get(f"/requests/{request.number}/{page}").status_code == 404
    assert client_of(city.noah).get("/requests/2020-9999/").status_code == 404
    assert Client().get(f"/requests/{request.number}/{page}").status_code == 302


def test_somebody_elses_request_takes_no_post_either(city: City) -> None:
    request = submitted(city)
    client = client_of(city.noah)
    for page in ("edit/account/", "submit/", "withdraw/", "comment/"):
        assert client.post(f"/requests/{request.number}/{page}", {"text": "x"}).status_code == 404
    request.refresh_from_db()
    assert request.status == Status.AWAITING_ENDORSEMENT
    assert not request.comments.exists()


def test_who_sees_which_requests(city: City) -> None:
    request = submitted(city)
    seen = {person for person in city.people if request.number in text(client_of(person).get("/requests/"))}
    officers = {city.dana, city.marcus, city.mona}
    roles = {city.tom, city.sam, city.eleanor, city.carla, city.ruth}
    assert seen == {city.priya, city.helen} | officers | roles


def test_a_superuser_sees_no_more_than_their_department(city: City) -> None:
    assert client_of(city.rex).get(f"/requests/{submitted(city).number}/").status_code == 404


def test_comments_and_history_are_told_in_order(city: City) -> None:
    request = submitted(city)
    client_of(city.helen).post(f"/requests/{request.number}/comment/", {"text": "I <b>support</b> this."})
    services.endorse(actor=city.helen, request=request, text="Priya keeps it up.")
    page = text(client_of(city.priya).get(f"/requests/{request.number}/"))
    told = ["submitted it", "I &lt;b&gt;support&lt;/b&gt; this.", "endorsed it", "Priya keeps it up."]
    places = [page.index(part) for part in told]
    assert places == sorted(places)
    assert "nothing has changed since" in page


def test_a_refused_comment_stays_in_the_box(city: City) -> None:
    request = submitted(city)
    response = client_of(city.priya).post(f"/requests/{request.number}/comment/", {"text": "good\u202ebad"})
    assert response.status_code == 422
    assert "good\u202ebad" in text(response)
    assert not request.comments.exists()


def test_withdrawing_wants_a_reason_and_names_the_consequence(city: City) -> None:
    request = submitted(city)
    client = client_of(city.priya)
    assert "The request ends here." in text(client.get(f"/requests/{request.number}/withdraw/"))
    client.post(f"/requests/{request.number}/withdraw/", {"text": ""})
    request.refresh_from_db()
    assert request.status == Status.AWAITING_ENDORSEMENT
    page = text(client.post(f"/requests/{request.number}/withdraw/", {"text": "Too early."}, follow=True))
    assert "Too early." in page
    assert "Withdrawn" in page


def test_a_vacant_seat_is_on_the_page(city: City) -> None:
    request = submitted(city)
    leave_seat(city, city.helen)
    page = text(client_of(city.priya).get(f"/requests/{request.number}/"))
    assert "Nobody can act on it now." in page
    assert "The seat of Director of Hutchinson Zoo is vacant." in page
    assert "registry clerk" in page


@pytest.mark.parametrize("status", list(Status))
def test_every_page_opens_in_every_status(city: City, status: Status) -> None:
    request = in_status(city, status)
    for person in (city.priya, city.helen, city.dana, city.eleanor):
        response = client_of(person).get(f"/requests/{request.number}/")
        assert response.status_code == 200
        assert request.get_status_display() in text(client_of(person).get("/requests/"))
        assert client_of(person).get(f"/requests/{request.number}/edit/").status_code in (200, 302, 403)


def test_what_is_missing_stands_on_an_approved_request(city: City) -> None:
    request = in_status(city, Status.APPROVED)
    page = text(client_of(city.priya).get(f"/requests/{request.number}/"))
    assert "The login and password are deposited in the vault" in page
    assert request.account is not None
    activate(actor=city.sam, account=request.account)
    assert "The account is in the directory." in text(
        client_of(city.priya).get(f"/requests/{request.number}/")
    )


def test_editing_what_was_endorsed_voids_the_endorsement_and_says_so(city: City) -> None:
    request = endorsed(city)
    client = client_of(city.priya)
    assert "the endorsement no longer counts" in text(client.get(step_of(request, "account")))
    data = {name: filled(city)[name] for name in STEPS["account"]}
    client.post(step_of(request, "account"), {**data, "next": "1"})  # nothing is different
    request.refresh_from_db()
    assert request.status == Status.AWAITING_DECISION
    client.post(step_of(request, "account"), {**data, "name": "Other", "next": "1"})
    request.refresh_from_db()
    assert (request.status, request.name) == (Status.AWAITING_ENDORSEMENT, "Other")
    page = text(client.get(f"/requests/{request.number}/"))
    assert "changed it" in page
    assert "the endorsement no longer counts" in page
    page = text(client_of(city.helen).get(f"/admin/approvals/request/{request.pk}/change/"))
    assert "It was changed since, so the endorsement does not count:" in page
    assert "Hutchinson Zoo Kids" in page


def test_what_is_submitted_stays_complete(city: City) -> None:
    request = submitted(city)
    client = client_of(city.priya)
    response = client.post(step_of(request, "account"), {**filled(city), "name": "", "next": "1"})
    assert response.status_code == 422
    request.refresh_from_db()
    assert request.name == "Hutchinson Zoo Kids"


def test_filter_by_state_survives_in_the_address(city: City) -> None:
    kept = draft(city, handle="@one", name="One")
    submitted(city, handle="@two", name="Two")
    page = text(client_of(city.priya).get("/requests/?state=draft"))
    assert kept.number in page
    assert "@two" not in page
    assert '<option value="draft" selected>' in page
    assert "No request is in this state." in text(client_of(city.priya).get("/requests/?state=denied"))
    assert client_of(city.priya).get("/requests/?state=x&before=99999999999999999999").status_code == 200


def test_an_empty_list_says_what_to_do(city: City) -> None:
    page = text(client_of(city.priya).get("/requests/"))
    assert "Your department has asked for nothing yet." in page
    assert "/requests/new/" in page
