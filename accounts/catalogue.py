"""The catalogue of platforms as data: names, hosts, and how handles and addresses look.

A host belongs to a platform only when it stands here exactly; nothing is guessed from a part of a name.
"""

from accounts.spec import Form, Kind, Spec


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _hosts(text: str) -> tuple[str, ...]:
    return tuple(text.split())


NAME = r"(?P<name>[^/?]+)"
LATIN = r"0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u012f\u0132-\u0137\u0139-\u0148\u014a-\u017e"
"""Letters that a person in this country types; none that passes for another one (dotless i, long s, kra)."""

X = Spec(
    slug="x",
    name="X",
    label="X (Twitter)",
    aliases=(
        "twitter",
        "x (twitter)",
        "twitter/x",
        "x/twitter",
        "x formerly twitter",
        "x.com",
        "twitter.com",
    ),
    hosts=_hosts("x.com www.x.com mobile.x.com twitter.com www.twitter.com mobile.twitter.com m.twitter.com"),
    expects="written x.com/CityParks: 1 to 15 letters, digits and underscores",
    handle_pattern=r"[A-Za-z0-9_]{1,15}",
    forms=(
        Form(rf"/@?{NAME}(?:/(?:with_replies|media|likes|highlights|articles|photo|header_photo))?"),
        Form(rf"/@?{NAME}/(?:status|statuses)/\d+(?:/.*)?", post=True),
    ),
    reserved=_words(
        "home explore search search-advanced i intent settings messages notifications login logout signup share "
        "hashtag tos privacy about jobs download compose account oauth who_to_follow statuses status widgets following"
    ),
)

_FACEBOOK_TABS = (
    r"(?:/(?:about|photos|videos|reviews|community|events|posts|reels|mentions|timeline|info|likes))?"
)

FACEBOOK = Spec(
    slug="facebook",
    name="Facebook",
    label="Facebook",
    aliases=("fb", "facebook page", "facebook.com", "meta"),
    hosts=_hosts(
        "www.facebook.com facebook.com m.facebook.com mobile.facebook.com web.facebook.com "
        "mbasic.facebook.com touch.facebook.com business.facebook.com fb.com www.fb.com m.fb.com "
        "en-us.facebook.com en-gb.facebook.com es-la.facebook.com es-es.facebook.com"
    ),
    expects="written facebook.com/CityParks, or with its number: facebook.com/profile.php?id=100064500000000",
    handle_pattern=r"(?:groups/)?[A-Za-z0-9](?:[A-Za-z0-9.\-]{0,78}[A-Za-z0-9])",
    query=("id",),
    forms=(
        Form(r"/profile\.php\?id=(?P<name>\d+)"),
        Form(rf"/(?P<name>\d{{5,}}){_FACEBOOK_TABS}"),
        Form(r"/pages/(?:[^/?]+/){0,3}?(?P<name>\d{5,})"),
        Form(r"/pages/category/[^/?]+/(?:[^/?]+-)?(?P<name>\d{5,})"),
        Form(r"/p/(?:[^/?]+-)?(?P<name>\d{5,})"),
        Form(r"/people/[^/?]+/(?P<name>\d{5,})"),
        Form(rf"/(?:pg/)?[^/?]+-(?P<name>\d{{6,}}){_FACEBOOK_TABS}"),
        Form(rf"/groups/{NAME}(?:/(?:about|members))?", "groups/{name}"),
        Form(rf"/(?:pg/)?@?{NAME}{_FACEBOOK_TABS}"),
        Form(r"/(?:permalink|story)\.php\?id=(?P<name>\d+)", post=True),
        Form(rf"/groups/{NAME}/(?:posts|permalink)/.+", "groups/{name}", post=True),
        Form(rf"/{NAME}/(?:posts|photos|videos|reels|events|media)/.+", post=True),
    ),
    paths=((r"\d+", "/profile.php?id={handle}"), (".+", "/{handle}")),
    reserved=_words(
        "pages groups events watch marketplace sharer sharer.php share.php share login login.php home.php photo "
        "photo.php photos story.php permalink.php hashtag help policies privacy profile.php people pg p media reel "
        "reels dialog plugins l.php gaming stories public ads business settings messages notifications directory "
        "search recover terms careers about permalink story"
    ),
    ignored=".",
)

