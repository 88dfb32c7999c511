"""Acts that want a second factor used a moment ago, and the reset of a lost one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from post_office.models import Email

from audit.actions import Verb
from audit.errors import ConflictOfInterest, NotPermitted, Refused, Stale
from audit.models import Entry
from audit.verification import verify
from credentials import rotation, vault, ways
from credentials.models import Credential
from employees import factors, services
from employees.models import FactorReset
from tests.approvals.paths import endorsed
from tests.cast import PASSWORD, City, client_of, code_of, designate, enrol, seat_of
from tests.credentials.accounts import deposited, open_account
from tests.permission_scene import Scene

pytestmark = pytest.mark.django_db

CONFIRM = "/login/factor/reauthenticate/"


@pytest.fixture
def zoo(city: City) -> Credential:
    return deposited(city.helen, open_account(city.dana, city.zoo))


# who, method, address; `z` is the credential's id, `r` the request's, `n` Noah's
ACTS = [
    ("helen", "post", "/credentials/{z}/reveal/"),
    ("helen", "get", "/credentials/{z}/deposit/"),
    ("helen", "post", "/credentials/{z}/deposit/"),
    ("sam", "post", "/credentials/{z}/rotate/start/"),
    ("sam", "post", "/credentials/{z}/rotate/show/"),
    ("sam", "post", "/credentials/{z}/rotate/claim/"),
    ("sam", "post", "/credentials/{z}/rotate/verify/"),
    ("sam", "get", "/credentials/{z}/rotate/cancel/"),
    ("sam", "post", "/credentials/{z}/rotate/cancel/"),
    ("eleanor", "get", "/access/export/"),
    ("eleanor", "post", "/access/export/"),
    ("dana", "post", "/admin/approvals/request/{r}/approve/"),
    ("dana", "post", "/admin/approvals/request/{r}/return/"),
    ("dana", "post", "/admin/approvals/request/{r}/deny/"),
    ("helen", "post", "/admin/approvals/request/{r}/endorse/"),
    ("helen", "post", "/admin/approvals/request/{r}/decline/"),
    ("dana", "post", "/admin/accounts/account/attest/"),
    ("helen", "post", "/credentials/{z}/recovery-code/"),
    ("helen", "post", "/credentials/{z}/answers/"),
    ("helen", "post", "/credentials/{z}/notes/"),
    ("helen", "get", "/credentials/{z}/items/recovery_codes/"),
    ("helen", "post", "/credentials/{z}/items/totp_seed/"),
    ("helen", "post", "/credentials/{z}/correct/"),
    ("sam", "post", "/credentials/{z}/rotate/kept/"),
    ("sam", "post", "/credentials/{z}/rotate/tick/"),
    ("sam", "post", "/credentials/{z}/rotate/unknown/"),
    ("sam", "post", "/credentials/{z}/rotate/reconcile/"),
    ("marcus", "get", "/credentials/{z}/break-glass/"),
    ("marcus", "post", "/credentials/{z}/break-glass/"),
    ("sam", "get", "/ways-in/{a}/"),
    ("sam", "post", "/ways-in/{a}/{w}/gone/"),
    ("sam", "get", "/people/{n}/factor/"),
    ("sam", "post", "/people/{n}/factor/"),
    ("marcus", "post", "/people/{n}/factor/confirm/"),
]


@pytest.mark.parametrize(("first", "method", "address"), ACTS)
@pytest.mark.parametrize("how", ["stale", "password again"])
def test_an_old_factor_or_the_password_does_nothing(
    city: City, zoo: Credential, first: str, method: str, address: str, how: str
) -> None:
    person = getattr(city, first)
    seed = enrol(person)
    named = {"z": zoo.pk, "r": endorsed(city).pk, "n": city.noah.pk, "a": zoo.account_id}
    named["w"] = ways.add(actor=city.sam, account=zoo.account, kind="carrier", detail="The City").pk
    path, back = address.format_map(named), {f"/ways-in/{zoo.account_id}/", f"/credentials/{zoo.pk}/"}
    client = client_of(person, factor="stale")
    if how == "password again":
        answer = client.post("/login/again/", {"password": PASSWORD})
        assert answer["Location"].startswith(CONFIRM)
    before = Entry.objects.count()
    answer = getattr(client, method)(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith(CONFIRM)
    assert Entry.objects.count() == before
    # Confirmed, one comes back to a page that opens.
    page = client.post(answer["Location"], {"code": code_of(seed)}, follow=True)
    assert page.status_code in (200, 403)
    above = path.rsplit("/", 2)[0]
    where = page.redirect_chain[-1][0].split("?")[0]
    assert where in {path, f"{above}/", f"{above}/change/", *back}
    assert getattr(client, method)(path).get("Location", "").startswith(CONFIRM) is False


@pytest.mark.parametrize("how", ["stale", "password again"])
def test_notes_that_come_too_late_are_not_sealed_and_not_lost(city: City, zoo: Credential, how: str) -> None:
    enrol(city.helen)
    client = client_of(city.helen, factor="stale")
    if how == "password again":
        client.post("/login/again/", {"password": PASSWORD})
    before = Entry.objects.count()
    answer = client.post(f"/credentials/{zoo.pk}/notes/write/", {"text": "canary-note"})
    assert answer.status_code == 422
    assert "canary-note" in answer.text
    assert CONFIRM in answer.text
    assert Entry.objects.count() == before
    assert "canary-note" not in str(dict(client.session))


def test_one_confirmation_serves_a_sitting(city: City, zoo: Credential) -> None:
    seed = enrol(city.sam)
    client = client_of(city.sam, factor="stale")
    client.post(CONFIRM, {"code": code_of(seed)})
    for name in ("start", "show", "claim", "verify"):
        answer = client.post(reverse(f"credentials:rotation_{name}", args=[zoo.pk]))
        assert not answer.get("Location", "").startswith(CONFIRM)
    assert rotation.open_rotation(zoo) is None


def test_a_sign_in_with_the_factor_is_a_use_of_it(city: City, zoo: Credential) -> None:
    seed = enrol(city.helen)
    client = Client()
    client.post("/login/", {"login": city.helen.email, "password": PASSWORD})
    client.post("/login/factor/authenticate/", {"code": code_of(seed)})
    assert client.post(reverse("credentials:reveal", args=[zoo.pk])).status_code == 200


def test_what_was_typed_comes_back_after_confirming(city: City) -> None:
    seed = enrol(city.dana)
    request = endorsed(city)
    client = client_of(city.dana, factor="stale")
    path = reverse("admin:approvals_request_act", args=[request.pk, "deny"])
    client.post(path, {"seen": request.content_hash(), "text": "We have an account for this already."})
    page = client.post(f"{CONFIRM}?next={path}", {"code": code_of(seed), "next": path}, follow=True)
    assert "We have an account for this already." in page.text
    assert "We have an account for this already." not in client.get(path).text


@pytest.mark.parametrize(
    ("address", "data", "verb"),
    [
        ("/affiliations/{affiliation}/order/", {"reason": "Not ours to join"}, Verb.AFFILIATION_ORDER),
        ("/registry/reports/{report}/", {"outcome": "harmless"}, Verb.IMPOSTOR_DECIDE),
        (
            "/credentials/emergencies/{emergency}/",
            {"finding": "justified", "note": "Rightly so"},
            Verb.EMERGENCY_REVIEW,
        ),
        ("/people/waiting/role/{waiting_role}/confirm/", {}, Verb.ROLE_CONFIRM),
    ],
)
def test_other_decisions_want_the_factor_too_and_keep_what_was_typed(
    scene: Scene, address: str, data: dict[str, str], verb: Verb
) -> None:
    city = scene.city
    path = address.format_map(scene.things["zoo"])
    person = city.carla if "/waiting/" in path else city.dana
    seed = enrol(person)
    client = client_of(person, factor="stale")
    answer = client.post(path, data)
    assert answer["Location"].startswith(CONFIRM)
    before = Entry.objects.filter(verb=verb).count()
    page = client.post(answer["Location"], {"code": code_of(seed)}, follow=True)
    for words in data.values():
        assert f'value="{words}"' in page.text or words in page.text
    for box in (f'value="{data.get(name)}"' for name in ("outcome", "finding") if name in data):
        assert re.search(f"{box}[^>]*checked", page.text), "what was chosen is chosen still"
    assert Entry.objects.filter(verb=verb).count() == before
    client.post(path, data)
    assert Entry.objects.filter(verb=verb).count() == before + 1


def test_a_deposit_is_never_kept_in_the_session(city: City, zoo: Credential) -> None:
    enrol(city.helen)
    client = client_of(city.helen, factor="stale")
    client.post(reverse("credentials:deposit", args=[zoo.pk]), {"login": "x", "password": "canary-typed-9!"})
    assert "canary-typed-9!" not in str(dict(client.session.items()))


# Many reveals in a short while


def test_many_accounts_in_a_short_while_are_an_alert(city: City, settings: Any) -> None:
    settings.REVEAL_BURST_ACCOUNTS = 3
    from accounts.models import Account

    held = [
        deposited(city.helen, open_account(city.dana, city.zoo, handle=f"Zoo{number}")) for number in range(4)
    ]
    rotation.start(actor=city.sam, credential=held[0])
    for credential in (*held[:3], held[2]):
        vault.reveal(actor=city.dana, credential=credential)
    assert not Entry.objects.filter(verb=Verb.REVEAL_ALERT).exists()
    vault.reveal(actor=city.dana, credential=held[3])
    vault.reveal(actor=city.dana, credential=held[3])
    entry = Entry.objects.get(verb=Verb.REVEAL_ALERT)
    assert entry.actor_id == str(city.dana.pk)
    sent = list(Email.objects.order_by("pk"))
    assert [one.to for one in sent] == [[city.dana.email], [city.marcus.email]]
    assert "Dana Whitfield revealed secrets of 3 accounts" in sent[0].message
    assert Account.objects.count() == 4
    assert verify().sound


# A lost factor


@pytest.fixture
def lost(city: City) -> FactorReset:
    """Sam asks for the reset of Dana's factor."""
    enrol(city.dana)
    return factors.ask_reset(actor=city.sam, person=city.dana, reason="Telephone lost")


