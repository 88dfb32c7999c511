"""The mail server is down, then up; processes are killed between commit and mail, and while they send: all arrive."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections
from post_office.models import STATUS, Email

from audit import clock
from audit.ledger import act
from config import conditions
from employees import outbox
from employees import services as people
from employees.models import Employee
from tests.cast import City
from tests.credentials.accounts import deposited, open_account
from tests.processes import FORK, _forget_inherited_connections, together
from tests.smtp_server import count, free_port, running, taken

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


@pytest.fixture
def port(settings: Any) -> int:
    """Of a mail server that is not there yet. A refused mail may be tried again at once."""
    number = free_port()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", number
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.POST_OFFICE = {**settings.POST_OFFICE, "RETRY_INTERVAL": timedelta(0), "THREADS_PER_PROCESS": 1}
    return number


def post(to: list[Employee], many: int) -> set[str]:
    """So many acts, each with a mail to everybody; the Message-IDs."""
    ids: set[str] = set()
    for number in range(many):
        with act():
            ids |= set(outbox.post(to=to, subject=f"Act {number}", text="It was done.", at_once=True))
    return ids


def ids(folder: Path) -> Counter[str]:
    """How often each Message-ID has arrived."""
    return Counter(str(message["Message-ID"]) for message in taken(folder))


def test_down_then_refusing_then_up_every_mail_arrives_once(city: City, port: int, tmp_path: Path) -> None:
    sent = post([city.dana, city.helen, city.marcus], 10)
    assert len(sent) == 30
    for _run in range(3):
        done = outbox.deliver()
        assert (done.sent, done.failed) == (0, 0)
        assert done.again > 0
    assert conditions.mail().word == "ok"  # tried, and not late yet
    with running(port, tmp_path):
        (tmp_path / "refuse").touch()
        assert outbox.deliver().sent == 0
        assert ids(tmp_path) == Counter()
        (tmp_path / "refuse").unlink()
        call_command("send_mail")
        call_command("send_mail")
    assert ids(tmp_path) == Counter(dict.fromkeys(sent, 1))
    assert Email.objects.exclude(status=STATUS.sent).count() == 0
    message = taken(tmp_path)[0]
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]


def test_an_answer_that_is_lost_makes_a_second_copy_with_the_same_id(
    city: City, port: int, tmp_path: Path
) -> None:
    sent = post([city.dana], 1)
    with running(port, tmp_path):
        (tmp_path / "mute").touch()
        assert outbox.deliver().again == 1
        (tmp_path / "mute").unlink()
        assert outbox.deliver().sent == 1
    assert ids(tmp_path) == Counter(dict.fromkeys(sent, 2))


def test_what_is_given_up_is_surfaced_and_can_be_sent_again(
    city: City, port: int, tmp_path: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.POST_OFFICE = {**settings.POST_OFFICE, "MAX_RETRIES": 1}
    sent = post([city.dana], 1)
    outbox.deliver()
    assert outbox.deliver().failed == 1
    assert conditions.mail().word == "failed"
    call_command("send_mail", again=True)
    with pytest.raises(SystemExit):
        call_command("send_mail")
    with running(port, tmp_path):
        call_command("send_mail", again=True)
    assert ids(tmp_path) == Counter(dict.fromkeys(sent, 1))
    assert conditions.mail().word == "ok"


# Kill -9


def _kill_after(act: Callable[[], Any]) -> Callable[[], str]:
    def job() -> str:
        act()
        os.kill(os.getpid(), signal.SIGKILL)
        return "unreachable"

    return job


def test_killed_between_commit_and_mail_loses_none(city: City, port: int, tmp_path: Path) -> None:
    deposited(city.helen, open_account(city.dana, city.zoo))
    clerk, helen = city.carla.pk, city.helen.pk

    def separate() -> None:
        people.separate(
            actor=Employee.objects.get(pk=clerk),
            employee=Employee.objects.get(pk=helen),
            last_day=clock.today(),
            reason="Left",
        )

    (answer,) = together([_kill_after(separate)])
    assert answer.startswith("failed: no answer")
    city.helen.refresh_from_db()
    assert not city.helen.is_active
    with running(port, tmp_path):
        outbox.deliver()
    arrived = taken(tmp_path)
    assert {message["To"] for message in arrived} == {city.dana.email, city.marcus.email, city.sam.email}
    assert all("has left; @HutchZoo on X" in " ".join(str(message["Subject"]).split()) for message in arrived)


def test_killed_before_the_commit_leaves_neither_act_nor_mail(city: City, port: int) -> None:
    dana = city.dana.pk

    def unfinished() -> None:
        with act():
            outbox.post(to=[Employee.objects.get(pk=dana)], subject="Act", text="x", at_once=True)
            os.kill(os.getpid(), signal.SIGKILL)

    (answer,) = together([_kill_after(unfinished)])
    assert answer.startswith("failed: no answer")
    assert not Email.objects.exists()


def _send_in_a_child() -> None:
    _forget_inherited_connections()
    outbox.deliver()
    connections.close_all()


def _kill_while_sending(city: City, port: int, folder: Path, *, kills: int) -> tuple[int, int]:
    """Mails, and copies beyond the first, after so many senders were killed at work."""
    sent = post([city.dana, city.helen, city.marcus, city.mona], kills * 3)
    with running(port, folder):
        for kill in range(kills):
            goal = count(folder) + 1 + kill * 7 % 13  # within the first batch, at its end, within a later one
            connections.close_all()
            child = FORK.Process(target=_send_in_a_child, daemon=True)
            child.start()
            deadline = time.monotonic() + 20
            while count(folder) < goal and child.is_alive():
                assert time.monotonic() < deadline
                time.sleep(0.002)
            assert child.pid is not None
            child.kill()
            child.join()
        deadline = time.monotonic() + 300
        while Email.objects.exclude(status=STATUS.sent).exists():
            assert time.monotonic() < deadline
            outbox.deliver()
    arrived = ids(folder)
    lost, strange = sent - set(arrived), set(arrived) - sent
    assert (len(lost), len(strange)) == (0, 0), "a mail was lost, or came under another Message-ID"
    return len(sent), arrived.total() - len(sent)


def test_killed_while_sending_loses_none(city: City, port: int, tmp_path: Path) -> None:
    _kill_while_sending(city, port, tmp_path, kills=6)


@pytest.mark.soak
def test_killed_while_sending_two_hundred_times(city: City, port: int, tmp_path: Path) -> None:
    mails, copies = _kill_while_sending(city, port, tmp_path, kills=200)
    print(f"{mails} mails, none lost, {copies} second copies under the same Message-ID")
