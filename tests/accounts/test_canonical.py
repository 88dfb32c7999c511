"""Which addresses and handles are the same account, and which are none."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from accounts import canonical, platforms
from accounts.catalogue import CATALOGUE
from accounts.spec import Kind
from audit.errors import Invalid
from tests.accounts.canonical_cases import CHANNEL, NONE, SAME


def test_the_tables_are_as_long_as_promised() -> None:
    assert len(SAME) + len(NONE) >= 80
    assert {row[0] for row in SAME} == set(CATALOGUE)


@pytest.mark.parametrize(("platform", "text", "handle", "key", "address"), SAME, ids=lambda value: value[:40])
def test_an_account_has_one_canonical_form(
    platform: str, text: str, handle: str, key: str, address: str
) -> None:
    found = canonical.identify(platform, text)
    assert found == canonical.Identity(handle, key, f"https://{address}")
    assert canonical.identify(platform, found.url) == found
    assert canonical.identify(platform, found.handle).key == found.key


@pytest.mark.parametrize(("platform", "text", "reason"), NONE, ids=lambda value: ascii(value[:40]))
def test_what_is_no_account_is_refused_with_the_reason(platform: str, text: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        canonical.identify(platform, text, field="account_url")
    assert reason in str(refused.value)
    assert reason in refused.value.fields["account_url"]
    assert platforms.spec(platform).expects in str(refused.value)


def test_ids_that_differ_by_case_alone_are_two_accounts() -> None:
    one, other = (
        canonical.identify("youtube", f"youtube.com/channel/{text}")
        for text in (CHANNEL, f"UC{CHANNEL[2:].swapcase()[:-1]}Q")
    )
    assert one.key != other.key


def test_namespaces_of_one_platform_are_different_accounts() -> None:
    def keys(platform: str, host: str, *texts: str) -> set[str]:
        return {canonical.identify(platform, f"{host}/{text}").key for text in texts}

    assert len(keys("youtube", "youtube.com", "@hutchtv", "user/hutchtv", "c/hutchtv")) == 3
    assert (
        len(keys("linkedin", "linkedin.com", "company/hutch", "showcase/hutch", "school/hutch", "in/hutch"))
        == 4
    )


POSTS = [
    ("x", "https://x.com/HutchZoo/status/1730000000000000000?s=20", "hutchzoo"),
    ("facebook", "https://www.facebook.com/HutchZoo/posts/pfbid02", "hutchzoo"),
    ("facebook", "https://www.facebook.com/permalink.php?story_fbid=1&id=61550000000001", "61550000000001"),
    ("instagram", "https://www.instagram.com/hutchzoo/reel/Cabc/", "hutchzoo"),
    ("threads", "https://www.threads.com/@hutchzoo/post/Cabc", "hutchzoo"),
    ("tiktok", "https://www.tiktok.com/@hutchzoo/video/73", "hutchzoo"),
    ("mastodon", "https://mastodon.social/@hutchzoo/11", "hutchzoo@mastodon.social"),
    ("flickr", "https://www.flickr.com/photos/hutchzoo/5551234/", "hutchzoo"),
]


@pytest.mark.parametrize(("platform", "text", "key"), POSTS)
def test_a_post_names_its_account_where_posts_are_wanted(platform: str, text: str, key: str) -> None:
    assert canonical.identify(platform, text, posts=True).key == key
    with pytest.raises(Invalid, match="single post"):
        canonical.identify(platform, text)


@pytest.mark.parametrize(
    ("platform", "handle", "shown"),
    [
        ("x", "HutchZoo", "@HutchZoo"),
        ("linkedin", "city-of-hutch", "city-of-hutch"),
        ("linkedin", "showcase/hutch-jobs", "hutch-jobs"),
        ("facebook", "61550000000001", ""),
        ("youtube", CHANNEL, ""),
        ("mastodon", "zoo@hutch.town", "@zoo@hutch.town"),
        ("blog", "hutchgov.com/news", "hutchgov.com/news"),
    ],
)
def test_handles_are_shown_as_people_write_them(platform: str, handle: str, shown: str) -> None:
    assert canonical.shown(platform, handle) == shown


HOSTS = st.sampled_from(
    [host for spec in CATALOGUE.values() for host in spec.hosts] + ["mas.to", "hutchgov.com", "evil.example"]
)
PIECES = st.sampled_from(
    [
        "@",
        "channel",
        "user",
        "c",
        "company",
        "in",
        "groups",
        "pages",
        "p",
        "profile.php",
        "photos",
        "status",
        CHANNEL,
        "123456",
        "Hutch.Zoo",
        "hutch_zoo",
        "Zoo-105522931489227",
        "é",
        "%41",
        "%2e%2e",
        "..",
        "#!",
        "~",
    ]
)
SEGMENTS = st.one_of(PIECES, st.text(alphabet="abcXYZ019._-@%&'’", min_size=1, max_size=20))
ADDRESSES = st.builds(
    lambda scheme, host, parts, query: f"{scheme}{host}/{'/'.join(parts)}{query}",
    st.sampled_from(["", "https://", "http://", "//"]),
    HOSTS,
    st.lists(SEGMENTS, max_size=4),
    st.sampled_from(
        ["", "?id=1234567", "?user=Hutch", "?gid=77", "?utm_source=a&page_id=2", "?a=%20b&c=d+e", "#x"]
    ),
)


@settings(max_examples=600, deadline=None)
@given(platform=st.sampled_from(sorted(CATALOGUE)), text=st.one_of(ADDRESSES, SEGMENTS, st.text(max_size=30)))
@example(platform="youtube", text="youtube.com/@UC3lif8TFPOe-tJ2-pE4Rp7Q/about")
@example(platform="blog", text="https://hutchgov.com/a b")
def test_a_canonical_form_is_a_fixed_point(platform: str, text: str) -> None:
    try:
        found = canonical.identify(platform, text)
    except Invalid:
        return
    assert canonical.identify(platform, found.url) == found
    spec = platforms.spec(platform)
    host = found.url.removeprefix("https://").partition("/")[0].partition("?")[0]
    if spec.kind is Kind.HOSTED:
        assert host == spec.hosts[0]
    else:
        assert platforms.owner_of_host(host) is None


@settings(max_examples=300, deadline=None)
@given(
    platform=st.sampled_from(sorted(CATALOGUE)),
    host=st.text(alphabet="abctwitersxfok.-", min_size=4, max_size=24),
)
def test_no_other_host_is_a_platforms(platform: str, host: str) -> None:
    spec = platforms.spec(platform)
    if spec.kind is not Kind.HOSTED or host in spec.hosts:
        return
    with pytest.raises(Invalid):
        canonical.identify(platform, f"https://{host}/hutchzoo")
