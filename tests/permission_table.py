"""Who may do what: every address, every method, everybody. Written by hand from the house's rules, not from the code.

Each row: an address, what GET answers, what POST answers. Names in braces are things of the Zoo, of Fire, or missing
ones (`tests/permission_scene.py`). Nobody's answer follows from being superuser (`rex`), and whoever has left is
answered like a visitor.

    anonymous  a visitor                       dana     PI Director
    left       worked here until today         marcus   IT Director
    priya      Zoo staff, asks for accounts    mona     City Manager
    noah       Fire staff, asks for accounts   tom      Public Information role
    helen      Director of the Zoo             sam      Information Technology role
    adele      acting Director of the Zoo      eleanor  Auditor role
    frank      Director of Fire                carla    Registry clerk role
    joel       designee of the Zoo             rex      superuser, and nothing else
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from audit import clock

OUTSIDE = frozenset(("anonymous", "left"))
INSIDE = frozenset(
    "priya noah helen adele frank joel dana marcus mona tom sam eleanor carla rex".split()  # noqa: SIM905
)
EVERYBODY = OUTSIDE | INSIDE

# Whole city

OFFICERS = frozenset(("dana", "marcus", "mona"))
IT = frozenset(("marcus", "sam"))
REGISTRARS = OFFICERS | {"carla"}
READERS = OFFICERS | {"eleanor"}
SEES_ALL = OFFICERS | {"tom", "sam", "eleanor", "carla"}
AUDITOR = frozenset(("eleanor",))
DIRECTORS = frozenset(("helen", "adele", "frank"))
ADMIN = SEES_ALL | DIRECTORS

Who = frozenset[str]
By = dict[str, Who]
"""People by the department of the thing: `zoo` or `fire`."""

DIRECTS: By = {"zoo": frozenset(("helen", "adele")), "fire": frozenset(("frank",))}
STAFF: By = {"zoo": frozenset(("priya", "helen", "adele", "joel")), "fire": frozenset(("noah", "frank"))}
ASKED: By = {"zoo": frozenset(("priya",)), "fire": frozenset(("noah",))}
HOLDS: By = {
    "zoo": frozenset(("dana", "marcus", "helen", "adele", "joel")),
    "fire": frozenset(("dana", "marcus", "frank")),
}


def plus(by: By, *more: Who) -> By:
    return {department: who.union(*more) for department, who in by.items()}


def less(by: By, **fewer: str) -> By:
    return {department: who - {fewer.get(department, "")} for department, who in by.items()}


# Answers

SIGN_IN = 302
Answer = Callable[[str, str], int]
"""The status for a person and the department of the thing (`missing` where there is none)."""


def everybody(status: int) -> Answer:
    """Visitors, too."""
    return lambda who, of: status


def inside(status: int) -> Answer:
    """Whoever is signed in."""
    return lambda who, of: SIGN_IN if who in OUTSIDE else status


def outside(status: int) -> Answer:
    """For signing in: whoever is signed in is led on."""
    return lambda who, of: status if who in OUTSIDE else 302


def only(allowed: Who, status: int, *, others: int = 403) -> Answer:
    """Those people; others are refused."""
    return lambda who, of: SIGN_IN if who in OUTSIDE else status if who in allowed else others


def there(seen: By, answer: Answer | int, *, gone: int = 404) -> Answer:
    """To who may see the thing; for others it is as if it were not there, and so it is for all where it isn't."""

    def of(who: str, of: str) -> int:
        if who in OUTSIDE:
            return SIGN_IN
        if of == "missing" or who not in seen[of]:
            return gone
        return answer if isinstance(answer, int) else answer(who, of)

    return of


def its(allowed: By, status: int, *, others: int = 403) -> Answer:
    """Those people of the thing's department; other who see it are refused."""
    return lambda who, of: status if who in allowed[of] else others


def within(doors: Who, answer: Answer) -> Answer:
    """Refused before anything is looked for, unless among `doors`."""
    return lambda who, of: answer(who, of) if who in doors or who in OUTSIDE else 403


def found(status: int, *, missing: int) -> Answer:
    """One status where the thing is there, another where it is missing."""
    return lambda who, of: SIGN_IN if who in OUTSIDE else missing if of == "missing" else status