INSTAGRAM = Spec(
    slug="instagram",
    name="Instagram",
    label="Instagram",
    aliases=("ig", "insta", "intagram", "instagram.com"),
    hosts=_hosts("www.instagram.com instagram.com m.instagram.com instagr.am www.instagr.am"),
    expects="written instagram.com/cityparks: 1 to 30 letters, digits, underscores and single dots within",
    handle_pattern=r"(?!\.)(?!.*\.\.)[A-Za-z0-9._]{1,30}(?<!\.)",
    forms=(
        Form(rf"/@?{NAME}(?:/(?:reels|tagged|channel|feed|guides|live))?"),
        Form(rf"/{NAME}/(?:p|reel|tv)/.+", post=True),
        Form(rf"/stories/{NAME}/\d+", post=True),
    ),
    reserved=_words(
        "p reel reels explore accounts stories tv direct about legal developer web privacy terms share"
    ),
)

CHANNEL_ID = r"UC[A-Za-z0-9_\-]{21}[AQgw]"
"""A YouTube channel id: 128 bits in URL-safe base64, so the last character is one of four."""

_YOUTUBE_TABS = (
    r"(?:/(?:featured|videos|shorts|streams|live|playlists|community|posts|about|channels|discussion))?"
)

YOUTUBE = Spec(
    slug="youtube",
    name="YouTube",
    label="YouTube",
    aliases=("yt", "you tube", "youtube channel", "youtube.com"),
    hosts=_hosts("www.youtube.com youtube.com m.youtube.com"),
    expects="written youtube.com/@CityParks, youtube.com/channel/UC…, /user/… or /c/…",
    handle_pattern=rf"[{LATIN}][{LATIN}_.\-·]{{1,28}}[{LATIN}]|{CHANNEL_ID}|(?:user|c)/[{LATIN}][{LATIN}_.\-]{{0,99}}",
    query=("user",),
    forms=(
        # Lists write channel ids behind an @; folding their case would make two channels one.
        Form(rf"/(?:channel/|@)?(?P<name>{CHANNEL_ID}){_YOUTUBE_TABS}"),
        Form(rf"/@{NAME}{_YOUTUBE_TABS}"),
        Form(rf"/user/{NAME}{_YOUTUBE_TABS}", "user/{name}"),
        Form(r"/profile\?user=(?P<name>[^&?]+)", "user/{name}"),
        Form(rf"/c/{NAME}{_YOUTUBE_TABS}", "c/{name}"),
        Form(rf"/(?!@|channel(?:/|$)|user(?:/|$)|c(?:/|$)){NAME}{_YOUTUBE_TABS}", "c/{name}"),
    ),
    paths=((CHANNEL_ID, "/channel/{handle}"), (r"(?:user|c|channel)/.+", "/{handle}"), (".+", "/@{handle}")),
    reserved=_words(
        "watch channel user c playlist results feed embed shorts live premium about account upload redirect "
        "attribution_link signin t clip hashtag gaming music v e profile kids trending"
    ),
    case_kept=CHANNEL_ID,
)

LINKEDIN = Spec(
    slug="linkedin",
    name="LinkedIn",
    label="LinkedIn",
    aliases=("linked in", "linkedin page", "linkedin.com"),
    hosts=_hosts(
        "www.linkedin.com linkedin.com m.linkedin.com us.linkedin.com uk.linkedin.com ca.linkedin.com "
        "mx.linkedin.com"
    ),
    expects="written linkedin.com/company/city-of-hutchinson, or /showcase/…, /school/…, /groups/…, /in/…",
    handle_pattern=rf"(?:(?:showcase|in|school|groups)/)?[{LATIN}][{LATIN}_\-.'’&]{{0,99}}",
    query=("gid",),
    forms=(
        Form(rf"/company/(?:beta/)?{NAME}(?:/(?:about|posts|jobs|people|life|videos|events|admin))?"),
        Form(rf"/showcase/{NAME}(?:/(?:about|posts))?", "showcase/{name}"),
        Form(rf"/school/{NAME}(?:/(?:about|posts|people))?", "school/{name}"),
        Form(rf"/in/{NAME}(?:/(?:en|es))?", "in/{name}"),
        Form(r"/groups\?gid=(?P<name>\d+)", "groups/{name}"),
        Form(rf"/groups/{NAME}", "groups/{name}"),
    ),
    paths=((r"(?:showcase|in|school|groups|company)/.+", "/{handle}"), (".+", "/company/{handle}")),
    at=False,
)

