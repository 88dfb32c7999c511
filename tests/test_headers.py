"""What every answer carries, whoever asks for whatever; and what production settings add."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpResponse

from tests.permission_scene import Scene
from tests.permission_table import TABLE
from tests.test_permission_matrix import answer_of, no_pages, plain, things

__all__ = ["no_pages"]
ROOT = Path(__file__).resolve().parent.parent
WALKERS = ("anonymous", "helen", "dana", "rex")


@pytest.fixture
def scene(scene: Scene) -> Scene:
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
    return scene


def answers(scene: Scene, who: str) -> Iterator[tuple[str, HttpResponse]]:
    client = plain(scene, who)
    for row in TABLE:
        for of in ("zoo", "missing") if who == "rex" and "{" in row.address else ("zoo",):
            named = things(scene, of)
            address = row.address.format_map(named)
            data = {name: value.format_map(named) for name, value in row.data.items()}
            yield f"GET {address}", answer_of(client, "get", address, {})
            yield f"POST {address}", answer_of(client, "post", address, data)


def faults(response: HttpResponse, *, signed_in: bool) -> list[str]:
    """Which headers are missing or weak."""
    policy = dict(
        part.strip().partition(" ")[::2]
        for part in response.headers.get("Content-Security-Policy", "").split(";")
    )
    # A file that is saved, not shown, gets the one policy that is stricter.
    saved = response.headers.get("Content-Disposition", "").startswith("attachment")
    stricter = saved and policy.get("default-src") == "'none'" and "sandbox" in policy
    good = {
        "default-src": policy.get("default-src") == "'self'" or stricter,
        "frame-ancestors": policy.get("frame-ancestors") == "'none'",
        "unsafe": "unsafe" not in str(policy),
        "other hosts": not any("://" in sources or "*" in sources for sources in policy.values()),
        "X-Frame-Options": response.headers.get("X-Frame-Options") == "DENY",
        "nosniff": response.headers.get("X-Content-Type-Options") == "nosniff",
        "Referrer-Policy": response.headers.get("Referrer-Policy") in ("same-origin", "no-referrer"),
        "Cross-Origin-Opener-Policy": response.headers.get("Cross-Origin-Opener-Policy") == "same-origin",
        "no-store": not signed_in or "no-store" in response.headers.get("Cache-Control", ""),
    }
    return [name for name, holds in good.items() if not holds]


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.soak)])
@pytest.mark.parametrize("who", WALKERS)
def test_headers_of_every_answer(scene: Scene, who: str, whole: bool, no_pages: Callable[[], None]) -> None:
    """No template sets a header: the bounded run asks for as much as the long one, and draws no pages."""
    if not whole:
        no_pages()
    wrong = []
    for asked, response in answers(scene, who):
        found = faults(response, signed_in=who != "anonymous")
        wrong += [f"{asked}: {', '.join(found)}"] if found else []
    assert wrong == []


def production(tmp_path: Path) -> dict[str, str]:
    keys = tmp_path / "vault.keys"
    keys.write_bytes(Fernet.generate_key() + b"\n")
    keys.chmod(0o600)
    mine = (
        "DJANGO_ALLOW_ASYNC_UNSAFE",
        "DJANGO_SETTINGS_MODULE",
        "TESTING",
        "DEBUG",
        "SECURE_SSL",
        "SECRET_KEY",
        "DATABASE_URL",
    )
    inherited = {name: value for name, value in os.environ.items() if name not in mine}
    return {
        **inherited,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEBUG": "false",
        "SECURE_SSL": "true",
        "TESTING": "false",
        "SECRET_KEY": "a0-B1_c2" * 8 + "for-this-test-only",
        "VAULT_KEYS_FILE": str(keys),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "ALLOWED_HOSTS": "accounts.example",
        "EMAIL_URL": "smtp://localhost:25",
    }


LOOK = """
import django, json
django.setup()
from django.conf import settings
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.test import Client
plain = Client().get("/healthz", HTTP_HOST="accounts.example")
client = Client(enforce_csrf_checks=True)
page = client.get("/healthz", secure=True, HTTP_HOST="accounts.example")
names = ("SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT")
print(json.dumps({
    "redirect": [plain.status_code, plain.headers.get("Location")],
    "hsts": page.headers.get("Strict-Transport-Security"),
    "settings": {name: getattr(settings, name) for name in names},
    "silenced": settings.SILENCED_SYSTEM_CHECKS,
}))
"""


def run(tmp_path: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=production(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_production_sends_hsts_and_secure_cookies(tmp_path: Path) -> None:
    told: dict[str, Any] = json.loads(run(tmp_path, "-c", LOOK).splitlines()[-1])
    assert told["redirect"] == [301, "https://accounts.example/healthz"]
    assert told["hsts"] == "max-age=31536000; includeSubDomains; preload"
    assert all(told["settings"].values())
    assert told["silenced"] == []


def test_the_deployment_check_finds_nothing_and_silences_nothing(tmp_path: Path) -> None:
    said = run(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert "no issues (0 silenced)" in said


def test_the_policy_in_the_settings_is_strict() -> None:
    assert settings.CONTENT_SECURITY_POLICY["default-src"] == "'self'"
    assert "unsafe" not in str(settings.CONTENT_SECURITY_POLICY)