def test_two_people_reset_a_factor_and_the_sessions_end(city: City, lost: FactorReset) -> None:
    hers, his = client_of(city.dana), client_of(city.marcus)
    assert "A second factor is lost: Dana Whitfield" in his.get("/today/").text
    page = his.post(reverse("employees:factor_confirm", args=[city.dana.pk]), follow=True)
    assert "The second factor of Dana Whitfield is reset" in page.text
    assert not Authenticator.objects.filter(user=city.dana).exists()
    assert hers.get("/today/")["Location"].startswith("/login/")
    verbs = [Verb.FACTOR_ASK_RESET, Verb.FACTOR_RESET]
    assert list(Entry.objects.filter(verb__in=verbs).order_by("index").values_list("actor_id", "verb")) == [
        (str(city.sam.pk), Verb.FACTOR_ASK_RESET),
        (str(city.marcus.pk), Verb.FACTOR_RESET),
    ]
    with pytest.raises(Stale):
        factors.confirm_reset(actor=city.marcus, reset=lost)
    assert verify().sound


def test_asking_on_the_page(city: City) -> None:
    enrol(city.dana)
    client = client_of(city.sam)
    assert "Second factor lost" in client.get(reverse("employees:person", args=[city.dana.pk])).text
    page = client.post(reverse("employees:factor", args=[city.dana.pk]), {"reason": "Lost"}, follow=True)
    assert "Somebody else has to confirm it" in page.text
    assert "You asked for this yourself" in client.get(reverse("employees:factor", args=[city.dana.pk])).text
    with pytest.raises(Refused, match="already"):
        factors.ask_reset(actor=city.marcus, person=city.dana, reason="Lost")


