"""What every page carries, and what a browser is given."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import Client, override_settings

from audit import clock
from config import context


def test_the_policy_allows_nothing_inline_and_no_other_host(client: Client) -> None:
    policy = client.get("/login/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_headers_of_every_answer(client: Client) -> None:
    answer = client.get("/login/")
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db
def test_who_carries_a_session_is_never_cached(client: Client) -> None:
    client.cookies[settings.SESSION_COOKIE_NAME] = "whatever"
    assert "no-store" in client.get("/login/")["Cache-Control"]


def test_a_visitor_without_a_session_may_be_served_from_a_cache(client: Client) -> None:
    assert "no-store" not in client.get("/nowhere/").headers.get("Cache-Control", "")


@pytest.mark.parametrize("name", ["400.html", "403_csrf.html", "500.html"])
def test_error_pages_need_no_request(name: str) -> None:
    assert "City of Hutchinson" in render_to_string(name)


@pytest.mark.parametrize("path", ["/login/", "/password/reset/", "/nowhere/"])
def test_a_page_has_one_heading_and_a_language(client: Client, path: str) -> None:
    page = client.get(path).content.decode()
    assert page.count("<h1") == 1
    assert '<html lang="en-us">' in page


@pytest.mark.parametrize(
    ("here", "url", "more", "within"),
    [
        ("/", "/", ("/accounts/",), True),
        ("/accounts/3/", "/", ("/accounts/",), True),
        ("/verify/", "/", ("/accounts/",), False),
        ("/requests/7/", "/requests/", (), True),
        ("/people/3/leaving/", "/access/", ("/people/",), True),
    ],
)
def test_where_one_is(here: str, url: str, more: tuple[str, ...], within: bool) -> None:
    assert context.is_within(here, url, more) is within


def test_production_collects_only_what_uswds_pages_use(tmp_path: Path) -> None:
    hashed = {**settings.STORAGES, "staticfiles": {"BACKEND": "config.static.HashedStaticFilesStorage"}}
    with override_settings(STATIC_ROOT=tmp_path, STORAGES=hashed):
        call_command("collectstatic", verbosity=0, interactive=False)
    assert (tmp_path / "staticfiles.json").is_file()
    uswds = [path for path in (tmp_path / "uswds").rglob("*") if path.is_file()]
    assert 20 < len(uswds) < 400
    assert not [path for path in uswds if path.suffix in {".scss", ".map", ".ts"}]


def test_uswds_files_that_no_page_uses_are_not_served() -> None:
    assert finders.find("uswds/css/uswds.min.css")
    assert not finders.find("uswds/scss/uswds.scss")


NOW = datetime(2026, 11, 23, 20, 10, tzinfo=UTC)


def shown(template: str, value: object) -> str:
    with clock.moved_to(NOW):
        return Template("{% load oa %}" + template).render(Context({"value": value}))


def test_times_are_in_the_citys_zone() -> None:
    assert ">Nov 23, 2026, 2:10 p.m.</time>" in shown("{{ value|when }}", NOW)
    assert shown("{{ value|when }}", date(2026, 11, 23)) == '<time datetime="2026-11-23">Nov 23, 2026</time>'
    assert ">Nov 22, 2026<" in shown("{{ value|day }}", datetime(2026, 11, 23, 3, 0, tzinfo=UTC))
    assert shown("{{ value|when }}", None) == ""


@pytest.mark.parametrize(
    ("days", "says"),
    [
        (0, "today"),
        (1, "yesterday"),
        (3, "3 days ago"),
        (196, "196 days ago"),
        (365 * 11 + 3, "11 years ago"),
        (-1, "tomorrow"),
        (-11, "in 11 days"),
    ],
)
def test_ago(days: int, says: str) -> None:
    assert shown("{{ value|ago }}", NOW.date() - timedelta(days=days)) == says


def test_days() -> None:
    assert shown("{{ value|days }}", 1) == "1 day"
    assert shown("{{ value|days }}", timedelta(days=10)) == "10 days"
    assert shown("{{ value|days }}", NOW - timedelta(days=4)) == "4 days"


class Asked(forms.Form):
    purpose = forms.CharField(help_text="In one sentence.")
    kind = forms.ChoiceField(choices=[("new", "New")], widget=forms.RadioSelect)
    until = forms.DateField(required=False)


def test_a_form_is_uswds_and_tells_what_is_wrong() -> None:
    page = str(Asked({}))
    assert 'class="usa-input"' in page
    assert 'class="usa-radio__input"' in page
    assert '<input type="date"' in page
    assert 'aria-describedby="id_purpose_helptext id_purpose_error"' in page
    assert 'id="id_purpose_error"' in page
    assert "usa-error-message" in page
