"""The policy as residents read it: in force, earlier, coming, and what changed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from audit import clock
from employees import changes, clauses, policy
from tests.cast import City

pytestmark = pytest.mark.django_db

FIRST = """1. Purpose

1.1 The City uses social media to inform residents.

1.2 It endorses nobody.

2. Community Standards

2.1 These are removed:
(a) profane language
(b) spam
"""
SECOND = (
    FIRST.replace("inform residents", "inform residents and visitors")
    .replace("(b) spam", "(b) spam\n(c) threats")
    .replace("1.2 It endorses nobody.\n\n", "")
)


def publish(city: City, text: str, days: int) -> None:
    policy.publish_policy(
        actor=city.dana,
        title="Social Media Policy",
        text=text,
        effective=clock.today() + timedelta(days=days),
    )


def page_of(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, address
    return response.content.decode()


def test_the_policy_in_force_is_read_with_anchors_and_a_short_address(city: City, client: Client) -> None:
    assert "not published here yet" in page_of(client, "/policy/")
    publish(city, FIRST, 0)
    publish(city, SECOND, 30)
    page = page_of(client, "/policy/")
    assert 'id="community-standards"' in page
    assert 'href="#community-standards"' in page
    assert 'id="clause-2-1-a"' in page
    assert "inform residents and visitors" not in page
    assert "In force since" in page
    assert "Takes effect on" in page_of(client, "/policy/2/")
    moved = client.get("/p")
    assert (moved.status_code, moved["Location"]) == (301, "/policy/")
    assert "testserver/p" in page
    page_of(client, "/policy/3/", 404)


def test_what_changed_is_shown_word_by_word(city: City, client: Client) -> None:
    publish(city, FIRST, -10)
    publish(city, SECOND, 0)
    page = page_of(client, "/policy/2/changes/")
    assert "<ins>and visitors.</ins>" in page or "and visitors" in page
    assert "<del>It endorses nobody.</del>" in page
    assert "<ins>threats</ins>" in page
    assert "profane language" not in page
    page_of(client, "/policy/1/changes/", 404)
    assert 'href="/policy/2/changes/"' in page_of(client, "/policy/")


def test_a_version_does_not_differ_from_itself() -> None:
    sections = clauses.read(FIRST)
    assert changes.between(sections, sections) == []
    assert [one.kind for one in changes.between([], sections)] == ["added"] * 5
    assert [one.kind for one in changes.between(sections, [])] == ["removed"] * 5
