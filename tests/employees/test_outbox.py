"""The outbox: mail is part of the act that it tells of."""

from __future__ import annotations

from contextlib import suppress

import pytest
from django.core import mail
from django.core.management import call_command
from post_office.models import Email

from audit.ledger import NotInAService, act
from employees import outbox
from employees.models import Notice, Office
from tests.cast import City

pytestmark = pytest.mark.django_db(transaction=True)


def post(city: City, subject: str = "To the PI Director: @HutchZoo on X", at_once: bool = True) -> list[str]:
    with act():
        return outbox.post(
            to=[city.dana, city.helen, city.dana],
            subject=subject,
            text="It was approved.\n\nSee https://accounts.example/requests/2026-0001/ & act.",
            at_once=at_once,
        )


def test_each_gets_one_mail_in_text_and_html_with_a_message_id(city: City) -> None:
    ids = post(city)
    assert outbox.deliver().sent == 2
    assert [one.to for one in mail.outbox] == [[city.dana.email], [city.helen.email]]
    first = mail.outbox[0]
    assert first.extra_headers["Message-ID"] == ids[0]
    assert "See https://accounts.example/requests/2026-0001/ & act." in first.body
    ((html, kind),) = first.alternatives  # type: ignore[attr-defined]
    assert kind == "text/html"
    assert '<a href="https://accounts.example/requests/2026-0001/"' in html
    assert "This mail holds no password" in first.body
    assert "This mail holds no password" in html
    assert outbox.deliver().sent == 0


def test_what_people_write_is_no_template_and_no_header(city: City) -> None:
    subject = "To you\r\nBcc: eve@evil.example {{ settings.SECRET_KEY }} {% load x %}"
    with act():
        outbox.post(to=[city.dana], subject=subject, text="<b>{{ 1 }}</b> {% now 'Y' %}", at_once=True)
    outbox.deliver()
    (sent,) = mail.outbox
    assert "Bcc" not in dict(sent.message().items())
    assert sent.recipients() == [city.dana.email]
    assert "{{ settings.SECRET_KEY }}" in sent.subject
    assert "<b>{{ 1 }}</b> {% now 'Y' %}" in sent.body
    assert "&lt;b&gt;{{ 1 }}&lt;/b&gt;" in sent.alternatives[0][0]  # type: ignore[attr-defined]


def test_an_act_that_fails_leaves_no_mail(city: City) -> None:
    with suppress(RuntimeError), act():
        outbox.post(to=[city.dana], subject="To you", text="x", at_once=True)
        outbox.post(to=[city.dana], subject="To you", text="x")
        raise RuntimeError
    assert not Email.objects.exists()
    assert not Notice.objects.exists()


def test_outside_of_an_act_nothing_is_posted(city: City) -> None:
    with pytest.raises(NotInAService):
        outbox.post(to=[city.dana], subject="To you", text="x", at_once=True)


def test_what_can_wait_waits_for_the_digest(city: City) -> None:
    assert post(city, at_once=False) == []
    assert not Email.objects.exists()
    assert Notice.objects.filter(person=city.dana, told_on=None).count() == 1


def test_who_has_left_gets_nothing(city: City) -> None:
    from audit import clock
    from employees import services

    services.separate(actor=city.carla, employee=city.helen, last_day=clock.today(), reason="Left")
    Email.objects.all().delete()
    city.helen.refresh_from_db()
    assert len(post(city)) == 1


def test_a_seat_is_its_holder_and_who_acts(city: City) -> None:
    assert outbox.in_office(Office.Kind.PI_DIRECTOR, Office.Kind.IT_DIRECTOR) == [city.dana, city.marcus]


def test_the_command_says_what_it_did(city: City, capsys: pytest.CaptureFixture[str]) -> None:
    post(city)
    call_command("send_mail")
    assert "2 mails sent; 0 refused" in capsys.readouterr().out