def in_it(allowed: Who, status: int) -> Answer:
    """Those people, of what is there; others who come so far are refused."""
    return lambda who, of: (
        SIGN_IN if who in OUTSIDE else 404 if of == "missing" else status if who in allowed else 403
    )


NEVER = everybody(405)
"""Not by this method, whoever asks."""


@dataclass(frozen=True)
class Row:
    address: str
    get: Answer
    post: Answer
    data: dict[str, str] = field(default_factory=dict)
    whose: tuple[str, ...] = (
        "zoo",
        "fire",
        "missing",
    )  # whose thing, in the bounded run; in the long one all


SEES_PERSON = plus({"zoo": ASKED["zoo"] | DIRECTS["zoo"], "fire": ASKED["fire"] | DIRECTS["fire"]}, SEES_ALL)
SEES_ACCOUNT = plus(STAFF, SEES_ALL)
SEES_CREDENTIAL = plus(HOLDS, SEES_ALL)
SEES_DIRECTED = plus(DIRECTS, SEES_ALL)
SEES_CUSTODY = plus(HOLDS, SEES_ALL)
DEPOSITS = plus(HOLDS, IT)
KEEPS = plus(HOLDS, IT, frozenset(("tom",)))
PI_SEAT = frozenset(("dana",))
YESTERDAY = str(clock.today() - timedelta(days=1))

PUBLIC = [
    Row("/", everybody(200), NEVER),
    Row("/accounts/{account}/", lambda who, of: 404 if of == "missing" else 200, NEVER),
    Row("/accounts/{opening}/", everybody(404), NEVER),
    Row("/a/{account}", lambda who, of: 404 if of == "missing" else 301, NEVER),
    Row("/a/{opening}", everybody(404), NEVER),
    Row("/verify/", everybody(200), NEVER),
    Row("/policy/", everybody(200), NEVER),
    Row("/policy/1/", everybody(404), NEVER),  # none is published in the scene
    Row("/policy/1/changes/", everybody(404), NEVER),
    Row("/p", everybody(301), NEVER),
    Row("/report/", everybody(200), everybody(302), {"address": "https://x.com/HutchPotholes"}),
    Row("/report/{report_number}/", lambda who, of: 404 if of == "missing" else 200, NEVER),
    *(
        Row(address, everybody(200), NEVER)
        for address in (
            *("/impostors/", "/data/", "/.well-known/trust.txt", "/feed.atom", "/sitemap.xml", "/robots.txt"),
            *(
                "/api/v1/",
                "/api/v1/openapi.json",
                "/api/v1/accounts",
                "/api/v1/accounts.csv",
                "/api/v1/registry.csv",
            ),
            *("/api/v1/departments", "/api/v1/departments.csv", "/api/v1/platforms", "/api/v1/platforms.csv"),
        )
    ),
    Row("/api/v1/verify", everybody(422), NEVER),  # a question is missing
    Row("/api/v1/accounts/{account}", lambda who, of: 404 if of == "missing" else 200, NEVER),
    Row("/api/v1/accounts/{opening}", everybody(404), NEVER),
    Row("/api/v1/there/is/nothing", everybody(404), NEVER),
    Row("/healthz", everybody(200), NEVER),
    Row("/ledger/checkpoint", everybody(200), NEVER),  # signed after the scene's exports
    Row("/ledger/checkpoint/1", everybody(404), NEVER),
    Row("/ledger/checkpoints", everybody(200), NEVER),
    Row("/ledger/consistency/1/2", everybody(404), NEVER),
    Row("/ledger/key", everybody(200), NEVER),
]

FACTOR = "/login/factor/"
ITS_OWN: By = {"zoo": frozenset(("priya",)), "fire": frozenset(("noah",))}

SIGNING_IN = [
    Row("/login/", outside(200), outside(200)),
    Row("/logout/", inside(200), everybody(302)),
    Row("/login/again/", inside(200), inside(200)),
    Row("/password/change/", inside(200), inside(200)),
    Row("/password/change/done/", inside(200), inside(405)),
    Row("/password/reset/", everybody(200), everybody(200)),
    Row("/password/reset/sent/", everybody(200), NEVER),
    Row("/password/set/MQ/wrong-token/", everybody(200), everybody(200)),
    Row("/password/set/done/", everybody(200), NEVER),
    Row("/admin/login/", inside(403), inside(403)),
    Row("/sessions/", inside(200), inside(405)),
    Row("/sessions/{session}/end/", inside(405), there(ITS_OWN, 302)),
    Row("/login/sso/cancelled/", everybody(200), NEVER),
    Row("/login/sso/error/", everybody(401), NEVER),
    Row("/login/sso/nobody/login/", everybody(404), everybody(404)),
    Row("/login/sso/nobody/login/callback/", everybody(404), everybody(404)),
]

