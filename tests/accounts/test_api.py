"""The public data: what it holds, what it never holds, and that a registry goes round without loss."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import serializing, services
from accounts.models import Account, Platform
from audit import clock
from audit.states import move
from tests.accounts.lists import COLUMNS, CONGRESS, line
from tests.accounts.made import active, import_text, imported, opened
from tests.cast import City, client_of, make_city

pytestmark = pytest.mark.django_db

CANARY = "canary-7f3a"


def get(client: Client, address: str, **headers: str) -> Any:
    response = client.get(address, headers=headers)
    assert response.status_code == 200, (address, response.content[:300])
    return response


def rows_of(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.content.decode(), newline="")))


def test_every_key_is_on_the_list_and_nothing_private_gets_out(city: City, client: Client) -> None:
    waiting = imported(
        city,
        2,
        notes=CANARY,
        contacts=f"{CANARY}@hutch.example",
        platform_account_id=CANARY,
        short_description="Animals",
    )
    services.attest(actor=city.dana, accounts=waiting[:1])
    opened(city, "HutchDraft", short_description=CANARY, name=CANARY, request_text=CANARY)
    answers = {
        name: get(client, f"/api/v1/{name}").content.decode()
        for name in (
            *("accounts", "departments", "platforms", "verify?q=x.com/zoo_0", "verify?q=x.com/HutchDraft"),
            *(
                "accounts.csv",
                "registry.csv",
                "departments.csv",
                "platforms.csv",
                f"accounts/{waiting[0].pk}",
            ),
        )
    }
    answers["trust"] = get(client, "/.well-known/trust.txt").content.decode()
    answers["feed"] = get(client, "/feed.atom").content.decode()
    answers["sitemap"] = get(client, "/sitemap.xml").content.decode()
    answers["openapi"] = get(client, "/api/v1/openapi.json").content.decode()
    for name, text in answers.items():
        assert CANARY not in text, name
        assert "zoo_1" not in text, name
        assert "HutchDraft" not in text, name
    page = json.loads(answers["accounts"])
    assert set(page) == {"items", "next"}
    assert [tuple(one) for one in page["items"]] == [serializing.ACCOUNT]
    assert tuple(json.loads(answers[f"accounts/{waiting[0].pk}"])) == serializing.ACCOUNT
    assert [tuple(one) for one in json.loads(answers["departments"])] == [serializing.DEPARTMENT]
    assert {tuple(one) for one in json.loads(answers["platforms"])} == {serializing.PLATFORM}
    official = json.loads(answers["verify?q=x.com/zoo_0"])
    assert set(official) == {"answer", "account", "resembles"}
    assert official["answer"] == "official"
    assert tuple(official["account"]) == serializing.ACCOUNT
    assert answers["accounts.csv"].splitlines()[0] == ",".join(serializing.ACCOUNT)
    assert answers["registry.csv"].splitlines()[0] == (
        "id,created_at,updated_at,service_url,organization,account,language,service,status,"
        "short_description,long_description,agencies,contacts,tags"
    )


def test_verify_answers_as_data(city: City, client: Client) -> None:
    zoo = active(city, "HutchinsonZoo")
    zoo.handles.create(handle="OldHutchZoo", key="oldhutchzoo", until=clock.today())

    def answer(text: str) -> tuple[str, Any, Any]:
        found = client.get("/api/v1/verify", {"q": text}).json()
        told = [found[name] and found[name]["handle"] for name in ("account", "resembles")]
        return found["answer"], told[0], told[1]

    assert answer("@HutchinsonZoo") == ("official", "HutchinsonZoo", None)
    assert answer("x.com/OldHutchZoo") == ("formerly_official", "HutchinsonZoo", None)
    assert answer("x.com/HutchinsonZ00") == ("look_alike", None, "HutchinsonZoo")
    assert answer("x.com/Nobody") == ("not_registered", None, None)


def test_pages_follow_one_another(city: City, client: Client) -> None:
    services.attest(actor=city.dana, accounts=imported(city, 7))
    address, seen = "/api/v1/accounts?limit=3&department=hutchinson-zoo&q=zoo", []
    department = Account.objects.all()[0].department.code
    address = address.replace("hutchinson-zoo", department)
    while address:
        page = get(client, address).json()
        seen += [one["handle"] for one in page["items"]]
        address = (page["next"] or "").replace("http://testserver", "")
    assert seen == [f"zoo_{number}" for number in range(7)]


def test_pages_of_other_sites_may_read_it(city: City, client: Client) -> None:
    active(city, "HutchZoo")
    for address in (
        "/api/v1/accounts",
        "/api/v1/accounts.csv",
        "/.well-known/trust.txt",
        "/api/v1/accounts/0",
    ):
        assert (
            client.get(address, headers={"Origin": "https://else.example"})["Access-Control-Allow-Origin"]
            == "*"
        )
    asks = {"Origin": "https://else.example", "Access-Control-Request-Method": "GET"}
    may = client.options("/api/v1/accounts", headers=asks)
    assert (may.status_code, may["Access-Control-Allow-Methods"]) == (204, "GET, HEAD, OPTIONS")
    assert "Access-Control-Allow-Origin" not in client.get("/").headers
    assert client.post("/api/v1/accounts").status_code == 405


def test_what_has_not_changed_is_not_sent_again(city: City, client: Client) -> None:
    account = active(city, "HutchZoo")
    for address in ("/api/v1/accounts", "/api/v1/accounts.csv", "/api/v1/openapi.json"):
        first = get(client, address)
        assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    before = get(client, "/api/v1/accounts")["ETag"]
    services.describe(actor=city.dana, account=account, short_description="Lions")
    assert get(client, "/api/v1/accounts", **{"If-None-Match": before})["ETag"] != before


def test_a_signed_in_person_gets_the_same(city: City, client: Client) -> None:
    opened(city, "HutchDraft")
    active(city, "HutchZoo")
    assert get(client_of(city.dana), "/api/v1/accounts").json() == get(client, "/api/v1/accounts").json()


def test_a_spreadsheet_computes_nothing(city: City, client: Client) -> None:
    active(city, "HutchZoo", name="=1+1", short_description="@SUM(A1)")
    for address in ("/api/v1/accounts.csv", "/api/v1/registry.csv"):
        text = get(client, address).content.decode()
        assert "'=1+1" in text
        assert ",=1+1" not in text
        assert ",@SUM" not in text


def test_a_list_costs_the_same_at_10_and_at_300_accounts(city: City, client: Client) -> None:
    costs: dict[str, list[int]] = {}
    for count in (10, 290):
        services.attest(
            actor=city.dana, accounts=imported(city, count, agency="Hutchinson Zoo|Parks and Facilities")
        )
        for address in ("/api/v1/accounts", "/api/v1/accounts.csv", "/api/v1/registry.csv", "/feed.atom"):
            with CaptureQueriesContext(connection) as queries:
                get(client, address)
            costs.setdefault(address, []).append(len(queries))
    assert all(first == last for first, last in costs.values()), costs


def test_the_registry_goes_round_without_loss(transactional_db: None, client: Client, tmp_path: Path) -> None:
    """Export, import into an empty installation, attest, export: the same file but for `id`."""
    city = make_city()
    with CONGRESS.open(encoding="utf-8", newline="") as file:
        real = list(csv.DictReader(file))[::29]
    lines = [COLUMNS]
    for row in real:
        lines.append(
            line(
                row["account_platform"],
                row["account_url"],
                row["agencies"] + "|Hutchinson Zoo",
                **{name: row[name] for name in ("account_name", "short_description", "language", "contacts")},
            )
        )
    import_text("\n".join(lines))
    services.attest(actor=city.dana, accounts=list(services.awaiting_attestation()))
    active(city, "HutchZoo", name="=Zoo, “the” one", short_description="-animals", also_for=[city.parks])
    services.describe(
        actor=city.dana,
        account=Account.objects.get(handle="HutchZoo"),
        long_description="Two\nlines, \"quoted\"\n\n'and' a = sign",
    )
    Account.objects.filter(handle="HutchZoo").update(tags=["animals", "=family"])
    first = get(client, "/api/v1/registry.csv")
    path = tmp_path / "registry.csv"
    path.write_bytes(first.content)

    call_command("flush", interactive=False, verbosity=0)
    there = make_city()
    call_command("import_accounts", str(path), stdout=io.StringIO())
    services.attest(actor=there.dana, accounts=list(services.awaiting_attestation()))
    second = get(client, "/api/v1/registry.csv")
    without_ids = [
        [{name: value for name, value in row.items() if name != "id"} for row in rows_of(one)]
        for one in (first, second)
    ]
    assert len(without_ids[0]) > 40
    assert without_ids[0] == without_ids[1]


def test_a_registrys_rows_that_are_not_published_are_refused(city: City, tmp_path: Path) -> None:
    path = tmp_path / "registry.csv"
    path.write_text(
        "id,created_at,updated_at,service_url,organization,account,language,service,status,"
        "short_description,long_description,agencies,contacts,tags\n"
        "7,2016-10-03 19:39:31 UTC,2017-01-01,https://twitter.com/hutchzoo,Zoo,hutchzoo,English,twitter,archived,,,Zoo,,\n"
        "8,yesterday,,https://twitter.com/hutchparks,Parks,hutchparks,English,twitter,published,,,Parks,,a|b\n"
    )
    err = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("import_accounts", str(path), stdout=io.StringIO(), stderr=err)
    assert "status is archived" in err.getvalue()
    assert "yesterday is not a time" in err.getvalue()
    assert not Account.objects.exists()


def test_trust_txt_names_every_public_account(city: City, client: Client) -> None:
    active(city, "HutchZoo")
    active(city, "hutchinsonzoo", platform=Platform.objects.get(slug="instagram"))
    text = get(client, "/.well-known/trust.txt").content.decode()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert all("=" in line and line.partition("=")[2].startswith("https://") for line in lines[:2])
    assert [line for line in lines if line.startswith("social=")] == [
        "social=https://www.instagram.com/hutchinsonzoo",
        "social=https://x.com/HutchZoo",
    ]
    assert "control=http://testserver/" in get(client, "/data/").content.decode()


def test_the_feed_tells_of_accounts_opened_and_retired(city: City, client: Client) -> None:
    active(city, "HutchZoo")
    gone = active(city, "HutchPool")
    move(gone, "state", old="active", new="retired")
    gone.handles.update(until=clock.today())
    feed = ElementTree.fromstring(get(client, "/feed.atom").content)  # noqa: S314
    atom = "{http://www.w3.org/2005/Atom}"
    titles = [entry.findtext(f"{atom}title") for entry in feed.findall(f"{atom}entry")]
    assert sorted(map(str, titles)) == [
        "@HutchPool on X is official",
        "@HutchPool on X was retired",
        "@HutchZoo on X is official",
    ]


def test_robots_and_sitemap_lead_to_public_pages(city: City, client: Client) -> None:
    account = active(city, "HutchZoo")
    assert "Sitemap: http://testserver/sitemap.xml" in get(client, "/robots.txt").content.decode()
    text = get(client, "/sitemap.xml").content.decode()
    for address in (f"/accounts/{account.pk}/", "/verify/", "/policy/", "/"):
        assert f"<loc>http://testserver{address}</loc>" in text


def test_the_readable_page_names_every_address_and_loads_nothing_from_elsewhere(client: Client) -> None:
    page = get(client, "/data/").content.decode()
    described = get(client, "/api/v1/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    for path in described["paths"]:
        assert path in page
    assert 'src="http' not in page
    assert 'href="http' not in page.replace('href="https://hutchgov.com"', "")
