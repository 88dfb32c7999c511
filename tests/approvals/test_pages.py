"""The requester's pages, through the front door."""

from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from accounts.models import Platform
from accounts.services import activate
from approvals import services
from approvals.models import Request
from approvals.transitions import Status
from tests.approvals.paths import draft, endorsed, in_status, submitted
from tests.approvals.test_conflicts import leave_seat
from tests.cast import City, client_of


def filled(city: City, **changes: Any) -> dict[str, Any]:
    """The form as a browser sends it."""
    return {
        "department": city.zoo.pk,
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


def text(response: Any) -> str:
    return str(response.content.decode())


def test_from_a_blank_form_to_a_submitted_request(city: City) -> None:
    client = client_of(city.priya)
    assert "Priya Nair, Education Coordinator" in text(client.get("/requests/new/"))
    response = client.post("/requests/new/", filled(city, submit="1"), follow=True)
    request = Request.objects.get()
    assert response.redirect_chain == [(f"/requests/{request.number}/", 302)]
    page = text(response)
    assert "Submitted. It is Helen Okafor’s turn." in page
    assert "It is Helen Okafor’s turn" in page
    assert "Director of Hutchinson Zoo" in page
    assert request.status == Status.AWAITING_ENDORSEMENT
    assert (request.poster, request.backup) == (city.priya, city.helen)
    assert f"/requests/{request.number}/" in text(client.get("/requests/"))


def test_a_draft_is_saved_incomplete_and_completed_later(city: City) -> None:
    client = client_of(city.priya)
    client.post("/requests/new/", {"department": city.zoo.pk, "name": "Zoo Kids", "save": "1"})
    request = Request.objects.get()
    assert (request.status, request.name, request.platform) == (Status.DRAFT, "Zoo Kids", None)
    page = text(client.get(f"/requests/{request.number}/"))
    assert "It is your turn" in page
    assert f"/requests/{request.number}/edit/" in page
    client.post(f"/requests/{request.number}/edit/", filled(city, submit="1"))
    request.refresh_from_db()
    assert request.status == Status.AWAITING_ENDORSEMENT


def test_nothing_is_lost_on_an_error(city: City) -> None:
    client = client_of(city.priya)
    data = filled(
        city, submit="1", backup="nobody@hutch.example", handle="no handle!", audience="Ärzte & Kinder"
    )
    response = client.post("/requests/new/", data)
    page = text(response)
    assert not Request.objects.exists()
    assert "What you wrote is still here" in page
    for kept in ("no handle!", "nobody@hutch.example", "Ärzte & Kinder", "Class dates drown."):
        assert escape(kept) in page
    assert "Nobody has this work e-mail" in page
    assert "An account on Instagram is written" in page


def test_submitting_what_lacks_something_says_what(city: City) -> None:
    page = text(client_of(city.priya).post("/requests/new/", {"department": city.zoo.pk, "submit": "1"}))
    assert page.count("This field is required.") == 9
    assert not Request.objects.exists()


def test_a_duplicate_is_said_at_the_handle_with_a_link(city: City) -> None:
    pending = submitted(city)
    client = client_of(city.priya)
    page = text(client.post("/requests/new/", filled(city, submit="1", handle="instagram.com/hutchzookids")))
    assert f'<a href="/requests/{pending.number}/">See that request</a>' in page
    services.endorse(actor=city.helen, request=pending)
    services.approve(actor=city.dana, request=pending)
    page = text(client.post("/requests/new/", filled(city, save="1")))
    assert f'<a href="/registry/{pending.account_id}/">See this account</a>' in page
    assert Request.objects.count() == 1


def test_a_duplicate_of_another_department_is_said_without_a_link(city: City) -> None:
    submitted(city)
    data = filled(city, submit="1", department=city.fire.pk, poster="noah@hutch.example")
    page = text(client_of(city.noah).post("/requests/new/", data))
    assert "of Hutchinson Zoo asks for this account already" in page
    assert "See that request" not in page


def test_only_own_departments_are_offered_and_taken(city: City) -> None:
    client = client_of(city.priya)
    assert "Fire Department" not in text(client.get("/requests/new/"))
    response = client.post("/requests/new/", filled(city, submit="1", department=city.fire.pk))
    assert response.status_code == 200
    assert not Request.objects.exists()


@pytest.mark.parametrize("page", ["", "edit/", "withdraw/"])
def test_somebody_elses_request_is_not_there(city: City, page: str) -> None:
    request = submitted(city)
    for person in (city.noah, city.joel):
        assert client_of(person).get(f"/requests/{request.number}/{page}").status_code == 404
    assert client_of(city.noah).get("/requests/2020-9999/").status_code == 404
    assert Client().get(f"/requests/{request.number}/{page}").status_code == 302


def test_somebody_elses_request_takes_no_post_either(city: City) -> None:
    request = submitted(city)
    client = client_of(city.noah)
    for page in ("edit/", "withdraw/", "comment/"):
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


def test_an_endorsed_request_cannot_be_edited(city: City) -> None:
    request = endorsed(city)
    client = client_of(city.priya)
    response = client.post(f"/requests/{request.number}/edit/", filled(city, save="1", name="Other"))
    assert response.status_code == 302
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
