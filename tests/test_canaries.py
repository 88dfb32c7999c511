"""Planted secrets are found in the body of a reveal and of a rotation's showing, and nowhere else.

Looked through: every page that a GET reaches, for each of the cast; logs at DEBUG; the admin's history; mails; exports;
sessions; a dump of every row of every table; the page of a crash with DEBUG on.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from pytest_django.fixtures import Settings

from accounts.models import Account
from audit import clock
from audit.models import Entry
from credentials import codes, notes, rotation, vault
from credentials.models import Credential
from employees import services as people
from employees.models import Employee
from tests.cast import PASSWORD, City, client_of
from tests.credentials.accounts import deposited, open_account, rotated

pytestmark = pytest.mark.django_db

FIRST = "canary-first-Zx81!"
SECOND = "canary-second-Qw93?"
SEED = "CANARYSEEDCANARYSEEDCANARYSEED22"
CODES = ("canary-code-1", "canary-code-2", "canary-code-3")
ANSWER = "canary-answer-77"
NOTES = "canary-notes-of-the-zoo"


class Secrets(list[str]):
    """Passwords whose representation a failing test may print."""

    def __repr__(self) -> str:
        return f"{len(self)} secrets"


Planted = tuple[Credential, Secrets]


@pytest.fixture
def planted(city: City) -> Planted:
    """A credential that has seen deposits, reveals and rotations, one of them open, and all its passwords."""
    credential = deposited(city.helen, open_account(city.dana, city.zoo), FIRST)
    vault.deposit(actor=city.helen, credential=credential, login="zoo-login", value=SECOND)
    vault.reveal(actor=city.dana, credential=credential)
    for kind, typed in (
        ("totp_seed", SEED),
        ("recovery_codes", "\n".join(CODES)),
        ("security_answers", f"First pet = {ANSWER}"),
    ):
        vault.deposit_item(actor=city.helen, credential=credential, kind=kind, typed=typed)
    notes.write(actor=city.helen, credential=credential, text=NOTES)
    codes.take(actor=city.dana, credential=credential)
    rotated(city.sam, credential)
    started = rotation.start(actor=city.sam, credential=credential)
    shown = rotation.show(actor=city.sam, rotation=started)
    people.separate(actor=city.carla, employee=city.helen, last_day=clock.today(), reason="Left")
    return credential, Secrets([FIRST, SECOND, SEED, *CODES, ANSWER, NOTES, *(one.value for one in shown)])


def found_in(text: str, secrets: list[str]) -> list[int]:
    """Places in `secrets` of those that stand in `text`: never the secrets themselves, which a failure would print."""
    return [place for place, secret in enumerate(secrets) if secret in text or escape(secret) in text]


def addresses(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, int]]:
    """Name and number of arguments of every named address."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            space = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from addresses(pattern.url_patterns, space)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{prefix}{pattern.name}", len(pattern.pattern.converters)


def every_page(values: list[Any]) -> list[str]:
    """Every address without an argument, and those with one for each of `values` that fits."""
    found = set()
    for name, arguments in addresses(get_resolver().url_patterns):
        for chosen in values if arguments else [None]:
            with suppress(NoReverseMatch):
                found.add(reverse(name, args=[chosen] * arguments))
    return sorted(found)


def test_no_page_shows_a_secret_to_anybody(
    city: City, planted: Planted, caplog: pytest.LogCaptureFixture
) -> None:
    credential, secrets = planted
    pages = every_page(
        [credential.pk, credential.account_id, city.helen.pk, city.priya.pk, Entry.objects.count()]
    )
    assert reverse("credentials:credential", args=[credential.pk]) in pages
    assert len(pages) > 40
    seen = 0
    with caplog.at_level(logging.DEBUG):
        for person in (None, city.dana, city.sam, city.eleanor, city.carla, city.rex):
            client = Client(raise_request_exception=False) if person is None else client_of(person)
            for page in pages:
                response = client.get(page)
                body = b"".join(response) if response.streaming else response.content
                text = body.decode(errors="replace") + str(response.headers)
                assert found_in(text, secrets) == [], f"{person} {page}"
                seen += response.status_code == 200
    assert seen > 60
    assert found_in(caplog.text, secrets) == []