SECOND_FACTORS = [
    Row(FACTOR, inside(200), inside(405)),
    Row(f"{FACTOR}authenticate/", everybody(302), everybody(302)),
    Row(f"{FACTOR}reauthenticate/", inside(302), inside(302)),
    Row(f"{FACTOR}totp/activate/", inside(200), inside(200)),
    Row(f"{FACTOR}totp/deactivate/", inside(404), inside(404)),
    Row(f"{FACTOR}recovery-codes/", inside(404), inside(405)),
    Row(f"{FACTOR}recovery-codes/generate/", inside(200), inside(200)),  # says: enrol a factor first
    Row(f"{FACTOR}recovery-codes/download/", inside(404), inside(404)),
    Row(f"{FACTOR}webauthn/", inside(200), inside(405)),
    Row(f"{FACTOR}webauthn/add/", inside(200), inside(200)),
    Row(f"{FACTOR}webauthn/reauthenticate/", inside(302), inside(302)),
    Row(f"{FACTOR}webauthn/keys/1/remove/", inside(404), inside(404)),
    Row(f"{FACTOR}webauthn/keys/1/edit/", inside(404), inside(404)),
    Row(f"{FACTOR}webauthn/login/", everybody(302), everybody(302)),
]

FRAME = [
    Row("/today/", inside(200), inside(405)),
    Row("/who-can-do-what/", inside(200), inside(405)),
    Row("/admin/", only(ADMIN, 200), only(ADMIN, 200)),
    Row("/admin/logout/", only(ADMIN, 405), only(ADMIN, 302)),
    Row("/admin/jsi18n/", only(ADMIN, 200), only(ADMIN, 405)),
    Row("/admin/approvals/", only(ADMIN, 200), only(ADMIN, 200)),
    *(
        Row(f"/admin/{app}/", *2 * (within(ADMIN, only(who, 200, others=404)),))
        for app, who in (("employees", SEES_ALL), ("accounts", SEES_ALL), ("audit", IT))
    ),
    Row("/admin/there/is/nothing/", *2 * (only(ADMIN, 404),)),
]


def to_read(model: str, thing: str, who: Who) -> list[Row]:
    """A model's pages in the admin: read by `who`, written by nobody."""
    at, one = f"/admin/{model}/", f"/admin/{model}/{{{thing}}}/"
    refused = inside(403)
    return [
        Row(at, only(who, 200), only(who, 200)),
        Row(f"{at}add/", refused, refused),
        Row(
            f"{one}change/",
            within(who, found(200, missing=302)),
            refused,
            {"is_superuser": "on"},
            ("zoo", "missing"),
        ),
        Row(f"{one}history/", *2 * (within(who, found(200, missing=302)),), whose=("zoo",)),
        Row(f"{one}delete/", refused, refused, {"post": "yes"}, whose=("zoo",)),
        Row(one, *2 * (only(ADMIN, 302),), whose=("zoo",)),
    ]


LISTS = [
    *to_read("employees/department", "department", SEES_ALL),
    *to_read("employees/employee", "person", SEES_ALL),
    *to_read("employees/appointment", "held_appointment", SEES_ALL),
    *to_read("employees/designation", "held_designation", SEES_ALL),
    *to_read("employees/role", "held_role", SEES_ALL),
    *to_read("accounts/account", "account", SEES_ALL),
    *to_read("accounts/platform", "platform", SEES_ALL),
    *to_read("audit/securityevent", "event", IT),
]


def decision(act: str, thing: str, who: By) -> Row:
    data = {"seen": f"{{{thing}_seen}}", "text": "Because."}
    address = f"/admin/approvals/request/{{{thing}_id}}/{act}/"
    seen = plus(DIRECTS, SEES_ALL)
    return Row(
        address, within(ADMIN, there(seen, its(who, 200))), within(ADMIN, there(seen, its(who, 302))), data
    )


