"""The public directory and the staff's registry, through the front door."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import services
from accounts.models import Account
from audit import statistics
from tests.accounts.made import active, imported, opened
from tests.cast import City, client_of

pytestmark = pytest.mark.django_db

CANARY = "canary-7f3a"


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def test_the_directory_shows_what_is_official(city: City, client: Client) -> None:
    empty = text_of(client, "/")
    assert "No account is official yet." in empty
    active(city, "HutchZoo")
    waiting = imported(city, 2, agency="Parks and Facilities")
    opened(city, "HutchDraft")
    page = text_of(client, "/")
    assert "@HutchZoo" in page
    assert "Official since" in page
    assert "@HutchDraft" not in page
    assert waiting[0].handle not in page
    services.attest(actor=city.dana, accounts=waiting)
    page = text_of(client, "/")
    assert waiting[0].handle in page
    assert re.search(r"<strong>3 accounts</strong>\s+in 2 departments", page)
    assert page.index("Hutchinson Zoo") < page.index("Parks and Facilities</h2>")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=HUTCHZOO", True),
        ("q=@hutchzoo", True),
        ("q=keepers+animals", True),
        ("q=zoo+nothing", False),
        ("q=https://twitter.com/HutchZoo/status/12", True),
        ("q=https://twitter.com/Hutch", False),
        ("q=%00%E2%80%AE", True),
        ("q=%25", False),
        ("department=zoo", True),
        ("department=parks", False),
        ("department=none", False),
        ("platform=x&q=zoo", True),
        ("platform=facebook", False),
        ("after=x", True),
        ("after=99999999999999999999999", True),
    ],
)
def test_the_directory_is_searched_by_address(city: City, client: Client, query: str, found: bool) -> None:
    active(city, "HutchZoo")
    page = text_of(client, f"/?{query}")
    assert ("@HutchZoo" in page) == found
    assert ("No official account fits" in page) != found


def test_filters_survive_in_the_form_and_in_the_next_page(
    city: City, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.views.PAGE", 2)
    services.attest(actor=city.dana, accounts=imported(city, 5))
    seen: list[str] = []
    address = "/?q=zoo&department=zoo"
    for _page in range(3):
        page = text_of(client, address)
        assert 'value="zoo" autocomplete' in page
        assert '<option value="zoo" selected>' in page
        seen += re.findall(r'href="/accounts/(\d+)/"', page)
        following = re.search(r'href="(\?[^"]+)" rel="next"', page)
        address = "/" + following[1].replace("&amp;", "&") if following else ""
    assert address == ""
    assert sorted(seen) == sorted(str(account.pk) for account in Account.objects.all())


def test_an_account_that_is_not_public_is_as_if_it_were_not_there(city: City, client: Client) -> None:
    public = active(city, "HutchZoo", also_for=[city.parks], language="English")
    public.handles.create(handle="OldZoo", key="oldzoo", until="2024-05-01")
    page = text_of(client, f"/accounts/{public.pk}/")
    for text in (
        "x.com/HutchZoo",
        "Parks and Facilities",
        "English",
        "@OldZoo",
        "today is not ours",
        "Open on X",
    ):
        assert text in page
    draft, waiting = opened(city, "draft"), imported(city, 1)[0]
    answers = set()
    for number in (draft.pk, waiting.pk, 999_999):
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(f"/accounts/{number}/")
        shape = tuple(re.sub(r"= \d+", "= N", query["sql"]) for query in queries)
        answers.add((answer.status_code, answer.content, shape))
    assert len(answers) == 1
    assert answers.pop()[0] == 404


def test_private_fields_never_reach_the_public(city: City, client: Client) -> None:
    accounts = imported(city, 1, notes=CANARY, contacts=f"{CANARY}@hutch.example", platform_account_id=CANARY)
    services.attest(actor=city.dana, accounts=accounts)
    number = accounts[0].pk
    for address in ("/", f"/?q={CANARY[:-1]}", f"/accounts/{number}/"):
        assert CANARY not in text_of(client, address)
    assert "@zoo_0" not in text_of(client, f"/?q={CANARY}")
    assert CANARY in text_of(client_of(city.tom), f"/registry/{number}/")


def test_staff_see_their_departments_accounts(city: City) -> None:
    zoo, parks = active(city, "HutchZoo"), active(city, "HutchParks", department=city.parks)
    shared = active(city, "HutchBoth", department=city.parks, also_for=[city.zoo])
    for person, visible in (
        (city.priya, {zoo, shared}),
        (city.joel, {parks, shared}),
        (city.noah, set()),
        (city.rex, set()),
        (city.tom, {zoo, parks, shared}),
        (city.eleanor, {zoo, parks, shared}),
        (city.dana, {zoo, parks, shared}),
    ):
        client = client_of(person)
        page = text_of(client, "/registry/")
        for account in (zoo, parks, shared):
            status = client.get(f"/registry/{account.pk}/").status_code
            assert (account.shown_handle in page, status) == (
                (True, 200) if account in visible else (False, 404)
            )


def test_the_registry_wants_a_sign_in(client: Client) -> None:
    for address in ("/registry/", "/registry/1/", "/registry/1/describe/"):
        response = client.get(address)
        assert response.status_code == 302
        assert response["Location"].startswith("/login/")


def test_the_registry_shows_health_and_filters(city: City) -> None:
    active(city, "HutchZoo")
    imported(city, 1, agency="Library")
    client = client_of(city.tom)
    page = text_of(client, "/registry/")
    assert "Helen Okafor" in page
    assert "Gap" in page
    assert "1 imported account awaits the PI Director’s attestation." in page
    assert "@HutchZoo" not in text_of(client, "/registry/?state=awaiting")
    assert "@zoo_1" not in text_of(client, "/registry/?department=zoo")
    assert "No account fits these filters." in text_of(client, "/registry/?state=retired")
    assert "Your department has no account in the registry." in text_of(client_of(city.noah), "/registry/")


def test_descriptions_are_edited_on_a_page(city: City) -> None:
    account = active(city, "HutchZoo")
    address = f"/registry/{account.pk}/describe/"
    values = {"name": "Zoo", "short_description": "Animals", "audience": "Families", "purposes": ["events"]}
    assert client_of(city.priya).post(address, values).status_code == 403
    client = client_of(city.tom)
    assert "What it is for" in text_of(client, address)
    bad = client.post(address, {**values, "audience": "Fami\u202elies"})
    assert "U+202E" in bad.content.decode()
    done = client.post(address, values, follow=True)
    assert "The description of @HutchZoo on X is changed." in done.content.decode()
    account.refresh_from_db()
    assert (account.name, account.purposes) == ("Zoo", ["events"])


def cost(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


WAITING = ("awaiting", "attest/")
"""How addresses end that list what waits to be attested; the others list what is."""

LISTS = (
    ("/", None),
    ("/?q=zoo&platform=x", None),
    ("/registry/", "dana"),
    ("/registry/", "priya"),
    ("/registry/?state=awaiting", "dana"),
    ("/admin/accounts/account/", "dana"),
    ("/admin/accounts/account/attest/", "dana"),
    ("/admin/accounts/platform/", "dana"),
)


@pytest.mark.parametrize("attested", [True, False])
def test_lists_cost_the_same_at_10_and_at_1000_rows(city: City, attested: bool) -> None:
    clients = {
        (address, who): client_of(getattr(city, who)) if who else Client()
        for address, who in LISTS
        if address.endswith(WAITING) != attested
    }

    def costs() -> dict[tuple[str, str | None], int]:
        return {(address, who): cost(client, address) for (address, who), client in clients.items()}

    costs()  # what is cached for the process
    told = []
    for count in (10, 990):
        made = imported(city, count)
        if attested:
            services.attest(actor=city.dana, accounts=made)
        statistics.refresh()
        told.append(costs())
    assert told[0] == told[1]
    assert len(told[0]) == (6 if attested else 2)
