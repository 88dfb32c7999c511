"""What one holds, one credential, its reveal and its deposit, through the pages."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.core.signals import got_request_exception
from django.test import Client
from django.urls import reverse
from django.views.debug import ExceptionReporter

from accounts.models import Account
from audit.actions import Verb
from audit.models import Entry
from credentials.models import Credential, CredentialUserObjectPermission, Ground, Knowledge, SecretVersion
from employees import services as people
from employees.models import Employee
from tests.cast import PASSWORD, City, client_of, enrol
from tests.credentials.accounts import LOGIN, SECRET, deposited, open_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def zoo(city: City) -> Credential:
    """@HutchZoo on X with its first password in the vault, set by Helen."""
    return deposited(city.helen, open_account(city.dana, city.zoo))


def at(name: str, credential: Credential) -> str:
    return reverse(f"credentials:{name}", args=[credential.pk])


def reveal(person: Employee, credential: Credential) -> Any:
    return client_of(person).post(at("reveal", credential))


def test_reveal_shows_login_and_password_and_is_recorded_first(city: City, zoo: Credential) -> None:
    answer = reveal(city.helen, zoo)
    assert answer.status_code == 200
    assert SECRET in answer.text
    assert LOGIN in answer.text
    assert 'data-hide-after="60"' in answer.text
    entry = Entry.objects.get(verb=Verb.SECRET_REVEAL)
    assert entry.actor_id == str(city.helen.pk)
    assert Knowledge.objects.filter(person=city.helen, how=Knowledge.How.REVEAL).count() == 1


def test_reveal_is_kept_nowhere_and_sends_no_address(city: City, zoo: Credential) -> None:
    answer = reveal(city.helen, zoo)
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"


def test_without_a_second_factor_of_these_minutes_nothing_is_revealed_or_recorded(
    city: City, zoo: Credential
) -> None:
    enrol(city.helen)
    client = client_of(city.helen, factor="stale")
    answer = client.post(at("reveal", zoo))
    assert answer["Location"] == f"/login/factor/reauthenticate/?next=%2Fcredentials%2F{zoo.pk}%2F"
    assert "Nothing was done yet." in client.get(answer["Location"]).text
    assert not Entry.objects.filter(verb=Verb.SECRET_REVEAL).exists()


def test_reveal_only_by_post(city: City, zoo: Credential) -> None:
    answer = client_of(city.helen).get(at("reveal", zoo))
    assert (answer.status_code, answer["Location"]) == (302, at("credential", zoo))
    assert not Entry.objects.filter(verb=Verb.SECRET_REVEAL).exists()


def test_reveal_wants_the_permission(city: City, zoo: Credential) -> None:
    CredentialUserObjectPermission.objects.filter(user=city.helen).delete()
    answer = reveal(city.helen, zoo)
    assert answer.status_code == 403
    assert SECRET not in answer.text


def test_reveal_wants_the_ground_in_force(city: City, zoo: Credential) -> None:
    """The permission stands, the ground ran out: a late daily run lengthens nobody's access."""
    from audit import clock

    Ground.objects.filter(custody__person=city.helen).update(effective_until=clock.now())
    assert CredentialUserObjectPermission.objects.filter(user=city.helen).exists()
    assert reveal(city.helen, zoo).status_code == 404
    assert not Entry.objects.filter(verb=Verb.SECRET_REVEAL).exists()


@pytest.mark.parametrize("first", ["noah", "rex", "olive", "joel"])
def test_for_others_the_credential_is_not_there(city: City, zoo: Credential, first: str) -> None:
    """Nobody bypasses: for the superuser without a seat it is not there either."""
    person = getattr(city, first)
    for name in ("credential", "deposit", "report", "told", "rotate", "rotation_cancel"):
        assert client_of(person).get(at(name, zoo)).status_code == 404, name
    assert reveal(person, zoo).status_code == 404


@pytest.mark.parametrize("first", ["sam", "eleanor", "carla", "tom", "mona"])
def test_who_only_sees_the_page_is_shown_no_password(city: City, zoo: Credential, first: str) -> None:
    person = getattr(city, first)
    page = client_of(person).get(at("credential", zoo))
    assert page.status_code == 200
    assert "Reveal the password" not in page.text
    answer = reveal(person, zoo)
    assert answer.status_code == 403
    assert SECRET not in answer.text


def test_strangers_are_sent_to_sign_in(city: City, zoo: Credential) -> None:
    assert Client().get(at("credential", zoo))["Location"].startswith("/login/")
    assert Client().post(at("reveal", zoo)).status_code == 302