PI_DIRECTOR: By = {"zoo": frozenset(("dana",)), "fire": frozenset(("dana",))}

DECIDING = [
    Row("/admin/approvals/request/", *2 * (only(ADMIN, 200),)),
    Row(
        "/admin/approvals/request/{request_id}/change/",
        within(ADMIN, there(SEES_DIRECTED, 200)),
        only(ADMIN, 405),
    ),
    *(decision(act, "request", DIRECTS) for act in ("endorse", "decline")),
    *(decision(act, "endorsed", PI_DIRECTOR) for act in ("approve", "return", "deny")),
    # Taking a review marks only who is on it, and leads back to the page.
    decision("take", "endorsed", PI_DIRECTOR),
    Row("/admin/approvals/request/several/", *2 * (only(ADMIN, 302),)),  # nothing is ticked
    Row("/admin/approvals/request/{request_id}/fulfil/", *2 * (only(ADMIN, 404),)),
    Row("/admin/accounts/account/attest/", only(frozenset(("dana",)), 200), only(frozenset(("dana",)), 302)),
]

DESIGNATES = plus(DIRECTS, frozenset(("carla",)))
DESCRIBES = plus(DIRECTS, frozenset(("dana", "tom")))
REGISTRY = [
    Row("/registry/", inside(200), inside(200)),
    Row("/registry/{account}/", *2 * (there(SEES_ACCOUNT, 200),)),
    Row("/registry/{account}/profile/", *(there(SEES_ACCOUNT, 200), there(SEES_ACCOUNT, its(KEEPS, 302)))),
    Row(
        "/registry/{account}/affiliations/", *(there(SEES_ACCOUNT, 200), there(SEES_ACCOUNT, its(HOLDS, 422)))
    ),
    Row("/affiliations/", only(SEES_ALL, 200), inside(405)),
    Row("/affiliations/seen/", inside(405), only(PI_SEAT, 302)),
    Row(
        "/affiliations/{affiliation}/order/",
        within(PI_SEAT, found(200, missing=404)),
        within(PI_SEAT, found(422, missing=404)),
    ),
    Row("/affiliations/{affiliation}/undone/", inside(405), there(SEES_ACCOUNT, its(HOLDS, 302))),
    Row("/registry/{account}/describe/", *2 * (there(SEES_ACCOUNT, its(DESCRIBES, 200)),)),
    Row("/registry/{account}/designate/", *2 * (there(SEES_ACCOUNT, its(DESIGNATES, 200)),)),
]

PUBLIC_INFORMATION = frozenset(("dana", "tom"))
READS_REPORTS = OFFICERS | {"tom"}
STRANGERS = [
    Row("/registry/reports/", only(READS_REPORTS, 200), inside(405)),
    Row(
        "/registry/reports/{report}/",
        there({"zoo": READS_REPORTS, "fire": READS_REPORTS}, 200),
        there({"zoo": READS_REPORTS, "fire": READS_REPORTS}, its(PI_DIRECTOR, 302)),
        {"outcome": "harmless"},
    ),
    Row("/registry/neighbours/", only(PUBLIC_INFORMATION, 200), only(PUBLIC_INFORMATION, 200)),
    Row(
        "/registry/neighbours/{neighbour}/remove/",
        inside(405),
        within(PUBLIC_INFORMATION, found(302, missing=404)),
    ),
]

ROTATES = plus({"zoo": frozenset(), "fire": frozenset()}, IT)
REGISTRAR_OF = plus({"zoo": frozenset(), "fire": frozenset()}, REGISTRARS)
SEPARATES = plus(DIRECTS, REGISTRARS, IT)
ON_LEAVE = OFFICERS | {"helen", "frank"}  # who only acts names nobody
LEAVING = {"last_day": YESTERDAY, "reason": "Retired"}
ENDING = {"last_day": YESTERDAY, "reason": "Over"}

FOLLOWS = plus(SEPARATES, AUDITOR)


def fills(status: int) -> Answer:
    """Registry clerks and officers; for others it is not looked for."""
    return lambda who, of: (
        SIGN_IN if who in OUTSIDE else 403 if who not in REGISTRARS else 404 if of == "missing" else status
    )


