"""The registry in the admin: to read for those with a seat, to attest for the PI Director alone."""

import pytest
from django.test import Client

from accounts.models import Account
from audit.actions import Verb
from audit.models import Entry
from tests.accounts.made import active, imported
from tests.cast import City, client_of, code_of, enrol

pytestmark = pytest.mark.django_db

ATTEST = "/admin/accounts/account/attest/"


def test_lists_are_read_only(city: City) -> None:
    account = active(city, "HutchZoo")
    client = client_of(city.dana)
    lists = ("/admin/accounts/account/", "/admin/accounts/platform/")
    for address in (*lists, f"{lists[0]}{account.pk}/change/", f"{lists[1]}{account.platform_id}/change/"):
        assert client.get(address).status_code == 200, address
    for address in (f"{lists[0]}add/", f"{lists[0]}{account.pk}/delete/", f"{lists[1]}add/"):
        assert client.get(address).status_code == 403, address
    client.post(f"{lists[0]}{account.pk}/change/", {"name": "Changed", "state": "retired"})
    account.refresh_from_db()
    assert (account.name, account.state) == ("Hutch Zoo", "active")


@pytest.mark.parametrize("name", ["noah", "priya", "rex"])
def test_without_a_seat_nothing_is_seen(city: City, name: str) -> None:
    client = client_of(getattr(city, name))
    for address in ("/admin/accounts/account/", "/admin/accounts/platform/", ATTEST):
        assert client.get(address).status_code in (302, 403), address


@pytest.mark.parametrize("name", ["tom", "marcus", "mona", "eleanor", "helen", "rex"])
def test_only_the_pi_director_attests(city: City, name: str) -> None:
    account = imported(city, 1)[0]
    client = client_of(getattr(city, name))
    assert client.get(ATTEST).status_code in (302, 403)
    assert client.post(ATTEST, {"account": account.pk}).status_code in (302, 403)
    assert not Entry.objects.filter(verb=Verb.ACCOUNT_ATTEST).exists()


def test_the_pi_director_attests_what_is_ticked(city: City) -> None:
    accounts = imported(city, 3, agency="Library")
    client = client_of(city.dana)
    page = client.get(ATTEST).content.decode()
    assert "3 imported accounts wait for you" in page
    assert " checked" not in page
    assert "The department has 3 on this platform." in page
    done = client.post(ATTEST, {"account": [account.pk for account in accounts[:2]]}, follow=True)
    assert "2 accounts are attested." in done.content.decode()
    assert set(Account.objects.public()) == set(accounts[:2])
    late = client.post(ATTEST, {"account": [account.pk for account in accounts]}, follow=True)
    assert "2 of these 3 accounts were attested or changed by somebody else." in late.content.decode()
    none = client.post(ATTEST, {"account": ["x", "9" * 30]}, follow=True)
    assert "No account is ticked." in none.content.decode()
    assert Account.objects.public().count() == 2


def test_what_was_ticked_stays_ticked_while_one_confirms(city: City) -> None:
    seed = enrol(city.dana)
    first, second = imported(city, 2, agency="Library", short_description="Books")
    client = client_of(city.dana, factor="stale")
    answer = client.post(f"{ATTEST}?tick=all", {"account": [second.pk]})
    assert not Account.objects.public().exists()
    page = client.post(answer["Location"], {"code": code_of(seed)}, follow=True).text
    assert f'value="{second.pk}" id="account-{second.pk}" checked' in page
    assert f'value="{first.pk}" id="account-{first.pk}">' in page
    assert " checked" not in client.get(ATTEST).text, "kept once"


def test_all_but_the_odd_are_ticked_by_a_link(city: City) -> None:
    plain = imported(city, 1, agency="Library", short_description="Books")[0]
    odd = imported(city, 1, agency="Museum")[0]
    page = client_of(city.dana).get(f"{ATTEST}?tick=all").content.decode()
    assert f'value="{plain.pk}" id="account-{plain.pk}" checked' in page
    assert f'value="{odd.pk}" id="account-{odd.pk}">' in page
    assert "No description." in page


def test_signed_out_people_are_sent_to_sign_in(client: Client) -> None:
    assert client.get(ATTEST).status_code == 302