def test_the_page_says_who_knows_and_who_without_authority(city: City, zoo: Credential) -> None:
    reveal(city.dana, zoo)
    page = client_of(city.helen).get(at("credential", zoo)).text
    assert "2 people know version 1, nobody without authority." in page
    people.separate(actor=city.carla, employee=city.helen, last_day=_today(), reason="moved away")
    page = client_of(city.dana).get(at("credential", zoo)).text
    assert "2 people know version 1, one of them without authority." in page
    assert "Without authority" in page
    assert "has left the City" in page
    assert "A rotation is due" in page


def _today() -> Any:
    from audit import clock

    return clock.today()


def test_a_gap_is_shown(city: City) -> None:
    account = open_account(city.dana, city.fire, "HutchFire")
    page = client_of(city.dana).get(at("credential", account.credential))
    assert "Gap" in page.text
    assert "Director of Fire Department, or a designee" in page.text
    assert "It is the turn of Fire Department or Information Technology." in page.text


def test_a_broken_vault_is_said_honestly(city: City, zoo: Credential, settings: Any, tmp_path: Path) -> None:
    settings.VAULT_KEYS_FILE = str(tmp_path / "gone.keys")
    for person, is_told in ((city.helen, False), (city.marcus, True)):
        answer = reveal(person, zoo)
        assert answer.status_code == 503
        assert SECRET not in answer.text
        assert "No password was shown" in answer.text
        assert ("gone.keys" in answer.text) is is_told


def test_deposit_activates_an_account_that_is_being_set_up(city: City) -> None:
    account = open_account(city.dana, city.zoo)
    client, credential = client_of(city.helen), account.credential
    page = client.get(at("deposit", credential))
    assert "version 1 is current" in page.text
    answer = client.post(at("deposit", credential), {"login": LOGIN, "password": SECRET}, follow=True)
    assert "The account is active now." in answer.text
    assert Account.objects.get(pk=account.pk).state == Account.State.ACTIVE
    assert SECRET not in answer.text
    assert SECRET in reveal(city.dana, credential).text


def test_a_refused_deposit_never_gives_the_password_back(city: City) -> None:
    credential = open_account(city.dana, city.zoo).credential
    tabbed = {"login": LOGIN, "password": "Kurz7!\tand-more"}
    answer = client_of(city.helen).post(at("deposit", credential), tabbed)
    assert answer.status_code == 200
    assert "control character" in answer.text
    assert LOGIN in answer.text
    assert "Kurz7!" not in answer.text
    assert not SecretVersion.objects.exists()


def test_who_may_not_deposit_is_told_so(city: City, zoo: Credential) -> None:
    answer = client_of(city.eleanor).post(at("deposit", zoo), {"login": LOGIN, "password": SECRET + "2"})
    assert answer.status_code == 403
    assert SecretVersion.objects.count() == 1


def test_mine_lists_what_one_holds(city: City, zoo: Credential) -> None:
    open_account(city.dana, city.zoo, "HutchZooKids", "instagram")
    open_account(city.dana, city.zoo, "HutchinsonZoo", "facebook")
    page = client_of(city.helen).get(reverse("credentials:mine")).text
    assert "You hold 3 accounts: 2 by a shared login, 1 by a role on the platform" in page
    assert "Version 1" in page
    assert "Not yet deposited" in page
    assert "Not confirmed yet" in page
    assert "Open the queue" not in page
    page = client_of(city.dana).get(reverse("credentials:mine") + "?q=kids").text
    assert "@HutchZooKids" in page


def test_mine_is_empty_with_a_reason(city: City, zoo: Credential) -> None:
    page = client_of(city.noah).get(reverse("credentials:mine")).text
    assert "You hold no account today." in page
    assert "no office, designation or approved request" in page


def test_nothing_of_the_vault_is_in_the_admin() -> None:
    assert not [model for model in admin.site._registry if model._meta.app_label == "credentials"]


def test_no_report_of_an_error_holds_a_value(
    city: City, zoo: Credential, settings: Any, tmp_path: Path
) -> None:
    """The page breaks after the secret was opened: neither it nor the sign-in password is in the report."""
    broken = tmp_path / "credentials" / "revealed.html"
    broken.parent.mkdir()
    broken.write_text("{% no_such_tag %}")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}]
    reports: list[str] = []

    def keep(sender: Any, request: Any, **_: Any) -> None:
        reports.append(ExceptionReporter(request, *sys.exc_info()).get_traceback_html())

    client = client_of(city.helen)
    client.raise_request_exception = False
    got_request_exception.connect(keep)
    try:
        answer = client.post(at("reveal", zoo))
    finally:
        got_request_exception.disconnect(keep)
    assert answer.status_code == 500
    assert "no_such_tag" in reports[0]
    assert SECRET not in reports[0]
    assert PASSWORD not in reports[0]