PEOPLE = [
    Row("/policy/acknowledge/", inside(200), inside(404)),
    Row("/policy/acknowledged/", only(ADMIN, 200), inside(405)),
    Row("/status/", only(IT, 200), inside(405)),
    Row("/status/mail/again/", inside(405), only(IT, 302)),
    Row("/people/", only(SEES_ALL | DIRECTORS, 200), inside(405)),
    Row("/people/waiting/", only(REGISTRARS | DIRECTORS, 200), inside(405)),
    Row("/people/{person}/", there(SEES_PERSON, 200), inside(405)),
    Row("/people/substitute/", only(ON_LEAVE, 200), only(ON_LEAVE, 422)),
    Row(
        "/people/{person}/factor/",
        there(SEES_PERSON, its(ROTATES, 200)),
        there(SEES_PERSON, its(ROTATES, 422)),  # they have none
        {"reason": "A lost telephone"},
    ),
    Row(
        "/people/{without_factor}/factor/confirm/",
        inside(405),
        there(SEES_DIRECTED, its(less(plus(REGISTRAR_OF, IT), zoo="sam", fire="sam"), 302)),  # who asked
    ),
    Row(
        "/people/{person}/appoint/",
        there(SEES_PERSON, its(REGISTRAR_OF, 200)),
        there(SEES_PERSON, its(REGISTRAR_OF, 422)),
    ),
    Row(
        "/people/{person}/role/",
        there(SEES_PERSON, its(REGISTRAR_OF, 200)),
        there(SEES_PERSON, its(REGISTRAR_OF, 302)),
        {"name": "clerk", "start": "2024-01-08", "instrument": "Memo 1"},
    ),
    Row(
        "/people/{person}/designate/",
        there(SEES_PERSON, its(DESIGNATES, 200)),
        there(SEES_PERSON, its(DESIGNATES, 422)),
    ),
    Row(
        "/people/{person}/leaving/",
        there(SEES_PERSON, its(SEPARATES, 200)),
        there(SEES_PERSON, its(SEPARATES, 302)),
        LEAVING,
    ),
    Row("/people/{person}/if-left/", there(SEES_PERSON, 200), inside(405)),
    Row("/people/{gone_person}/leaving/", *2 * (there(SEES_DIRECTED, its(FOLLOWS, 200)),), whose=("zoo",)),
    Row(
        "/people/{gone_person}/leaving/certificate/",
        there(SEES_DIRECTED, its(FOLLOWS, 302)),  # something is open
        inside(405),
    ),
    Row("/people/{gone_person}/leaving/{gone_day}/", there(SEES_DIRECTED, its(FOLLOWS, 200)), inside(405)),
    Row(
        "/people/{gone_person}/leaving/{gone_day}/certificate/",
        there(SEES_DIRECTED, its(FOLLOWS, 302)),  # something is open
        inside(405),
    ),
    Row("/people/departures/", only(REGISTRARS | IT | AUDITOR, 200), inside(405)),
    Row("/people/offices/{office}/fill/", fills(200), fills(422)),
    Row("/people/{person}/leaving/stays/", inside(405), there(SEES_PERSON, its(REGISTRAR_OF, 302))),
]

SEES_HELD = {
    "appointment": SEES_DIRECTED,
    "designation": plus({"zoo": DIRECTS["zoo"] | {"joel"}, "fire": DIRECTS["fire"]}, SEES_ALL),
    "role": SEES_DIRECTED,
}
ENDS = {
    "appointment": REGISTRAR_OF,
    "designation": plus(DIRECTS, REGISTRARS),
    "role": REGISTRAR_OF,
}
TO_CARRY: By = {"zoo": frozenset(("adele",)), "fire": frozenset()}
"""Helen made the Zoo's designation; Frank, who directs Fire alone, made Fire's."""


def papers(kind: str) -> list[Row]:
    waiting = f"/people/waiting/{kind}/{{waiting_{kind}}}/"
    return [
        Row(f"{waiting}confirm/", inside(405), there(SEES_PERSON, its(REGISTRAR_OF, 302))),
        Row(
            f"{waiting}refuse/",
            there(SEES_PERSON, its(REGISTRAR_OF, 200)),
            there(SEES_PERSON, its(REGISTRAR_OF, 302)),
            {"reason": "A mistake"},
        ),
        Row(
            f"/people/held/{kind}/{{held_{kind}}}/end/",
            there(SEES_HELD[kind], 200),  # says why not, where it is not theirs to end
            there(SEES_HELD[kind], its(ENDS[kind], 302)),
            ENDING,
        ),
    ]


