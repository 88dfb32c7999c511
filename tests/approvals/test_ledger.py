"""What stays of an act: a row that the database keeps as it is, and an entry from which it can be rebuilt."""

import json

import pytest
from django.db import DatabaseError, connection

from approvals import services
from approvals.models import Comment, Decision, Request
from approvals.transitions import TABLE, Act, Status
from audit.ledger import act as savepoint
from audit.models import Entry
from audit.replay import Replayed, registered
from audit.verification import verify
from tests.approvals.paths import approved, asked, endorsed, in_status, submitted
from tests.cast import City
from tests.credentials.accounts import open_account


@pytest.mark.parametrize("status", list(Status))
def test_ledger_and_tables_agree_in_every_status(city: City, status: Status) -> None:
    in_status(city, status)
    verdict = verify()
    assert verdict.sound, verdict.findings


def test_requests_and_decisions_are_registered_and_a_change_behind_the_ledger_is_found(city: City) -> None:
    assert {"approvals.request", "approvals.decision"} <= set(registered())
    request = endorsed(city)
    Request.objects.filter(pk=request.pk).update(handle="other")
    replayed = Replayed()
    for text in Entry.objects.order_by("index").values_list("canonical", flat=True):
        replayed.add(json.loads(text))
    assert list(replayed.differences()) == [
        f"approvals.request {request.pk}: handle differ from the last entry"
    ]


CHANGES = {
    "update": "UPDATE approvals_decision SET text = 'x'",
    "delete": "DELETE FROM approvals_decision",
    "replace": "INSERT OR REPLACE INTO approvals_decision SELECT * FROM approvals_decision",
    "truncate": "TRUNCATE approvals_decision CASCADE",
}
ON = {"sqlite": ("update", "delete", "replace"), "postgresql": ("update", "delete", "truncate")}


@pytest.mark.parametrize("change", ON[connection.vendor])
def test_the_database_refuses_to_change_a_decision(city: City, change: str) -> None:
    request = endorsed(city)
    before = list(Decision.objects.filter(request=request).values())
    assert before
    with pytest.raises(DatabaseError, match="append-only"), savepoint(), connection.cursor() as cursor:
        cursor.execute(CHANGES[change])
    assert list(Decision.objects.filter(request=request).values()) == before


def test_a_decision_keeps_capacity_reasons_and_the_content_decided_upon(city: City) -> None:
    request = endorsed(city)
    row = services.approve(
        actor=city.dana, request=request, reasons=["city_purpose", "enough_people"], text="Well thought out."
    )
    assert row.capacity == "Director of Public Information and Community Engagement"
    assert row.reason_labels == ["Serves a City purpose", "Enough people to keep it up"]
    assert row.content_hash == Request.objects.get(pk=request.pk).content_hash()
    assert (row.before, row.after) == (Status.AWAITING_DECISION, Status.APPROVED)


def test_the_hash_changes_with_every_field_that_is_asked_and_with_nothing_else(city: City) -> None:
    request = submitted(city)
    before = request.content_hash()
    for name, value in {
        "name": "Other",
        "purposes": ["jobs"],
        "audience": "Others",
        "justification": "Other",
        "poster_id": city.joel.pk,
        "backup_id": city.joel.pk,
        "login_email": "other@hutch.example",
        "department_id": city.parks.pk,
        "platform_id": None,
        "key": "other",
    }.items():
        kept = getattr(request, name)
        setattr(request, name, value)
        assert request.content_hash() != before, name
        setattr(request, name, kept)
    services.endorse(actor=city.helen, request=request)
    assert request.content_hash() == before


def test_free_text_never_enters_the_ledger(city: City) -> None:
    words = "Xylophone-words-of-a-person"
    request = submitted(city, justification=words, audience=words)
    services.comment(actor=city.helen, request=request, text=words)
    services.endorse(actor=city.helen, request=request, text=words)
    services.return_for_changes(actor=city.dana, request=request, text=words)
    services.edit(actor=city.priya, request=request, asked=asked(city, justification=words))
    services.withdraw(actor=city.priya, request=request, text=words)
    assert Comment.objects.get().text == words
    assert not Entry.objects.filter(canonical__contains=words).exists()


def test_every_verb_of_this_room_is_emitted(city: City) -> None:
    request = in_status(city, Status.RETURNED)
    services.edit(actor=city.priya, request=request, asked=asked(city, audience="Schools"))
    services.comment(actor=city.priya, request=request, text="Changed.")
    services.take(actor=city.dana, request=endorsed(city, handle="@taken"))
    services.withdraw(actor=city.priya, request=request, text="Enough.")
    for status in (Status.DECLINED, Status.DENIED, Status.EXPIRED, Status.FULFILLED):
        in_status(city, status)
    emitted = set(Entry.objects.values_list("verb", flat=True))
    assert {row.verb.value for row in TABLE.values()} <= emitted
    assert {"approvals.request.draft", "approvals.request.comment"} <= emitted


def test_approval_and_all_that_it_brings_about_are_one_operation(city: City) -> None:
    request = approved(city)
    entry = Entry.objects.get(verb="approvals.request.approve", object_id=str(request.pk))
    verbs = list(Entry.objects.filter(operation=entry.operation).values_list("verb", flat=True))
    assert {"accounts.account.open", "credentials.custody.open", "credentials.grant.give"} <= set(verbs)


def test_a_refused_effect_leaves_nothing_behind(city: City) -> None:
    """The account was registered in the meantime: nothing is approved, no entry, no decision."""
    other = endorsed(city, handle="@elsewhere")
    open_account(city.dana, city.zoo, "elsewhere", "instagram")
    entries = Entry.objects.count()
    with pytest.raises(Exception, match="already"):
        services.approve(actor=city.dana, request=Request.objects.get(pk=other.pk))
    assert Entry.objects.count() == entries
    assert Request.objects.get(pk=other.pk).status == Status.AWAITING_DECISION
    assert not Decision.objects.filter(request=other, act=Act.APPROVE).exists()
