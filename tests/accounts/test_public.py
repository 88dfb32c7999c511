"""What residents see and do beside verify: the directory, an account's page, reports, neighbours, the banner."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import impostors, lifecycle, neighbours, searchindex, services, verifying
from accounts.models import Account, ImpostorReport, Neighbour, Platform
from audit import clock
from audit.errors import Invalid, NotPermitted, Stale
from audit.models import Entry
from tests.accounts.made import active, imported, opened
from tests.cast import City, client_of

pytestmark = pytest.mark.django_db


def page_of(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, address
    return response.content.decode()


# The directory


@pytest.mark.parametrize(
    "address",
    ["/", "/?q=zoo", "/?q=https://x.com/zoo_3", "/?topic=photos", "/?platform=x&q=zoo&department=zoo"],
)
def test_a_page_of_the_directory_costs_two_queries(city: City, client: Client, address: str) -> None:
    services.attest(actor=city.dana, accounts=imported(city, 120))
    page_of(client, address)
    with CaptureQueriesContext(connection) as queries:
        page = page_of(client, address)
    assert len(queries) == 2, [query["sql"][:120] for query in queries]
    following = re.search(r'href="(\?[^"]*after=[^"]+)" rel="next"', page)
    if following:
        with CaptureQueriesContext(connection) as queries:
            page_of(client, "/" + following[1].replace("&amp;", "&"))
        assert len(queries) == 2


def test_topics_and_every_kind_of_word_find(city: City, client: Client) -> None:
    active(city, "HutchZoo", purposes=["photos"], short_description="Bären & Löwen 100%")
    active(city, "HutchJobs", purposes=["jobs"], department=city.parks, short_description="Work with us")
    Account.objects.filter(handle="HutchZoo").update(tags=["otters"], long_description="Feeding at noon_time")
    for query, handles in (
        ("topic=photos", {"HutchZoo"}),
        ("topic=jobs", {"HutchJobs"}),
        ("topic=events", set()),
        ("topic=%25", set()),
        ("q=otters", {"HutchZoo"}),
        ("q=noon_time", {"HutchZoo"}),
        ("q=noonxtime", set()),
        ("q=100%25", {"HutchZoo"}),
        ("q=%25", {"HutchZoo"}),
        ("q=facilities", {"HutchJobs"}),
        ("q=zoo+feeding+NOON", {"HutchZoo"}),
        ("q=hutch+jobs", {"HutchJobs"}),
    ):
        page = page_of(client, f"/?{query}")
        assert {handle for handle in ("HutchZoo", "HutchJobs") if f">@{handle}<" in page} == handles, query


def test_the_trigram_index_is_there_where_the_extension_is(db: None) -> None:
    names = []
    with connection.cursor() as cursor:
        names = list(connection.introspection.get_constraints(cursor, "accounts_account"))
    assert (searchindex.NAME in names) == searchindex.available(connection)


def test_the_directory_says_where_requests_for_service_go(city: City, client: Client) -> None:
    page = page_of(client, "/")
    assert settings.CITY_PHONE in page
    assert "To request a City service" in page
    assert f"https://{settings.CITY_WEBSITE}" in page


@pytest.mark.parametrize(
    ("host", "banner"),
    [
        ("accounts.hutchinson.gov", True),
        ("accounts.hutchinson.gov:8000", True),
        ("fort.mil", True),
        ("accounts.hutchgov.com", False),
        ("notgov", False),
        ("hutch.gov.example", False),
    ],
)
def test_the_government_banner_is_for_hosts_of_governments(client: Client, host: str, banner: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "ALLOWED_HOSTS", ["*"])
        page = client.get("/login/", headers={"Host": host}).content.decode()
    assert ("usa-banner" in page) == banner
    assert (f"The City’s website is <strong>{settings.CITY_WEBSITE}" in page) != banner


def test_a_host_of_nobodys_is_refused_with_a_page(client: Client) -> None:
    answer = client.get("/", headers={"Host": "elsewhere.example"})
    assert answer.status_code == 400
    assert settings.CITY_NAME in answer.content.decode()


# An account


def test_an_accounts_page_carries_data_a_code_and_a_short_address(city: City, client: Client) -> None:
    account = active(city, "HutchZoo", name="</script><b>Zoo")
    page = page_of(client, f"/accounts/{account.pk}/")
    data = json.loads(re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)[0])
    assert data["@type"] == "GovernmentOrganization"
    assert data["sameAs"] == ["https://x.com/HutchZoo"]
    assert "</script><b>" not in page
    assert '<svg viewBox="0 0 29 29" class="oa-code">' in page
    assert f"testserver/a/{account.pk}" in page
    moved = client.get(f"/a/{account.pk}")
    assert (moved.status_code, moved["Location"]) == (301, f"/accounts/{account.pk}/")
    assert client.get(f"/a/{opened(city, 'HutchDraft').pk}").status_code == 404


def test_a_sign_that_is_pasted_into_verify_leads_to_the_account(city: City, client: Client) -> None:
    account = active(city, "HutchZoo")
    site = settings.SITE_URL.partition("://")[2]
    for asked in (
        f"testserver/a/{account.pk}",
        f"http://{site}/a/{account.pk}",
        f"{site}/accounts/{account.pk}/",
    ):
        answer = client.get("/verify/", {"q": asked})
        assert (answer.status_code, answer["Location"]) == (302, f"/accounts/{account.pk}/"), asked
    draft = opened(city, "HutchDraft")
    for asked in (
        f"{site}/a/{draft.pk}",
        f"{site}/a/999999",
        f"{site}/requests/",
        f"{site}.evil.example/a/{account.pk}",
        f"https://{site}@evil.example/a/{account.pk}",
        f"evil.example/a/{account.pk}",
        f"[::1/a/{account.pk}",
    ):
        assert "Not in the City’s registry" in page_of(client, f"/verify/?{urlencode({'q': asked})}"), asked


@pytest.mark.parametrize(
    ("end", "said"), [("retire", "No longer official"), ("suspend", "is not in use by the")]
)
def test_an_old_sign_leads_to_what_became_of_the_account(
    city: City, client: Client, end: str, said: str
) -> None:
    account = active(city, "HutchZoo")
    getattr(lifecycle, end)(actor=city.dana, account=account, request_text="Request 12")
    answer = client.get(f"/a/{account.pk}", follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain[-1] == ("/verify/?q=x.com%2FHutchZoo", 302)
    assert said in answer.text
    draft = opened(city, "HutchDraft")
    page_of(client, f"/accounts/{draft.pk}/", 404)


# Reports


def report(client: Client, address: str, said: str = "It wants gift cards.", **more: Any) -> Any:
    return client.post("/report/", {"address": address, "said": said}, **more)


def test_a_report_gets_a_number_an_outcome_and_a_place_on_the_list(city: City, client: Client) -> None:
    zoo = active(city, "HutchinsonZoo")
    answer = report(client, "https://x.com/HutchinsonZ00")
    assert answer.status_code == 302
    number = answer["Location"].strip("/").split("/")[-1]
    assert "We have it." in page_of(client, f"/report/{number}/")
    assert "We have it." in page_of(client, f"/report/{number.lower()}/")
    page_of(client, "/report/XXXXX-XXXXX/", 404)
    row = ImpostorReport.objects.get(number=number)
    assert (row.resembles, row.key) == (zoo, "hutchinsonz00")
    assert number in page_of(client_of(city.dana), "/registry/reports/")
    assert "@HutchinsonZ00 on X" in page_of(client_of(city.dana), "/today/")
    report(client, "x.com/hutchinsonz00", said="Again")
    staff = client_of(city.dana)
    assert "It wants gift cards." in page_of(staff, f"/registry/reports/{row.pk}/")
    done = staff.post(f"/registry/reports/{row.pk}/", {"outcome": "confirmed"}, follow=True)
    assert "2 reports are answered." in done.content.decode()
    assert "poses as the City" in page_of(client, f"/report/{number}/")
    listed = page_of(client, "/impostors/")
    assert listed.count("@HutchinsonZ00 on X") == 1
    assert 'x.com/HutchinsonZ00"' not in listed
    assert "The City has looked at it" in page_of(client, "/verify/?q=x.com/HutchinsonZ00")
    again = report(client, "https://twitter.com/HutchinsonZ00")
    assert "poses as the City" in page_of(client, again["Location"])


def test_a_residents_words_stay_out_of_the_ledger_and_off_public_pages(city: City, client: Client) -> None:
    report(client, "https://x.com/canary_address", said="canary-words")
    row = ImpostorReport.objects.get()
    impostors.decide(actor=city.dana, report=row, outcome="harmless")
    text = "\n".join(Entry.objects.values_list("canonical", flat=True))
    assert row.number in text
    for canary in ("canary-words", "canary_address"):
        assert canary not in text
        for address in (f"/report/{row.number}/", "/impostors/"):
            assert canary not in page_of(client, address)


def test_the_citys_own_account_is_not_reported(city: City, client: Client) -> None:
    active(city, "HutchZoo")
    answer = report(client, "https://x.com/HutchZoo/status/1")
    assert answer.status_code == 422
    assert "is the City’s own account" in answer.content.decode()


def test_reports_are_limited_by_address(city: City, client: Client) -> None:
    statuses = [report(client, f"x.com/somebody{number}").status_code for number in range(7)]
    assert statuses == [302] * 5 + [429] * 2
    assert report(client, "x.com/another", REMOTE_ADDR="192.0.2.9").status_code == 302


def test_one_answer_to_a_report_counts(city: City) -> None:
    row = impostors.report(actor=None, address="x.com/Someone")
    with pytest.raises(NotPermitted):
        impostors.decide(actor=city.tom, report=row, outcome="confirmed")
    with pytest.raises(Invalid):
        impostors.decide(actor=city.dana, report=row, outcome="open")
    impostors.decide(actor=city.dana, report=row, outcome="unclear")
    with pytest.raises(Stale):
        impostors.decide(actor=city.dana, report=row, outcome="confirmed")


# Neighbours


def test_staff_keep_the_list_of_neighbours(city: City, client: Client) -> None:
    staff = client_of(city.tom)
    platform = Platform.objects.get(slug="facebook")
    values = {"platform": platform.pk, "address": "https://fb.com/RenoCountyKS", "owner": "Reno County"}
    assert (
        "Verify says now whose it is"
        in staff.post("/registry/neighbours/", values, follow=True).content.decode()
    )
    assert "belongs to Reno County" in page_of(client, "/verify/?q=facebook.com/renocountyks")
    twice = staff.post("/registry/neighbours/", values)
    assert twice.status_code == 422
    row = Neighbour.objects.get()
    staff.post(f"/registry/neighbours/{row.pk}/remove/")
    assert "belongs to" not in page_of(client, "/verify/?q=facebook.com/renocountyks")
    assert staff.post("/registry/neighbours/", values).status_code == 302


def test_the_citys_own_account_is_no_neighbour(city: City) -> None:
    account = active(city, "HutchZoo")
    with pytest.raises(Invalid):
        neighbours.add(actor=city.tom, platform=account.platform, address="@HutchZoo", owner="Reno County")
    with pytest.raises(NotPermitted):
        neighbours.add(actor=city.helen, platform=account.platform, address="@Other", owner="Reno County")


def test_what_is_a_neighbour_and_looks_like_ours_belongs_to_its_owner(city: City) -> None:
    account = active(city, "HutchZoo")
    neighbours.add(
        actor=city.tom, platform=account.platform, address="@HutchZoos", owner="Friends of the Zoo"
    )
    verdict = verifying.verify("x.com/HutchZoos")
    assert verdict.answer is verifying.Answer.NOT_REGISTERED
    assert verdict.neighbour is not None


def test_a_review_under_way_is_said(city: City, client: Client) -> None:
    from accounts import profiles

    account = active(city, "HutchZoo")
    assert "yearly review is under way" not in page_of(client, "/verify/?q=x.com/HutchZoo")
    account.profile_reviews.filter(completed_at=None).update(completed_at=clock.now())
    profiles.begin(actor=None, account=account, kind="yearly")
    assert "yearly review is under way" in page_of(client, "/verify/?q=x.com/HutchZoo")
    assert "yearly review is under way" in page_of(client, f"/accounts/{account.pk}/")
    assert client.get("/api/v1/verify?q=x.com/HutchZoo").json()["account"]["review_under_way"] is True