PAPERS = [
    *(row for kind in ("appointment", "designation", "role") for row in papers(kind)),
    Row("/people/held/designation/{held_designation}/carry/", inside(405), there(TO_CARRY, 302)),
]

SEES_REQUEST = plus(STAFF, SEES_ALL)
TALKS = plus(STAFF, OFFICERS, frozenset(("tom",)))
TAKES_BACK: By = {"zoo": ASKED["zoo"] | DIRECTS["zoo"], "fire": ASKED["fire"] | DIRECTS["fire"]}
REQUESTS = [
    Row("/requests/", *2 * (inside(200),)),
    Row("/requests/figures/", inside(200), inside(405)),
    Row("/requests/new/", *2 * (inside(200),)),
    Row("/requests/{request}/", *2 * (there(SEES_REQUEST, 200),)),
    Row("/requests/{draft}/edit/", there(SEES_REQUEST, its(ASKED, 302)), inside(405)),
    Row(
        "/requests/{draft}/edit/account/",
        there(SEES_REQUEST, its(ASKED, 200)),
        there(SEES_REQUEST, its(ASKED, 302)),
        {"name": "Another name"},
    ),
    Row("/requests/{draft}/review/", there(SEES_REQUEST, its(ASKED, 200)), inside(405)),
    Row("/requests/{draft}/submit/", inside(405), there(SEES_REQUEST, its(ASKED, 302))),
    Row("/requests/{draft}/check/", there(SEES_REQUEST, 200), inside(405)),
    Row("/requests/{request}/files/{file}/", there(SEES_REQUEST, 200), inside(405)),
    Row(
        "/requests/{request}/comment/",
        inside(405),
        there(SEES_REQUEST, its(TALKS, 302)),
        {"text": "A question"},
    ),
    Row(
        "/requests/{request}/withdraw/",
        there(SEES_REQUEST, its(TAKES_BACK, 200)),
        there(SEES_REQUEST, its(TAKES_BACK, 302)),
        {"text": "Not needed"},
    ),
]

