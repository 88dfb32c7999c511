"""The mail of a decision: shown, edited, completed with its reasons, kept exactly as it was sent."""

from __future__ import annotations

import pytest
from django.test import Client
from post_office.models import Email

from approvals import mails, services
from approvals.models import Decision, Request
from approvals.transitions import Act, Status
from employees.models import Notice
from tests.approvals.paths import endorsed, submitted
from tests.approvals.test_admin import act_of, page_of
from tests.approvals.test_pages import text
from tests.cast import City, client_of, code_of, enrol


def form_of(city: City, request: Request, act: Act) -> dict[str, str | list[str]]:
    """What the page's form holds for `act`, untouched."""
    title = "Director of Public Information and Community Engagement"
    mail = mails.draft(request, act, by=city.dana.name, title=title)
    return {
        "seen": request.content_hash(),
        f"{act.value}-subject": mail.subject,
        f"{act.value}-mail": mail.text.replace("\n", "\r\n"),  # as browsers send it
    }


def sent() -> Email:
    email = Email.objects.get()
    assert isinstance(email, Email)
    return email


def test_the_page_shows_the_mail_of_every_button(city: City) -> None:
    request = endorsed(city)
    page = text(client_of(city.dana).get(page_of(request)))
    for act in ("approve", "return", "deny"):
        assert f'name="{act}-mail"' in page
    assert "Your request" in page
    assert f"/requests/{request.number}/" in page
    assert "Helen Okafor reads of it in the digest." in page


def test_an_edited_mail_is_kept_and_sent_to_the_letter(city: City) -> None:
    request = endorsed(city)
    data = form_of(city, request, Act.DENY)
    data |= {
        "deny-subject": "About @hutchzookids: not now",
        "deny-mail": "Dear Priya,\r\n\r\nLet us talk on Monday.\r\n\r\nDana",
        "reasons": ["existing_serves"],
        "note": "canary-note: ask Helen first.",
    }
    client_of(city.dana).post(act_of(request, "deny"), data)
    decision = Decision.objects.get(request=request, act=Act.DENY)
    assert decision.mail_subject == "About @hutchzookids: not now"
    assert decision.mail_text == "Dear Priya,\n\nLet us talk on Monday.\n\nDana"
    email = sent()
    assert email.to == [city.priya.email]
    assert email.subject == decision.mail_subject
    assert decision.mail_text in email.message
    assert "canary" not in email.message + email.html_message
    page = text(client_of(city.priya).get(f"/requests/{request.number}/"))
    assert "canary" not in page
    assert "canary-note" in text(client_of(city.mona).get(page_of(request)))
    assert "canary" not in text(client_of(city.eleanor).get(page_of(request)))


def test_without_a_script_nobody_sends_a_mail_that_lacks_the_reasons_unread(city: City) -> None:
    request, dana = endorsed(city), client_of(city.dana)
    data = form_of(city, request, Act.RETURN) | {"reasons": ["unclear"], "text": "Who reads it?"}
    page = text(dana.post(act_of(request, "return"), data))
    assert "read it, then press once more" in page
    assert "Reasons: Purpose or audience not clear." in page
    request.refresh_from_db()
    assert request.status == Status.AWAITING_DECISION
    assert not Email.objects.exists()
    title = "Director of Public Information and Community Engagement"
    whole = mails.draft(
        request, Act.RETURN, by=city.dana.name, title=title, reasons=["unclear"], text="Who reads it?"
    )
    dana.post(act_of(request, "return"), data | {"return-mail": whole.text})
    request.refresh_from_db()
    assert request.status == Status.RETURNED
    assert Decision.objects.get(request=request, act=Act.RETURN).mail_text == whole.text
    assert whole.text in sent().message


def test_an_untouched_mail_without_reasons_goes_as_shown(city: City) -> None:
    request = endorsed(city)
    data = form_of(city, request, Act.APPROVE)
    client_of(city.dana).post(act_of(request, "approve"), data)
    decision = Decision.objects.get(request=request, act=Act.APPROVE)
    assert decision.mail_text == str(data["approve-mail"]).replace("\r\n", "\n")


def test_what_no_mail_may_hold_is_refused_and_nothing_is_decided(city: City) -> None:
    request = endorsed(city)
    data = form_of(city, request, Act.APPROVE) | {"approve-mail": "good\u202ebad"}
    response = client_of(city.dana).post(act_of(request, "approve"), data)
    assert response.status_code == 422
    request.refresh_from_db()
    assert request.status == Status.AWAITING_DECISION
    assert not Email.objects.exists()


def test_an_endorsement_and_a_taken_review_send_nothing_at_once(city: City) -> None:
    request = endorsed(city)
    services.take(actor=city.dana, request=request)
    assert not Email.objects.exists()


