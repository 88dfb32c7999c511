"""Is this account really the City's? The table of what residents paste, and what holds whatever they paste."""

from __future__ import annotations

import csv
import socket
import string
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import canonical, neighbours, platforms, services, verifying
from accounts.catalogue import CATALOGUE
from accounts.models import Account, Platform
from accounts.resemblance import alike, one_off, skeleton
from accounts.spec import Kind
from accounts.verifying import Answer
from audit import clock
from audit.states import move
from tests.accounts.lists import CONGRESS
from tests.accounts.made import active, import_text, opened
from tests.accounts.verify_cases import CHANNEL, FORMERLY, LOOK_ALIKE, OFFICIAL, UNKNOWN
from tests.cast import City

pytestmark = pytest.mark.django_db

REGISTRY = [
    ("x", "HutchFireDept", "Fire"),
    ("x", "HutchWorks", "Works"),
    ("x", "HutchPoolParty", "Pool"),
    ("x", "HutchResting", "Resting"),
    ("facebook", "HutchinsonZoo", "Zoo"),
    ("facebook", "61550000000001", "Hutchinson Police"),
    ("instagram", "hutchrecreation", "Recreation"),
    ("youtube", "CityOfHutchTV", "TV"),
    ("youtube", CHANNEL, "Council Live"),
    ("linkedin", "city-of-hutchinson", "Jobs"),
    ("mastodon", "hutchtransit@mas.to", "Transit"),
    ("nextdoor", "agency-detail/ks/hutchinson/city-of-hutchinson", "Neighbours"),
    ("threads", "hutchlibrary", "Library"),
    ("tiktok", "hutchairport", "Airport"),
    ("flickr", "hutcharchive", "Archive"),
    ("blog", "https://hutchgov.com/news", "News of the City"),
]


@pytest.fixture
def registry(city: City) -> City:
    """Accounts on every platform, one renamed, one retired, one resting, drafts, and neighbours."""
    for slug, handle, name in REGISTRY:
        active(city, handle, platform=Platform.objects.get(slug=slug), name=name)
    renamed = Account.objects.get(handle="HutchWorks")
    renamed.handles.create(
        handle="HutchWorksOld", key="hutchworksold", until=clock.today() - timedelta(days=90)
    )
    retired = Account.objects.get(handle="HutchPoolParty")
    move(retired, "state", old="active", new="retired")
    retired.handles.update(until=clock.today() - timedelta(days=30))
    move(Account.objects.get(handle="HutchResting"), "state", old="active", new="suspended")
    opened(city, "HutchDraft")
    import_text(
        "account_platform,account_url,account_name,agencies\nX,https://x.com/waiting_0,Waiting,Hutchinson Zoo\n"
    )
    for slug, address, owner in (
        ("facebook", "https://www.facebook.com/RenoCountyKS", "Reno County"),
        ("instagram", "hutchfiredept308", "Unified School District 308"),
    ):
        neighbours.add(actor=city.tom, platform=Platform.objects.get(slug=slug), address=address, owner=owner)
    return city


def test_the_table_is_long_enough() -> None:
    assert len(OFFICIAL) + len(FORMERLY) + len(LOOK_ALIKE) + len(UNKNOWN) >= 150


def test_what_residents_paste_is_answered_as_the_table_says(registry: City) -> None:
    wrong: list[Any] = []
    for text, expected in OFFICIAL:
        found = verifying.verify(text)
        if (found.answer, str(found.account)) != (Answer.OFFICIAL, expected):
            wrong.append((text, found.answer, str(found.account), found.question))
    for text, expected, _says in FORMERLY:
        found = verifying.verify(text)
        if (found.answer, str(found.account)) != (Answer.FORMERLY_OFFICIAL, expected):
            wrong.append((text, found.answer, str(found.account)))
    for text, expected, how in LOOK_ALIKE:
        found = verifying.verify(text)
        if (found.answer, str(found.resembles), found.how) != (Answer.LOOK_ALIKE, expected, how):
            wrong.append((text, found.answer, str(found.resembles), found.how, found.question))
    for text, _says in UNKNOWN:
        found = verifying.verify(text)
        if found.answer is not Answer.NOT_REGISTERED:
            wrong.append((text, found.answer, str(found.account or found.resembles), found.question))
    assert wrong == [], "\n".join(map(str, wrong))