REVIEWS: By = {"zoo": OFFICERS, "fire": OFFICERS}
BROKE: By = {"zoo": frozenset(("sam",)), "fire": frozenset(("sam",))}
SEES_EMERGENCY = plus(BROKE, OFFICERS, AUDITOR)
BREAKS: By = {"zoo": frozenset(("mona", "tom", "sam")), "fire": frozenset(("mona", "tom", "sam"))}
VAULT = [
    Row("/credentials/", inside(200), NEVER),
    Row("/credentials/queue/", only(IT, 200), NEVER),
    Row("/credentials/queue/export/", NEVER, only(IT, 200)),
    Row("/credentials/queue/start/", NEVER, only(IT, 302)),
    Row("/credentials/queue/stop/", NEVER, only(IT, 302)),
    Row("/credentials/noted/", inside(200), inside(302)),
    Row("/credentials/emergencies/", inside(200), NEVER),
    Row(
        "/credentials/emergencies/{emergency}/",
        there(SEES_EMERGENCY, 200),
        there(SEES_EMERGENCY, its(REVIEWS, 302)),
        {"finding": "justified"},
    ),
    Row(
        "/credentials/emergencies/{emergency}/show/",
        there(SEES_EMERGENCY, 302),
        there(SEES_EMERGENCY, its(BROKE, 200)),
    ),
    Row(
        "/credentials/{credential}/break-glass/",
        there(SEES_CREDENTIAL, its(BREAKS, 200)),
        there(SEES_CREDENTIAL, its(BREAKS, 200)),
        {"reason": "The river rises and nobody can be reached."},
    ),
    Row("/credentials/{credential}/", there(SEES_CREDENTIAL, 200), NEVER),
    Row(
        "/credentials/{credential}/reveal/",
        there(SEES_CREDENTIAL, 302),
        there(SEES_CREDENTIAL, its(HOLDS, 200)),
    ),
    Row(
        "/credentials/{credential}/deposit/",
        there(SEES_CREDENTIAL, its(DEPOSITS, 200)),
        there(SEES_CREDENTIAL, its(DEPOSITS, 302)),
        {"login": "social@hutch.example", "password": "another-Secret-77"},
    ),
    Row(
        "/credentials/{credential}/report/",
        there(SEES_CREDENTIAL, its(DEPOSITS, 200)),
        there(SEES_CREDENTIAL, its(DEPOSITS, 302)),
        {"version": "1", "reason": "It got around."},
    ),
    Row(
        "/credentials/{credential}/told/",
        there(SEES_CREDENTIAL, 200),
        there(SEES_CREDENTIAL, its(DEPOSITS, 302)),
        {"version": "1", "person": "{colleague}"},
    ),
    Row("/credentials/{credential}/rotate/", there(SEES_CREDENTIAL, its(ROTATES, 200)), NEVER),
    Row("/credentials/{credential}/rotate/start/", NEVER, there(SEES_CREDENTIAL, its(ROTATES, 302))),
    Row(
        "/credentials/{credential}/rotate/show/",
        there(SEES_CREDENTIAL, 302),
        there(SEES_CREDENTIAL, its(ROTATES, 409)),  # none is open
    ),
    Row("/credentials/{credential}/rotate/hand-over/", NEVER, there(SEES_CREDENTIAL, its(ROTATES, 302))),
    Row("/credentials/{credential}/rotate/claim/", NEVER, there(SEES_CREDENTIAL, its(ROTATES, 302))),
    Row("/credentials/{credential}/rotate/verify/", NEVER, there(SEES_CREDENTIAL, its(ROTATES, 302))),
    Row("/credentials/{credential}/rotate/cancel/", *2 * (there(SEES_CREDENTIAL, its(ROTATES, 302)),)),
    Row("/credentials/{credential}/rotate/unknown/", NEVER, there(SEES_CREDENTIAL, its(ROTATES, 302))),
    Row(
        "/credentials/{credential}/rotate/reconcile/",
        NEVER,
        there(SEES_CREDENTIAL, its(ROTATES, 302)),
        {"found": "new"},
    ),
    Row("/credentials/{credential}/rotate/tick/", NEVER, there(SEES_CREDENTIAL, its(ROTATES, 302))),
    Row(
        "/credentials/{credential}/rotate/kept/",
        there(SEES_CREDENTIAL, 302),
        there(SEES_CREDENTIAL, its(ROTATES, 409)),  # none is kept
    ),
    *(
        Row(
            f"/credentials/{{credential}}/{name}/",
            there(SEES_CREDENTIAL, 302),
            there(SEES_CREDENTIAL, its(HOLDS, 409)),  # none is deposited
        )
        for name in ("code", "recovery-code", "answers")
    ),
    Row(
        "/credentials/{credential}/notes/",
        there(SEES_CREDENTIAL, 302),
        there(SEES_CREDENTIAL, its(HOLDS, 200)),
    ),
    Row(
        "/credentials/{credential}/notes/write/",
        NEVER,
        there(SEES_CREDENTIAL, its(HOLDS, 302)),
        {"text": "Ask the front desk."},
    ),
    Row(
        "/credentials/{credential}/correct/",
        there(SEES_CREDENTIAL, its(DEPOSITS, 200)),
        there(SEES_CREDENTIAL, its(DEPOSITS, 302)),
        {"login": "social@hutch.example", "password": "another-Secret-78"},
    ),
    Row(
        "/credentials/{credential}/changed/",
        there(SEES_CREDENTIAL, its(DEPOSITS, 200)),
        there(SEES_CREDENTIAL, its(DEPOSITS, 302)),
        {"reason": "The platform asked for it."},
    ),
    Row(
        "/credentials/{credential}/changed/withdraw/",
        NEVER,
        there(SEES_CREDENTIAL, its(DEPOSITS, 302)),
    ),
    Row(
        "/credentials/{credential}/items/totp_seed/",
        there(SEES_CREDENTIAL, its(DEPOSITS, 200)),
        there(SEES_CREDENTIAL, its(DEPOSITS, 302)),
        {"value": "JBSW Y3DP EHPK 3PXP"},
    ),
    Row(
        "/ways-in/{account}/",
        there(SEES_CREDENTIAL, 200),
        there(SEES_CREDENTIAL, its(DEPOSITS, 302)),
        {"kind": "connected_app", "detail": "Scheduler"},
    ),
    Row("/ways-in/{account}/{way}/gone/", NEVER, there(SEES_CREDENTIAL, its(DEPOSITS, 302))),
]