def test_who_endorsed_reads_of_the_decision_in_the_digest(city: City) -> None:
    request = endorsed(city)
    services.approve(actor=city.dana, request=request)
    assert [notice.person for notice in Notice.objects.all()] == [city.helen]
    assert "hutchzookids" in Notice.objects.get().subject


def test_a_refused_effect_sends_nothing(city: City) -> None:
    request = submitted(city)
    services.endorse(actor=city.helen, request=request)
    type(request).objects.filter(pk=request.pk).update(justification="Changed behind the ledger.")
    with pytest.raises(Exception, match="not what was endorsed"):
        services.approve(actor=city.dana, request=Request.objects.get(pk=request.pk))
    assert not Email.objects.exists()


SEVERAL = "/admin/approvals/request/several/"


def several(client: Client, act: str, rows: list[Request], **data: object) -> str:
    seen = {f"seen-{row.pk}": row.content_hash() for row in rows}
    return text(client.post(SEVERAL, {"act": act, "request": [row.pk for row in rows], **seen, **data}))


def test_several_are_decided_singly_with_a_result_for_each(city: City) -> None:
    rows = [endorsed(city, handle=f"@several{place}", name=f"Name {place}") for place in range(3)]
    own = submitted(city, handle="@notyet", name="Not yet")
    stale = rows[2].content_hash()
    services.deny(actor=city.dana, request=rows[2], text="No.")
    dana = client_of(city.dana)
    chosen = {"action": "decide_several", "_selected_action": [row.pk for row in (*rows[:2],)], "index": 0}
    response = dana.post("/admin/approvals/request/", chosen)
    assert response["Location"].startswith(SEVERAL)
    page = text(dana.get(response["Location"]))
    assert "2 requests are chosen" in page
    assert "Endorse…" not in page
    page = text(dana.get(f"{response['Location']}&act=deny"))
    assert "One reason for all of them" in page
    page = several(dana, "deny", [*rows, own], **{f"seen-{rows[2].pk}": stale, "reasons": ["unclear"]})
    assert "2 of 4 decided." in page
    assert page.count(">Refused<") == 2
    assert "Too late: Dana Whitfield" in page
    for row in rows[:2]:
        decision = Decision.objects.get(request=row, act=Act.DENY)
        assert (decision.reasons, decision.person) == (["unclear"], city.dana)
        assert "Reasons: Purpose or audience not clear." in decision.mail_text
    own.refresh_from_db()
    assert own.status == Status.AWAITING_ENDORSEMENT
    assert Email.objects.count() == 3


def test_several_keep_the_reasons_while_one_confirms(city: City) -> None:
    rows = [endorsed(city, handle=f"@several{place}", name=f"Name {place}") for place in range(2)]
    seed = enrol(city.dana)
    client = client_of(city.dana, factor="stale")
    data = {
        "act": "deny",
        "request": [row.pk for row in rows],
        "text": "Somebody posts there for you already.",
    }
    answer = client.post(SEVERAL, data)
    assert [row.status for row in Request.objects.filter(pk__in=[row.pk for row in rows])] == 2 * [
        "awaiting_decision"
    ]
    page = client.post(answer["Location"], {"code": code_of(seed)}, follow=True)
    assert "Somebody posts there for you already." in page.text
    assert all(row.number in page.text for row in rows)


def test_several_want_a_reason_where_one_does(city: City) -> None:
    rows = [endorsed(city)]
    assert "Give a reason" in several(client_of(city.dana), "return", rows)
    rows[0].refresh_from_db()
    assert rows[0].status == Status.AWAITING_DECISION


def test_what_was_changed_after_the_page_was_opened_is_left(city: City) -> None:
    row = endorsed(city)
    page = several(client_of(city.dana), "approve", [row], **{f"seen-{row.pk}": "0" * 64})
    assert "0 of 1 decided." in page
    assert "changed after you opened it" in page


def test_several_of_others_are_not_there(city: City) -> None:
    row = submitted(city)
    assert client_of(city.olive).get(SEVERAL, {"request": row.pk}).status_code == 302
    assert client_of(city.priya).get(SEVERAL, {"request": row.pk}).status_code == 403
    assert client_of(city.rex).post(SEVERAL, {"request": row.pk, "act": "approve"}).status_code == 403


def test_taking_a_review_is_seen_by_everybody_and_keeps_nobody_from_deciding(city: City) -> None:
    request = endorsed(city)
    since = request.status_since
    typed = {"seen": request.content_hash(), "note": "Ask the county first."}
    client_of(city.dana).post(act_of(request, "take"), typed)
    assert request.decisions.get(act="take").note == "Ask the county first."
    request.refresh_from_db()
    assert (request.reviewer, request.status_since) == (city.dana, since)
    assert "Dana Whitfield has taken the review." in text(
        client_of(city.priya).get(f"/requests/{request.number}/")
    )
    services.return_for_changes(actor=city.dana, request=request, text="Say more.")
    request.refresh_from_db()
    assert request.reviewer is None