def test_the_reveal_shows_it_and_leaves_no_trace(
    city: City,
    planted: Planted,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    credential, secrets = planted
    client = client_of(city.dana)
    with caplog.at_level(logging.DEBUG):
        revealed = client.post(reverse("credentials:reveal", args=[credential.pk]), follow=True)
    assert found_in(revealed.content.decode(), secrets) != []
    assert "no-store" in revealed.headers["Cache-Control"]
    assert found_in(caplog.text, secrets) == []
    assert found_in("".join(str(message.message()) for message in mail.outbox), secrets) == []
    for form in ("csv", "jsonl"):
        path = tmp_path / f"export.{form}"
        call_command("export_access_history", format=form, output=str(path))
        assert found_in(path.read_text(), secrets) == []
    path = tmp_path / "ledger"
    call_command("export_ledger", output=str(path))
    assert found_in(path.read_text(), secrets) == []
    call_command("holders", account=str(credential.account_id))
    call_command("check_vault")
    printed = capsys.readouterr()
    assert found_in(printed.out + printed.err, secrets) == []


def test_no_row_of_any_table_holds_a_secret(city: City, planted: Planted) -> None:
    _credential, secrets = planted
    tables = connection.introspection.table_names()
    assert "django_admin_log" in tables
    assert "django_session" in tables
    dump = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                dump.append(" ".join(_text(value) for value in row))
    assert len(dump) > 100
    assert found_in("\n".join(dump), secrets) == []


def _text(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode(errors="replace")
    return str(value)


def test_no_object_spells_a_secret(city: City, planted: Planted) -> None:
    _credential, secrets = planted
    spelt = [f"{row!s} {row!r}" for model in apps.get_models() for row in model._default_manager.all()[:200]]
    assert len(spelt) > 100
    assert found_in("\n".join(spelt), secrets) == []


SHOWINGS = {
    "reveal": "revealed",
    "code": "credentials/code",
    "recovery_code": "recovery_code",
    "security_answers": "answers",
    "notes": "notes",
    "rotation_show": "rotation_shown",
    "rotation_kept": "kept",
}
"""Addresses that show a secret, and a part of their templates' names."""


def test_each_kind_is_in_the_body_of_its_showing_and_in_no_session_or_cache(
    city: City, planted: Planted, caplog: pytest.LogCaptureFixture
) -> None:
    credential, secrets = planted
    found: dict[str, set[int]] = {}
    with caplog.at_level(logging.DEBUG):
        for name in SHOWINGS:
            person = city.sam if name.startswith("rotation") else city.dana
            client = client_of(person)
            answer = client.post(reverse(f"credentials:{name}", args=[credential.pk]))
            assert answer.status_code == 200, name
            assert "no-store" in answer["Cache-Control"], name
            assert found_in(str(answer.headers), secrets) == []
            found[name] = set(found_in(answer.text, secrets))
            assert found_in(str(dict(client.session)), secrets) == [], name
    assert secrets.index(SEED) not in set().union(*found.values()), "the seed is shown nowhere"
    assert found["code"] == set()
    assert found["recovery_code"] == {secrets.index(CODES[1])}, "the next one, and no other"
    assert found["security_answers"] == {secrets.index(ANSWER)}
    assert found["notes"] == {secrets.index(NOTES)}
    assert found["rotation_show"]
    assert found["reveal"]
    from django.core.cache import cache

    assert found_in(repr(getattr(cache, "_cache", {})), secrets) == []
    assert found_in(caplog.text, secrets) == []


@pytest.mark.parametrize("name", SHOWINGS)
@pytest.mark.parametrize("debug", [True, False])
def test_a_crash_in_the_middle_of_a_reveal_shows_no_secret(
    city: City,
    planted: Planted,
    settings: Settings,
    debug: bool,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The template fails while the secret is in its hands: the worst moment there is."""
    from django.template.base import Template

    credential, secrets = planted
    settings.DEBUG = debug
    client = client_of(city.sam if name.startswith("rotation") else city.dana)
    client.raise_request_exception = False
    render = Template.render

    def fail(self: Template, context: Any) -> Any:
        if self.name and SHOWINGS[name] in self.name:
            raise RuntimeError("the disk is full")
        return render(self, context)

    monkeypatch.setattr(Template, "render", fail)
    with caplog.at_level(logging.DEBUG):
        response = client.post(reverse(f"credentials:{name}", args=[credential.pk]))

    assert response.status_code == 500
    assert found_in(response.content.decode(), secrets) == []
    assert found_in(response.content.decode(), [PASSWORD]) == []
    assert found_in(caplog.text, [*secrets, PASSWORD]) == []


def test_without_its_key_the_vault_says_so_and_shows_nothing(
    city: City, planted: Planted, settings: Settings, tmp_path: Path
) -> None:
    credential, secrets = planted
    key = tmp_path / "other.keys"
    key.write_bytes(Fernet.generate_key())
    key.chmod(0o600)
    settings.VAULT_KEYS_FILE = str(key)
    response = client_of(city.dana).post(reverse("credentials:reveal", args=[credential.pk]))
    assert response.status_code == 503
    assert found_in(response.content.decode(), secrets) == []
    assert Account.objects.filter(pk=credential.account_id).exists()
    assert Employee.objects.exists()