LOOKS_OVER = SEES_ALL | DIRECTORS | {"joel"}
CUSTODY = [
    Row("/custody/", only(LOOKS_OVER, 200), NEVER),
    Row("/custody/remind/{person}/", NEVER, only(LOOKS_OVER, 302)),  # they owe none
    Row(
        "/custody/{role_custody}/confirm/",
        NEVER,
        within(LOOKS_OVER, there(SEES_CUSTODY, its(less(DEPOSITS, zoo="helen", fire="frank"), 302))),
    ),
    Row(
        "/custody/{gone_custody}/removed/",
        NEVER,
        within(LOOKS_OVER, there(SEES_CUSTODY, its(DEPOSITS, 302))),
    ),
    Row(
        "/custody/{gone_custody}/close/",
        NEVER,
        within(LOOKS_OVER, there(SEES_CUSTODY, its(plus(ROTATES, REGISTRARS), 302))),
    ),
    Row("/custody/{gone_custody}/take/", NEVER, there(SEES_CUSTODY, its(DEPOSITS, 302))),
    Row(
        "/custody/accounts/{opening}/roles/",
        there(SEES_CUSTODY, 200),
        there(SEES_CUSTODY, its(DEPOSITS, 422)),
    ),
]

HISTORY = [
    Row("/access/", only(READERS | DIRECTORS, 200), NEVER),
    Row("/access/export/", only(AUDITOR, 200), only(AUDITOR, 200), {"form": "csv"}),
    Row("/access/entries/", only(READERS, 200), NEVER),
    Row("/access/entries/export/", only(AUDITOR, 200), only(AUDITOR, 200), {"form": "csv"}),
    Row("/access/ledger/", only(READERS, 200), NEVER),
    Row("/access/entries/{entry}/", within(READERS, found(200, missing=404)), NEVER),
    Row("/access/export/{exported}/manifest.json", within(READERS, found(200, missing=404)), NEVER),
    Row(
        "/access/{account}/timeline/", within(READERS | DIRECTORS, there(plus(DIRECTS, READERS), 200)), NEVER
    ),
    Row("/access/people/{person}/timeline/", within(READERS | DIRECTORS, found(200, missing=404)), NEVER),
]

SEES_RECORDS = READERS | {"carla"}
RECORDS = [
    Row("/access/records/", only(SEES_RECORDS, 200), only(AUDITOR, 200)),
    Row("/access/records/{records_request}/", within(SEES_RECORDS, found(200, missing=404)), NEVER),
    Row("/access/records/{records_request}/answer/", NEVER, within(AUDITOR, found(200, missing=404))),
    Row("/access/retention/", only(READERS, 200), only(READERS, 200)),
    Row(
        "/access/retention/{hold}/release/",
        NEVER,
        within(READERS, found(302, missing=404)),
        {"reason": "It is settled."},
    ),
]

REVIEWERS = READERS | DIRECTORS
"""Who decides in access reviews by a seat, and auditors."""
ACCESS_REVIEWS = [
    Row("/reviews/", only(REVIEWERS, 200), only(OFFICERS, 200)),
    Row(
        "/reviews/{campaign}/",
        within(REVIEWERS, found(200, missing=404)),
        within(REVIEWERS, found(422, missing=404)),
    ),
    Row("/reviews/{campaign}/close/", NEVER, within(REVIEWERS, in_it(OFFICERS, 302))),
    Row("/reviews/{closed_campaign}/certificate/", within(REVIEWERS, in_it(READERS, 200)), NEVER),
    Row("/reviews/{campaign}/certificate/", within(REVIEWERS, in_it(READERS, 404)), NEVER),
    Row("/reviews/{campaign}/export/", NEVER, within(REVIEWERS, in_it(READERS, 200))),
    Row(
        "/reviews/items/{review_item}/waive/",
        *2 * (within(OFFICERS, found(302, missing=404)),),
    ),
]

TABLE: list[Row] = [
    *PUBLIC,
    *SIGNING_IN,
    *SECOND_FACTORS,
    *FRAME,
    *LISTS,
    *DECIDING,
    *REGISTRY,
    *STRANGERS,
    *PEOPLE,
    *PAPERS,
    *REQUESTS,
    *VAULT,
    *CUSTODY,
    *HISTORY,
    *RECORDS,
    *ACCESS_REVIEWS,
]
