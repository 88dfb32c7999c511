"""Yours today and the day's digest are one thing said twice; at most one mail a person and working day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import IntegrityError
from post_office.models import Email

from audit import clock
from audit.ledger import act
from config import daily, digest, today
from employees import outbox, policy, workdays
from employees import services as people
from employees.models import Digest, Notice
from tests.approvals.paths import submitted
from tests.cast import City, client_of
from tests.credentials.accounts import deposited, open_account

pytestmark = pytest.mark.django_db


@contextmanager
def working_day(number: int = 0) -> Iterator[None]:
    """At ten in the morning, so many working days from the next one on."""
    day = workdays.after(clock.today() + timedelta(days=1), number)
    with clock.moved_to(clock.start_of(day) + timedelta(hours=10)):
        yield


def mails(person: Any) -> list[Email]:
    return [one for one in Email.objects.order_by("pk") if one.to == [person.email]]


def test_one_a_day_however_often_it_runs_and_none_on_days_off(city: City) -> None:
    submitted(city)
    with working_day():
        assert digest.send_all() >= 1
        first = len(mails(city.helen))
        assert digest.send_all() == 0
        daily.run()
        assert len(mails(city.helen)) == first == 1
        with pytest.raises(IntegrityError), act():
            digest.send_one(person=city.helen)
    with working_day(1):
        digest.send_all()
        assert len(mails(city.helen)) == 2
    saturday = clock.today() + timedelta(days=(5 - clock.today().weekday()) % 7)
    with clock.moved_to(clock.start_of(saturday) + timedelta(hours=10)):
        assert digest.send_all() == 0
    assert Digest.objects.filter(person=city.helen).count() == 2


def test_the_digest_says_what_the_page_says(city: City) -> None:
    request = submitted(city)
    with act():
        outbox.post(to=[city.helen], subject="A comment on Request 7", text="Tom Reyes wrote something.")
    with working_day():
        digest.send_all()
        page = unescape(client_of(city.helen).get("/today/").text)
        (mail,) = mails(city.helen)
        yours = today.gather(city.helen)
        assert yours.tasks
        assert yours.news
        for task in yours.tasks:
            for text in (task.tag, task.title, task.text, task.verb, task.url):
                assert text in mail.message
                assert text in page
        for one in yours.news:
            assert one.subject in mail.message
            assert one.subject in page
    assert mail.subject == f"Director of Hutchinson Zoo: 1 thing waits, {request.display}"
    assert "/today/" in mail.message
    with working_day(1):
        assert "A comment on Request 7" not in client_of(city.helen).get("/today/").text


def test_nothing_new_and_nothing_to_do_is_no_mail(city: City) -> None:
    with working_day():
        digest.send_all()
    assert mails(city.noah) == []
    assert mails(city.helen) == []


def test_who_left_gets_none(city: City) -> None:
    with act():
        outbox.post(to=[city.helen], subject="Something", text="x")
    people.separate(actor=city.carla, employee=city.helen, last_day=clock.today(), reason="Left")
    with working_day():
        digest.send_all()
    assert not Digest.objects.filter(person=city.helen).exists()
    assert Notice.objects.filter(told_on=None).count() == 1


def test_queries_do_not_grow_with_what_waits(city: City, django_assert_max_num_queries: Any) -> None:
    client = client_of(city.helen)
    for number in range(8):
        submitted(city, handle=f"@hutchzoo{number}")
    with act():
        for number in range(8):
            outbox.post(to=[city.helen], subject=f"News {number}", text="x")
    client.get("/today/")
    with django_assert_max_num_queries(67):
        page = client.get("/today/").text
    assert page.count("Awaiting") == 0
    assert page.count("News ") >= 8


def test_the_policy_waits_for_who_holds_something(city: City) -> None:
    policy.publish_policy(
        actor=city.dana, title="Social Media Policy", text="Rules\n\nBe kind.", effective=clock.today()
    )
    assert "To acknowledge" in client_of(city.helen).get("/today/").text
    assert "To acknowledge" not in client_of(city.noah).get("/today/").text


# At once


def test_a_separation_is_told_at_once_with_office_and_account(city: City) -> None:
    deposited(city.helen, open_account(city.dana, city.zoo))
    people.separate(actor=city.carla, employee=city.helen, last_day=clock.today(), reason="Left")
    told = {one.to[0]: one for one in Email.objects.all()}
    assert set(told) == {city.dana.email, city.marcus.email, city.sam.email}
    mail = told[city.dana.email]
    assert mail.subject == (
        "For the PI and IT Directors: Helen Okafor, Zoo Director, has left; @HutchZoo on X"
    )
    assert "1 password that is in use is known to this person" in mail.message
    assert f"/people/{city.helen.pk}/" in mail.message


def test_who_held_nothing_leaves_quietly(city: City) -> None:
    people.separate(actor=city.carla, employee=city.noah, last_day=clock.today(), reason="Left")
    assert not Email.objects.exists()


# The daily run


def test_a_step_that_fails_stops_no_other_and_is_said(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.test import Client

    def fail(done: Any) -> None:
        raise RuntimeError("no")

    submitted(city)
    steps = tuple((name, fail if name == "custody" else step) for name, step in daily.STEPS)
    monkeypatch.setattr(daily, "STEPS", steps)
    with working_day():
        done = daily.run()
        assert done.failed == ["custody"]
        assert done.digests >= 1
        answer = Client().get("/healthz")
        assert (answer.status_code, answer.json()["daily"]) == (503, "failed")
        assert "could not do: custody" in client_of(city.sam).get("/status/").text
    monkeypatch.undo()
    with working_day(1):
        daily.run()
        assert Client().get("/healthz").json()["daily"] == "ok"


def test_who_could_not_be_signed_out_is_by_the_next_run(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.cast import designate

    def fail(done: Any) -> None:
        raise RuntimeError("no")

    designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla, end=clock.today())
    daily.run()
    steps = tuple((name, fail if name == daily.SIGN_OUT else step) for name, step in daily.STEPS)
    with clock.moved_to(clock.end_of(clock.today()) + timedelta(hours=3)):
        with monkeypatch.context() as patch:
            patch.setattr(daily, "STEPS", steps)
            daily.run()
        assert daily.whose_papers_ran_out() == {city.priya.pk}
        daily.run()
        assert daily.whose_papers_ran_out() == set()
