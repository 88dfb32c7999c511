"""The policy's versions, its clauses, and who acknowledged it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from audit import clock
from audit.errors import Invalid, NotPermitted, Refused, Stale
from audit.verification import verify
from employees import clauses, policy
from employees.models import Acknowledgement, PolicyVersion
from tests.cast import City, client_of

pytestmark = pytest.mark.django_db

TEXT = """1. Approval

1.1 No account without approval.

2. Community Standards

2.1 The following is removed:
(a) profane content
(b) spam
"""
DAY = date(2026, 1, 1)


def publish(city: City, text: str = TEXT, effective: date = DAY) -> PolicyVersion:
    return policy.publish_policy(actor=city.dana, title="Social Media Policy", text=text, effective=effective)


# Clauses


def test_numbers_make_the_addresses() -> None:
    approval, standards = clauses.read(TEXT)
    assert (approval.number, approval.title, approval.slug) == ("1", "Approval", "approval")
    assert standards.slug == "community-standards"
    (clause,) = standards.clauses
    assert (clause.number, clause.anchor) == ("2.1", "clause-2-1")
    assert [(item.anchor, item.text) for item in clause.items] == [
        ("clause-2-1-a", "profane content"),
        ("clause-2-1-b", "spam"),
    ]


def test_a_text_without_numbers_is_numbered() -> None:
    """As policies are written: a title, headings, paragraphs, bullets."""
    text = (
        "Social Media Policy\n\nOverview\n\nThe City uses social media.\nIt began in 2009.\n\nA second thought.\n\n"
        "Administrative Policy\n\n  • Use is subject to approval.\n  • Branding shall be used.\n\n"
        "Community Standards\n\nThe following shall be removed:\n\n  • Profane language\n  - Spam\n\nYou agree."
    )
    overview, rules, standards = clauses.read(text)
    assert [section.number for section in (overview, rules, standards)] == ["1", "2", "3"]
    assert [clause.text for clause in overview.clauses] == [
        "The City uses social media. It began in 2009.",
        "A second thought.",
    ]
    assert [(clause.number, clause.text) for clause in rules.clauses] == [
        ("2.1", "Use is subject to approval."),
        ("2.2", "Branding shall be used."),
    ]
    assert [item.anchor for item in standards.clauses[0].items] == ["clause-3-1-a", "clause-3-1-b"]
    assert standards.clauses[1].number == "3.2"


def test_what_stands_before_the_first_heading_is_kept() -> None:
    preamble, rules = clauses.read("Adopted by the City Council, and binding.\n\nRules\n\nBe kind.")
    assert (preamble.number, preamble.slug, preamble.clauses[0].number) == ("", "preamble", "0.1")
    assert rules.clauses[0].number == "1.1"


def test_thirty_bullets_have_thirty_addresses() -> None:
    (section,) = clauses.read("Rules\n\nRemoved:\n" + "\n".join(f"- thing {n}" for n in range(30)))
    letters = [item.letter for item in section.clauses[0].items]
    assert letters[25:28] == ["z", "aa", "bb"]
    assert clauses.repeated([section]) == []


def test_the_demonstration_policy_reads_well() -> None:
    text = Path("config/demonstration/policy.txt").read_text(encoding="utf-8")
    sections = clauses.read(text)
    assert [section.number for section in sections] == ["1", "2", "3", "4", "5"]
    assert len(next(one for one in sections if one.slug == "community-standards").clauses[1].items) == 15
    assert clauses.repeated(sections) == []


# Versions


def test_the_version_in_force_is_the_latest_whose_day_has_come(city: City) -> None:
    first = publish(city)
    later = publish(city, TEXT + "\n2.2 Be kind.\n", clock.today() + timedelta(days=10))
    assert (first.number, later.number) == (1, 2)
    assert policy.in_force() == first
    assert policy.coming() == later
    with clock.moved_to(clock.now() + timedelta(days=11)):
        assert policy.in_force() == later


def test_only_the_pi_director_publishes_and_nothing_unreadable(city: City) -> None:
    with pytest.raises(NotPermitted):
        policy.publish_policy(actor=city.helen, title="P", text=TEXT, effective=DAY)
    with pytest.raises(Invalid, match="no clause"):
        publish(city, "Title alone")
    with pytest.raises(Invalid, match="same number"):
        publish(city, "1. One\n\n1.1 a.\n\n1.1 b.")
    publish(city)
    with pytest.raises(Refused, match="word for word"):
        publish(city)
    with pytest.raises(Invalid, match="cannot begin before"):
        publish(city, TEXT + "\n2.2 Be kind.", DAY - timedelta(days=1))
    assert PolicyVersion.objects.count() == 1


def test_nothing_published_is_changed_and_the_ledger_tells_it(city: City) -> None:
    version = publish(city)
    policy.acknowledge(actor=city.priya, version=version)
    assert verify().sound
    for table in ("employees_policyversion", "employees_acknowledgement"):
        for statement in (f"UPDATE {table} SET id = id + 1", f"DELETE FROM {table}"):
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute(statement)


def test_the_command_publishes_a_file(city: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "policy.txt"
    path.write_text(TEXT, encoding="utf-8")
    call_command("publish_policy", str(path), title="Social Media Policy", effective="2026-01-01")
    assert (
        "version 1 is published, in force from 2026-01-01: 2 sections, 2 clauses." in capsys.readouterr().out
    )
    for options, code in (
        ({"effective": "2026-01-01"}, 1),
        ({"effective": "yesterday"}, 2),
        ({"effective": "2026-01-02", "by": "nobody@hutch.example"}, 2),
        ({"effective": "2026-01-02", "by": city.helen.email}, 1),
    ):
        with pytest.raises(CommandError) as caught:
            call_command("publish_policy", str(path), title="Social Media Policy", **options)
        assert caught.value.returncode == code
    with pytest.raises(CommandError) as caught:
        call_command("publish_policy", str(tmp_path / "none"), title="P", effective="2026-01-01")
    assert caught.value.returncode == 2


# Acknowledging


def test_reading_and_acknowledging(city: City) -> None:
    client = client_of(city.priya)
    assert "No version of the policy is in force" in client.get("/policy/acknowledge/").text
    version = publish(city)
    page = client.get("/policy/acknowledge/").text
    assert 'id="clause-2-1-b"' in page
    assert "I have read this policy" in page
    answer = client.post("/policy/acknowledge/", {"version": version.pk}, follow=True)
    assert "You acknowledged" in answer.text
    assert "I have read this policy" not in client.get("/policy/acknowledge/").text
    client.post("/policy/acknowledge/", {"version": version.pk})
    assert Acknowledgement.objects.count() == 1
    assert policy.has_acknowledged(city.priya)


def test_an_older_version_is_not_acknowledged_in_place_of_the_one_in_force(city: City) -> None:
    old = publish(city)
    policy.acknowledge(actor=city.priya, version=old)
    publish(city, TEXT + "\n2.2 Be kind.")
    with pytest.raises(Stale):
        policy.acknowledge(actor=city.joel, version=old)
    assert not policy.has_acknowledged(city.priya)
    page = client_of(city.joel).post("/policy/acknowledge/", {"version": old.pk}, follow=True)
    assert "Another version of the policy is in force by now" in page.text


def test_who_has_is_asked_in_two_queries(city: City, django_assert_num_queries: object) -> None:
    version = publish(city)
    policy.acknowledge(actor=city.priya, version=version)
    with django_assert_num_queries(2):  # type: ignore[operator]
        found = policy.acknowledged([*city.people, *city.people])
    assert found[city.priya.pk] is not None
    assert found[city.joel.pk] is None


def test_directors_see_who_has_not(city: City, django_assert_max_num_queries: Any) -> None:
    version = publish(city)
    policy.acknowledge(actor=city.helen, version=version)
    client = client_of(city.dana)
    with django_assert_max_num_queries(30):
        page = client.get("/policy/acknowledged/").text
    assert "have not acknowledged version 1 yet" in page
    assert page.count("Acknowledged</span>") == 1
    own = client_of(city.helen).get("/policy/acknowledged/").text
    assert "All 1 have acknowledged version 1." in own
    assert "Dana Whitfield" not in own.split("<main")[1]