@pytest.mark.parametrize(
    ("first", "error"),
    [
        ("sam", ConflictOfInterest),
        ("dana", ConflictOfInterest),
        ("helen", NotPermitted),
        ("rex", NotPermitted),
    ],
)
def test_who_cannot_confirm(city: City, lost: FactorReset, first: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        factors.confirm_reset(actor=getattr(city, first), reset=lost)
    assert Authenticator.objects.filter(user=city.dana).exists()


@pytest.mark.parametrize("first", ["carla", "helen", "eleanor", "rex", "dana"])
def test_only_information_technology_asks(city: City, first: str) -> None:
    enrol(city.dana)
    with pytest.raises(NotPermitted):
        factors.ask_reset(actor=getattr(city, first), person=city.dana, reason="Lost")


def test_a_request_holds_for_a_day(city: City, lost: FactorReset) -> None:
    from datetime import timedelta

    from audit import clock

    with clock.moved_to(clock.now() + timedelta(hours=25)), pytest.raises(Stale):
        factors.confirm_reset(actor=city.carla, reset=lost)


def test_who_has_none_has_none_to_reset(city: City) -> None:
    with pytest.raises(Refused, match="no second factor"):
        factors.ask_reset(actor=city.sam, person=city.dana, reason="Lost")


# A lost seat


def ends(city: City, when: Callable[[], Any]) -> None:
    services.end_appointment(
        actor=city.carla, appointment=seat_of(city.helen), last_day=when(), reason="Moved"
    )


def test_a_seat_that_ends_now_ends_the_sessions(city: City) -> None:
    from datetime import timedelta

    from audit import clock

    client = client_of(city.helen)
    ends(city, clock.today)
    assert client.get("/today/").status_code == 200, "it holds through the day"
    client = client_of(city.olive)
    appointment = seat_of(city.olive)
    services.end_appointment(
        actor=city.carla, appointment=appointment, last_day=clock.today() - timedelta(days=1), reason="Moved"
    )
    assert client.get("/today/")["Location"].startswith("/login/")


def test_separation_forgets_the_factors(city: City) -> None:
    from audit import clock

    enrol(city.noah)
    services.separate(actor=city.carla, employee=city.noah, last_day=clock.today(), reason="Left")
    assert not Authenticator.objects.filter(user=city.noah).exists()


@pytest.mark.parametrize("how", ["separated", "seat ended"])
def test_who_loses_a_designation_with_its_maker_is_signed_out_too(city: City, how: str) -> None:
    from datetime import timedelta

    from audit import clock

    designate(city.joel, city.zoo, by=city.helen, confirmed_by=city.carla)
    client, other = client_of(city.joel), client_of(city.priya)
    yesterday = clock.today() - timedelta(days=1)
    if how == "separated":
        services.separate(actor=city.carla, employee=city.helen, last_day=clock.today(), reason="Left")
    else:
        services.end_appointment(
            actor=city.carla, appointment=seat_of(city.helen), last_day=yesterday, reason="Moved"
        )
    assert client.get("/today/")["Location"].startswith("/login/")
    assert other.get("/today/").status_code == 200