MASTODON = Spec(
    slug="mastodon",
    name="Mastodon",
    label="Mastodon",
    aliases=("mastadon", "fediverse"),
    kind=Kind.FEDERATED,
    expects="written @cityparks@mastodon.social, or with its server: mastodon.social/@cityparks",
    handle_pattern=r"[A-Za-z0-9_](?:[A-Za-z0-9_.\-]{0,60}[A-Za-z0-9_])?@[a-z0-9.\-]+",
    forms=(
        Form(rf"/(?:web/)?@{NAME}(?:/(?:with_replies|media|featured))?"),
        Form(rf"/users/{NAME}"),
        Form(rf"/@{NAME}/\d+", post=True),
        Form(rf"/users/{NAME}/statuses/\d+", post=True),
    ),
    paths=((".+", "/@{handle}"),),
)

_NEXTDOOR = r"[a-z0-9\-]{1,80}"

NEXTDOOR = Spec(
    slug="nextdoor",
    name="Nextdoor",
    label="Nextdoor",
    aliases=("next door", "nextdoor.com"),
    hosts=_hosts("nextdoor.com www.nextdoor.com us.nextdoor.com"),
    expects="written nextdoor.com/agency-detail/ks/hutchinson/city-of-hutchinson or nextdoor.com/pages/…",
    handle_pattern=rf"(?i:(?:agency|city|profile)/{_NEXTDOOR}|agency-detail(?:/{_NEXTDOOR}){{1,4}}|{_NEXTDOOR})",
    forms=(
        Form(r"/agency-detail/(?P<name>[^?]+)", "agency-detail/{name}"),
        Form(rf"/agency/{NAME}", "agency/{name}"),
        Form(rf"/city/{NAME}", "city/{name}"),
        Form(rf"/profile/{NAME}", "profile/{name}"),
        Form(rf"/pages/{NAME}"),
    ),
    paths=((r"(?:agency|agency-detail|city|profile|pages)/.+", "/{handle}"), (".+", "/pages/{handle}")),
    at=False,
)

THREADS = Spec(
    slug="threads",
    name="Threads",
    label="Threads",
    aliases=("thread", "threads.net", "threads.com"),
    hosts=_hosts("www.threads.com threads.com www.threads.net threads.net"),
    expects="written threads.com/@cityparks: 1 to 30 letters, digits, underscores and single dots within",
    handle_pattern=INSTAGRAM.handle_pattern,
    forms=(Form(rf"/@{NAME}(?:/(?:replies|media|reposts))?"), Form(rf"/@{NAME}/post/.+", post=True)),
    paths=((".+", "/@{handle}"),),
)

TIKTOK = Spec(
    slug="tiktok",
    name="TikTok",
    label="TikTok",
    aliases=("tik tok", "tiktok.com"),
    hosts=_hosts("www.tiktok.com tiktok.com m.tiktok.com"),
    expects="written tiktok.com/@cityparks: 2 to 24 letters, digits, underscores and dots",
    handle_pattern=r"[A-Za-z0-9_][A-Za-z0-9._]{1,23}(?<!\.)",
    forms=(Form(rf"/@{NAME}(?:/live)?"), Form(rf"/@{NAME}/(?:video|photo)/.+", post=True)),
    paths=((".+", "/@{handle}"),),
)

FLICKR = Spec(
    slug="flickr",
    name="Flickr",
    label="Flickr",
    aliases=("flicker", "flickr.com"),
    hosts=_hosts("www.flickr.com flickr.com m.flickr.com secure.flickr.com"),
    expects="written flickr.com/photos/cityparks",
    handle_pattern=r"[A-Za-z0-9_\-]{1,40}|\d+@N\d\d",
    forms=(
        Form(rf"/(?:photos|people)/{NAME}(?:/(?:albums|sets|galleries|collections|about|favorites))?"),
        Form(rf"/(?!photos$|people$){NAME}"),
        Form(rf"/photos/{NAME}/.+", post=True),
    ),
    paths=((".+", "/photos/{handle}"),),
    reserved=_words(
        "photos people groups explore search help account signin creativecommons map prints services"
    ),
    at=False,
)

BLOG = Spec(
    slug="blog",
    name="Blog",
    label="Blog",
    aliases=("weblog", "blogs", "web log", "wordpress", "blogger", "blogspot"),
    kind=Kind.SITE,
    expects="its web address: hutchgov.com/news",
    handle_pattern=r"[^\s@]+\.[^\s@]+",
    case_kept=".+",
    at=False,
)

_ALL = (X, FACEBOOK, INSTAGRAM, YOUTUBE, LINKEDIN, MASTODON, NEXTDOOR, THREADS, TIKTOK, FLICKR, BLOG)

CATALOGUE: dict[str, Spec] = {spec.slug: spec for spec in _ALL}
"""The platforms by slug."""
