"""Directors in the admin: what waits for them, one request on one page, the acts and their refusals."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry

from approvals import services
from approvals.models import Decision, Request
from approvals.transitions import Act, Status
from tests.approvals.paths import draft, endorsed, in_status, submitted
from tests.approvals.test_conflicts import by_dana
from tests.approvals.test_pages import text
from tests.cast import City, client_of

LIST = "/admin/approvals/request/"


def page_of(request: Request) -> str:
    return f"{LIST}{request.pk}/change/"


def act_of(request: Request, act: str) -> str:
    return f"{LIST}{request.pk}/{act}/"


def test_the_whole_story_of_one_request_through_the_admin(city: City) -> None:
    request = submitted(city)
    helen, dana = client_of(city.helen), client_of(city.dana)
    assert "@hutchzookids on Instagram" in text(helen.get(LIST))
    assert "@hutchzookids on Instagram" not in text(dana.get(LIST))
    form = text(helen.get(act_of(request, "endorse")))
    assert "goes to the Director of Public Information" in form
    helen.post(act_of(request, "endorse"), {"seen": request.content_hash(), "text": "Good."})
    assert "@hutchzookids on Instagram" in text(dana.get(LIST))
    page = text(dana.get(page_of(request)))
    assert "Helen Okafor, Director of Hutchinson Zoo, endorsed it" in page
    assert "Nothing has changed since." in page
    assert "is created for Hutchinson Zoo" in page
    data = {"seen": request.content_hash(), "reasons": ["city_purpose"], "text": ""}
    response = dana.post(act_of(request, "approve"), data, follow=True)
    assert f"Request {request.number}, @hutchzookids on Instagram: you approved it." in text(response)
    request.refresh_from_db()
    assert request.status == Status.APPROVED
    assert Decision.objects.get(request=request, act=Act.APPROVE).reasons == ["city_purpose"]
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(("act", "status"), [("return", Status.RETURNED), ("deny", Status.DENIED)])
def test_return_and_deny_want_a_reason(city: City, act: str, status: Status) -> None:
    request, dana = endorsed(city), client_of(city.dana)
    response = dana.post(act_of(request, act), {"seen": request.content_hash(), "text": " "})
    assert response.status_code == 422
    assert "Give a reason" in text(response)
    data = {"seen": request.content_hash(), "reasons": ["unclear"], "text": "Who are the readers?"}
    dana.post(act_of(request, act), data)
    request.refresh_from_db()
    assert request.status == status
    assert "Who are the readers?" in text(client_of(city.priya).get(f"/requests/{request.number}/"))


def buttons(page: str) -> set[str]:
    return {act for act in ("endorse", "decline", "take", "approve", "return", "deny") if f'/{act}/"' in page}


def test_only_the_buttons_one_may_press_are_there(city: City) -> None:
    request = submitted(city)
    assert buttons(text(client_of(city.helen).get(page_of(request)))) == {"endorse", "decline"}
    assert buttons(text(client_of(city.dana).get(page_of(request)))) == set()
    services.endorse(actor=city.helen, request=request)
    assert buttons(text(client_of(city.helen).get(page_of(request)))) == set()
    assert buttons(text(client_of(city.dana).get(page_of(request)))) == {"take", "approve", "return", "deny"}
    assert buttons(text(client_of(city.mona).get(page_of(request)))) == set()
    assert buttons(text(client_of(city.tom).get(page_of(request)))) == set()


def test_a_conflict_is_said_where_the_buttons_would_be(city: City) -> None:
    request = by_dana(city)
    page = text(client_of(city.dana).get(page_of(request)))
    assert buttons(page) == set()
    assert "This is your own request, and nobody decides their own." in page
    assert "Mona Castillo" in page
    assert buttons(text(client_of(city.mona).get(page_of(request)))) == {"take", "approve", "return", "deny"}
    response = client_of(city.dana).post(
        act_of(request, "approve"), {"seen": request.content_hash(), "text": ""}
    )
    assert response.status_code == 403
    assert "nobody decides their own" in text(response)
    request.refresh_from_db()
    assert request.status == Status.AWAITING_DECISION


def test_a_superuser_without_a_seat_is_shut_out(city: City) -> None:
    request, rex = endorsed(city), client_of(city.rex)
    data = {"seen": request.content_hash(), "text": "Because."}
    assert rex.get(LIST).status_code == 403
    for address in (page_of(request), act_of(request, "approve")):
        assert rex.get(address).status_code in (403, 404)
    assert rex.post(act_of(request, "approve"), data).status_code in (403, 404)
    request.refresh_from_db()
    assert request.status == Status.AWAITING_DECISION


def test_people_without_a_seat_do_not_get_in(city: City) -> None:
    request = submitted(city)
    for person in (city.priya, city.noah):
        assert client_of(person).get(LIST).status_code != 200
        assert client_of(person).get(page_of(request)).status_code != 200


def test_another_departments_director_does_not_see_it(city: City) -> None:
    request = submitted(city)
    assert client_of(city.olive).get(page_of(request)).status_code == 404
    assert client_of(city.olive).post(act_of(request, "endorse"), {}).status_code == 404


def test_the_loser_of_two_is_told_who_won(city: City) -> None:
    request, dana = endorsed(city), client_of(city.dana)
    seen = request.content_hash()
    dana.post(act_of(request, "approve"), {"seen": seen})
    response = dana.post(act_of(request, "deny"), {"seen": seen, "text": "No."}, follow=True)
    assert "Too late: Dana Whitfield" in text(response)
    assert response.redirect_chain == [(page_of(request), 302)]
    assert Decision.objects.filter(request=request, before=Status.AWAITING_DECISION).count() == 1


def test_stock_forms_write_nothing(city: City) -> None:
    request, dana = endorsed(city), client_of(city.dana)
    data: dict[str, Any] = {"status": "approved", "name": "Other", "_save": "1"}
    assert dana.get(f"{LIST}add/").status_code in (302, 403, 404)
    assert dana.post(f"{LIST}add/", data).status_code in (302, 403, 404)
    assert dana.post(page_of(request), data).status_code == 405
    assert dana.post(f"{LIST}{request.pk}/delete/", {"post": "yes"}).status_code in (403, 404)
    chosen = {"action": "delete_selected", "_selected_action": [request.pk], "post": "yes"}
    dana.post(LIST, chosen)
    request.refresh_from_db()
    assert (request.status, request.name) == (Status.AWAITING_DECISION, "Hutchinson Zoo Kids")


def test_acts_need_a_token_and_a_known_name(city: City) -> None:
    request = endorsed(city)
    strict = client_of(city.dana, strict=True)
    assert strict.post(act_of(request, "approve"), {"seen": request.content_hash()}).status_code == 403
    dana = client_of(city.dana)
    for name in ("submit", "withdraw", "fulfil", "edit", "nonsense"):
        assert dana.post(act_of(request, name), {"text": "x"}).status_code == 404
    request.refresh_from_db()
    assert request.status == Status.AWAITING_DECISION


def test_the_filters_show_open_closed_and_all(city: City) -> None:
    open_one = draft(city, handle="@one", name="One")
    closed = in_status(city, Status.DENIED)
    dana = client_of(city.dana)
    for show, seen in {"open": {open_one}, "closed": {closed}, "all": {open_one, closed}, "": set()}.items():
        page = text(dana.get(LIST, {"show": show} if show else {}))
        assert {row for row in (open_one, closed) if f"/{row.pk}/change/" in page} == seen, show


def test_a_plain_column_cannot_be_guessed_at(city: City) -> None:
    endorsed(city)
    response = client_of(city.dana).get(LIST, {"login_email__startswith": "zoo"})
    assert response.status_code in (302, 400)


@pytest.mark.parametrize("status", list(Status))
def test_the_page_opens_in_every_status(city: City, status: Status) -> None:
    request = in_status(city, status)
    for person in (city.helen, city.dana, city.eleanor):
        assert client_of(person).get(page_of(request)).status_code == 200