@pytest.mark.parametrize(
    ("cases", "heading"),
    [
        (OFFICIAL[::9], "Yes, this is official"),
        (FORMERLY, "No longer official"),
        (LOOK_ALIKE[::9], "Careful, this is not the City’s account"),
        (UNKNOWN[2:], ""),
    ],
    ids=["official", "formerly", "look-alike", "unknown"],
)
def test_the_page_says_it(registry: City, client: Client, cases: list[Any], heading: str) -> None:
    for case in cases:
        page = client.get("/verify/", {"q": case[0]}).content.decode()
        assert heading in page, case
        assert "fake" not in page.lower().replace("fake</", "")
        if cases is not OFFICIAL and heading in ("", "No longer official"):
            assert case[-1] in page, case


def test_real_lists_are_official_and_their_look_alikes_are_not(city: City) -> None:
    """Addresses as real people wrote them into real lists."""
    with CONGRESS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[:: len(CATALOGUE) * 5]
    lines = [",".join(rows[0])]
    for row in rows:
        lines.append(",".join('"' + value.replace('"', '""') + '"' for value in row.values()))
    import_text("\n".join(lines))
    services.attest(actor=city.dana, accounts=list(services.awaiting_attestation()))
    assert len(rows) > 25
    for row in rows:
        found = verifying.verify(row["account_url"])
        assert found.answer is Answer.OFFICIAL, row["account_url"]
        host = platforms.spec(found.account.platform.slug).hosts  # type: ignore[union-attr]
        if host:
            foreign = row["account_url"].replace("//", "//user@evil.example/").replace(host[0], "x")
            assert verifying.verify(foreign).answer is not Answer.OFFICIAL


def queries(client: Client, text: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/verify/", {"q": text}).status_code == 200
    return [query["sql"] for query in captured]


def test_a_draft_and_a_missing_account_take_the_same_path(registry: City, client: Client) -> None:
    """Not even the number of queries tells them apart, nor a word of the page."""
    pages, shapes = set(), set()
    for handle in ("HutchDraft", "HutchNever"):
        page = client.get("/verify/", {"q": f"https://x.com/{handle}"}).content.decode()
        page = page.replace(handle, "H").replace(skeleton(handle), "h")
        pages.add(page.replace(clock.today().isoformat(), ""))
        shapes.add(
            tuple(
                sql.replace(skeleton(handle), "h")
                .replace(handle.lower(), "h")
                .replace(skeleton(handle)[:5], "h")
                .replace(skeleton(handle)[5:], "h")
                for sql in queries(client, f"https://x.com/{handle}")
            )
        )
    assert len(shapes) == 1
    assert len({page.partition("Checked against")[0] for page in pages}) == 1


def test_every_question_costs_the_same_number_of_queries(registry: City, client: Client) -> None:
    texts = [
        case[0]
        for case in (*OFFICIAL[::12], *FORMERLY[:2], *LOOK_ALIKE[::12], *UNKNOWN[2::7])
        if case[-1] != "Paste"
    ]
    counted = {text: len(queries(client, text)) for text in texts}
    assert set(counted.values()) == {5}, counted


WORD = st.text(alphabet=string.ascii_letters + string.digits + "_.-", min_size=1, max_size=18)
ODD = st.text(max_size=40)
PIECES = st.sampled_from(
    [
        *(
            "https://",
            "http://",
            "//",
            "@",
            "x.com",
            "twitter.com",
            "www.facebook.com",
            "facebook.com",
            "/",
            "?",
        ),
        *(
            "#!/",
            ":",
            "HutchFireDept",
            "HutchinsonZoo",
            "status/12",
            "%2e",
            "%00",
            "xn--",
            "\u202e",
            "\u200b",
        ),
        *(
            "evil.example",
            " on X",
            "mas.to",
            "hutchtransit",
            "hutchgov.com/news",
            ".",
            "\\",
            "[::1]",
            "channel/",
        ),
        *(CHANNEL, "profile.php?id=", "X:"),
    ]
)
PASTED = st.one_of(ODD, WORD, st.lists(st.one_of(PIECES, WORD, ODD), max_size=7).map("".join))


LABELS = st.sampled_from(["x", "com", "facebook", "evil", "www", "twitter", "a-b", "xn--a"])


@pytest.mark.parametrize("count", [300, pytest.param(20_000, marks=pytest.mark.soak)])
def test_nothing_breaks_verify_or_fetches_anything(
    registry: City, client: Client, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never an error, never more than four queries, never official without a host of the platform's or a handle."""
    real = socket.getaddrinfo

    def refuse(*args: Any, **options: Any) -> Any:
        raise AssertionError(f"somebody looked up {args}")

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(PASTED)
    def check(text: str) -> None:
        with CaptureQueriesContext(connection) as captured:
            found = verifying.verify(text)
        assert len(captured) == 4
        if found.answer is Answer.OFFICIAL:
            assert found.account is not None
            spec = CATALOGUE[found.account.platform.slug]
            host = found.question.host
            if host:
                on_list = host in spec.hosts
                own = spec.kind is not Kind.HOSTED and host.removeprefix("www.") in found.account.key
                assert on_list or own, text
        bare = text.replace("\x00", "").encode(errors="ignore").decode()
        assert client.get("/verify/", {"q": bare}).status_code == 200

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    if connection.vendor == "postgresql":
        connection.ensure_connection()
    try:
        check()
    finally:
        monkeypatch.setattr(socket, "getaddrinfo", real)


@pytest.mark.parametrize("count", [400, pytest.param(20_000, marks=pytest.mark.soak)])
def test_a_canonical_form_is_a_fixed_point(count: int) -> None:
    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(sorted(CATALOGUE)), PASTED)
    def check(slug: str, text: str) -> None:
        try:
            first = canonical.identify(slug, text, posts=True)
        except services.Invalid:
            return
        for again in (first.url, first.handle if CATALOGUE[slug].kind is not Kind.SITE else first.url):
            assert canonical.identify(slug, again) == first

    check()


@pytest.mark.parametrize("count", [400, pytest.param(20_000, marks=pytest.mark.soak)])
def test_no_host_outside_the_list_is_a_platforms(count: int) -> None:
    """`notx.com`, `x.com.evil`, `x.com@evil`: no address is read as an account of a hosted platform it isn't on."""

    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(
        st.sampled_from([slug for slug, spec in CATALOGUE.items() if spec.kind is Kind.HOSTED]),
        st.lists(
            st.sampled_from(["x", "com", "facebook", "evil", "www", "twitter", "a-b", "xn--a"]),
            min_size=2,
            max_size=5,
        ),
        st.sampled_from([".", "@", ":", "-", ""]),
    )
    def check(slug: str, labels: list[str], joint: str) -> None:
        for host in (".".join(labels), joint.join(labels)):
            if host in CATALOGUE[slug].hosts:
                continue
            with pytest.raises(services.Invalid):
                canonical.identify(slug, f"https://{host}/HutchFireDept", posts=True)

    check()


def test_skeletons() -> None:
    assert skeleton("Hutch_Z00") == skeleton("HutchZоо") == "hutchzoo"
    assert skeleton("rn") == skeleton("m")
    assert one_off("hutch", "hutcj")
    assert one_off("hutch", "hucth")
    assert one_off("hutch", "hutc")
    assert not one_off("hutch", "hutch")
    assert not one_off("hutch", "hatcj")
    assert not alike("zoo", "zooo")


@given(st.text(max_size=20), st.text(max_size=20))
@settings(max_examples=300, deadline=None, database=None)
def test_one_off_is_mutual_and_a_skeleton_is_its_own(one: str, other: str) -> None:
    assert one_off(one, other) == one_off(other, one)
    assert skeleton(skeleton(one)) == skeleton(one) or len(skeleton(one)) > 0
