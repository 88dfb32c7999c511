"""What lies in the vault beside the password, and every other way into an account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Account
from audit import clock
from audit.actions import Verb
from audit.errors import Invalid, NotPermitted, Refused
from audit.models import Entry
from audit.verification import verify
from credentials import codes, dues, notes, sealing, stale, totp, vault, ways
from credentials.models import Credential, Knowledge, RecoveryCodeUse, SealedNote, SecretVersion, WayIn
from employees import services as people
from employees.stepup import confirm_url
from tests.cast import City, client_of, enrol
from tests.credentials.accounts import LOGIN, SECRET, deposited, open_account

pytestmark = pytest.mark.django_db

SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # of RFC 6238: "12345678901234567890"
CODES = "aaaa-1111\nbbbb-2222\ncccc-3333"
State = SecretVersion.State


@pytest.fixture
def account(city: City) -> Account:
    return open_account(city.dana, city.zoo)


@pytest.fixture
def credential(city: City, account: Account) -> Credential:
    return deposited(city.helen, account)


def put(city: City, credential: Credential, kind: str, typed: str) -> SecretVersion:
    return vault.deposit_item(actor=city.helen, credential=credential, kind=kind, typed=typed)


def at(name: str, credential: Credential, *more: object) -> str:
    return reverse(f"credentials:{name}", args=[credential.pk, *more])


def leaves(city: City, who: str) -> None:
    people.separate(
        actor=city.carla, employee=getattr(city, who), last_day=clock.today(), reason="moved away"
    )


# One-time codes


@pytest.mark.parametrize(
    ("second", "algorithm", "secret", "code"),
    [  # RFC 6238, appendix B
        (59, "SHA1", SEED, "94287082"),
        (1111111109, "SHA1", SEED, "07081804"),
        (20000000000, "SHA1", SEED, "65353130"),
        (59, "SHA256", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA", "46119246"),
        (59, "SHA512", "GEZDGNBVGY3TQOJQ" * 6 + "GEZDGNA", "90693936"),
    ],
)
def test_codes_are_those_of_the_standard(second: int, algorithm: str, secret: str, code: str) -> None:
    seed = totp.parse(f"otpauth://totp/X:city?secret={secret}&digits=8&algorithm={algorithm}")
    assert seed.at(datetime.fromtimestamp(second, UTC)).text == code


@pytest.mark.parametrize(
    "typed",
    ["", "not a seed!", "AAAA", "https://x.example/", "otpauth://hotp/x?secret=" + SEED,
     f"otpauth://totp/x?secret={SEED}&digits=5", f"otpauth://totp/x?secret={SEED}&algorithm=MD5"],
)  # fmt: skip
def test_what_is_no_seed_is_refused_and_not_repeated(city: City, credential: Credential, typed: str) -> None:
    with pytest.raises(Invalid) as caught:
        put(city, credential, "totp_seed", typed)
    assert not typed or typed not in str(caught.value)


def test_the_code_is_shown_with_its_seconds_and_the_seed_never(city: City, credential: Credential) -> None:
    put(city, credential, "totp_seed", "gezd gnbv gy3t qojq gezd gnbv gy3t qojq")
    known = Knowledge.objects.count()
    with clock.moved_to(datetime.fromtimestamp(20000000000, UTC)):
        code = codes.current(actor=city.dana, credential=credential)
    assert (code.text, code.seconds) == ("353130", 10)
    assert code.text not in repr(code)
    assert Knowledge.objects.count() == known, "a code is no knowledge"
    assert Entry.objects.filter(verb=Verb.CODE_SHOW, actor_id=str(city.dana.pk)).count() == 1
    with pytest.raises(Refused):
        vault.reveal(actor=city.dana, credential=credential, kind="totp_seed")
    with pytest.raises(NotPermitted):
        codes.current(actor=city.sam, credential=credential)


def test_the_code_wants_a_session_with_a_second_factor_and_no_recent_one(
    city: City, credential: Credential
) -> None:
    put(city, credential, "totp_seed", SEED)
    enrol(city.dana)
    stale_factor = client_of(city.dana, factor="stale").post(at("code", credential))
    assert stale_factor.status_code == 200
    assert "more seconds" in stale_factor.text
    assert SEED not in stale_factor.text
    assert "no-store" in stale_factor["Cache-Control"]
    assert client_of(city.dana).get(at("code", credential)).status_code == 302
    assert client_of(city.eleanor).post(at("code", credential)).status_code == 403


# Recovery codes


def test_each_recovery_code_is_handed_out_once(city: City, credential: Credential) -> None:
    put(city, credential, "recovery_codes", CODES)
    taken = [codes.take(actor=who, credential=credential) for who in (city.dana, city.helen, city.marcus)]
    assert [one.code for one in taken] == CODES.split()
    assert [one.left for one in taken] == [2, 1, 0]
    assert CODES[:9] not in repr(taken)
    with pytest.raises(Refused, match="Every recovery code"):
        codes.take(actor=city.dana, credential=credential)
    assert [use.used_by for use in RecoveryCodeUse.objects.order_by("position")] == [
        city.dana, city.helen, city.marcus,
    ]  # fmt: skip
    put(city, credential, "recovery_codes", "new-1\nnew-2")
    assert codes.take(actor=city.dana, credential=credential).code == "new-1"
    assert verify().findings == []


def test_recovery_codes_and_answers_have_their_own_knowers_and_due_state(
    city: City, credential: Credential
) -> None:
    put(city, credential, "recovery_codes", CODES)
    put(city, credential, "security_answers", "First pet = Rex\nStreet = Main")
    vault.deposit(actor=city.dana, credential=credential, login=LOGIN, value="canary-second-9!")
    leaves(city, "helen")
    assert {due.kind for due in dues.queue()} == {"recovery_codes", "security_answers"}, "not the password"
    shown = vault.reveal(actor=city.dana, credential=credential, kind="security_answers")
    assert shown[0].pairs == [("First pet", "Rex"), ("Street", "Main")]
    vault.deposit_item(actor=city.dana, credential=credential, kind="security_answers", typed="Pet = Y7!x")
    assert {due.kind for due in dues.queue()} == {"recovery_codes"}
    page = client_of(city.sam).get("/today/").text
    assert "recovery codes" in page
    assert at("deposit_item", credential, "recovery_codes") in page
    whole = client_of(city.sam).get(at("credential", credential)).text
    assert f"known to {city.dana.name}" in whole, "who knows the answers, by name"


@pytest.mark.parametrize(
    ("kind", "typed"),
    [("recovery_codes", " \n "), ("recovery_codes", "x" * 65), ("security_answers", "no equals sign"),
     ("security_answers", "= answer"), ("security_answers", "")],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused(city: City, credential: Credential, kind: str, typed: str) -> None:
    with pytest.raises(Invalid):
        put(city, credential, kind, typed)
    assert not SecretVersion.objects.filter(item__kind=kind).exists()


def test_items_through_the_pages(city: City, credential: Credential) -> None:
    helen, dana = client_of(city.helen), client_of(city.dana)
    for kind, typed in (("totp_seed", SEED), ("recovery_codes", CODES), ("security_answers", "Pet = Rexx7")):
        answer = helen.post(at("deposit_item", credential, kind), {"value": typed}, follow=True)
        assert "is deposited and current." in answer.text
        assert typed not in answer.text
    page = dana.get(at("credential", credential)).text
    assert "3 of 3 are left. One is struck off when it is shown." in page
    assert "aaaa-1111" in dana.post(at("recovery_code", credential)).text
    assert "2 of 3 are left." in dana.get(at("credential", credential)).text
    assert "Rexx7" in dana.post(at("security_answers", credential)).text
    broken = helen.post(at("deposit_item", credential, "totp_seed"), {"value": "canary seed!"})
    assert broken.status_code == 200
    assert "canary seed!" not in broken.text
    assert helen.get(at("deposit_item", credential, "password")).status_code == 404


# Notes


def test_notes_are_sealed_for_custodians_and_change_no_due_state(city: City, credential: Credential) -> None:
    vault.reveal(actor=city.helen, credential=credential)
    leaves(city, "helen")
    assert dues.count() == 1
    client = client_of(city.dana)
    page = client.post(at("write_notes", credential), {"text": "canary: ask Priya first"}, follow=True)
    assert "The notes are sealed." in page.text
    assert "canary" not in page.text
    assert dues.count() == 1, "editing notes is not rotating"
    assert "canary: ask Priya first" in client.post(at("notes", credential)).text
    assert b"canary" not in bytes(SealedNote.objects.get().token)
    client.post(at("write_notes", credential), {"text": "second"})
    assert notes.read(actor=city.dana, credential=credential) == "second"
    assert client_of(city.sam).post(at("notes", credential)).status_code == 403
    assert Entry.objects.filter(verb=Verb.NOTES_SHOW).count() == 2
    assert verify().findings == []


def test_notes_typed_while_the_factor_went_stale_stay_in_the_page_and_nowhere_else(
    city: City, credential: Credential
) -> None:
    enrol(city.dana)
    client = client_of(city.dana, factor="stale")
    answer = client.post(at("write_notes", credential), {"text": "canary <b>of the notes"})
    assert answer.status_code == 422
    assert "canary &lt;b&gt;of the notes" in answer.text
    assert "Nothing is sealed yet" in answer.text
    assert "no-store" in answer["Cache-Control"]
    assert f'href="{confirm_url(at("credential", credential))}" target="_blank"' in answer.text
    assert "canary" not in str(dict(client.session.items()))
    assert not SealedNote.objects.exists()
    # Whose it is comes first.
    assert (
        client_of(city.sam, factor="stale").post(at("write_notes", credential), {"text": "x"}).status_code
        == 403
    )


# Everything else that opens it


def test_a_way_in_is_wrong_since_its_holder_lost_what_entitled_them(city: City, account: Account) -> None:
    ways.add(actor=city.helen, account=account, kind="passkey", detail="YubiKey 5", holder=city.helen)
    ways.add(
        actor=city.helen,
        account=account,
        kind="recovery_mailbox",
        detail="dana@home.example",
        holder=city.dana,
        personal=True,
    )
    assert [(one.sentence, one.lost) for one in ways.due()] == [
        ("Recovery mailbox dana@home.example, Dana Whitfield", False)
    ]
    with clock.moved_to(clock.now() + timedelta(days=60)):
        leaves(city, "helen")
        left = clock.now()
    with clock.moved_to(left + timedelta(days=10)):
        since = {one.way.kind: clock.day_of(one.since) for one in ways.due()}
        assert since == {
            "passkey": clock.day_of(left),
            "recovery_mailbox": clock.day_of(left) - timedelta(days=60),
        }
        today = " ".join(client_of(city.sam).get("/today/").text.split())
        assert "Private mailbox" in today
        assert "<strong>10 days</strong>" in today.split("Way in to remove")[1][:900]
        overview = client_of(city.sam).get("/custody/").text
        assert "dana@home.example" in overview
        assert "ways in to be removed" in overview
        ways.end(actor=city.sam, way=WayIn.objects.get(kind="passkey"))
        assert "way in to be removed" in client_of(city.sam).get("/custody/").text


def test_what_somebody_holds_is_due_when_they_lose_custody(city: City, account: Account) -> None:
    add: dict[str, Any] = {"actor": city.helen, "account": account}
    ways.add(**add, kind="passkey", detail="YubiKey 5", holder=city.helen)
    ways.add(**add, kind="recovery_mailbox", detail="social@hutch.example")
    phone = ways.add(**add, kind="recovery_phone", detail="620 555 0101", holder=city.dana, personal=True)
    ways.add(**add, kind="recovery_phone", detail="620 555 0102", holder=city.dana)
    assert [(one.way, one.lost) for one in ways.due()] == [(phone, False)], "a private telephone is a gap"
    leaves(city, "helen")
    assert {(one.way.kind, one.lost) for one in ways.due()} == {("passkey", True), ("recovery_phone", False)}
    assert [way.detail for way in ways.of_person(city.helen)] == ["YubiKey 5"]
    assert "YubiKey 5, Helen Okafor" in client_of(city.sam).get("/today/").text
    page = client_of(city.sam).get(reverse("credentials:ways", args=[account.pk])).text
    assert "To be removed" in page
    assert "Private: a gap" in page
    for one in ways.due():
        client_of(city.sam).post(reverse("credentials:way_gone", args=[account.pk, one.way.pk]))
    assert ways.due() == []
    assert WayIn.objects.exclude(ended_at=None).count() == 2
    assert verify().findings == []


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "passkey", "holder": None}, {"kind": "nonsense"}, {"personal": True, "holder": None},
     {"since": clock.today() + timedelta(days=2)}, {"detail": ""}],
)  # fmt: skip
def test_a_way_in_wants_its_holder_and_a_day_that_was(
    city: City, account: Account, wrong: dict[str, Any]
) -> None:
    right: dict[str, Any] = {"kind": "connected_app", "detail": "Scheduler", "holder": city.dana}
    with pytest.raises(Invalid):
        ways.add(actor=city.dana, account=account, **{**right, **wrong})
    with pytest.raises(NotPermitted):
        ways.add(actor=city.noah, account=account, **right)


def test_a_page_without_a_login_has_ways_in_too(city: City) -> None:
    page = open_account(city.dana, city.zoo, "HutchinsonZoo", "facebook")
    address = reverse("credentials:ways", args=[page.pk])
    client = client_of(city.helen)
    data = {"kind": "carrier", "detail": "Meta portfolio of the City", "holder": ""}
    assert "Meta portfolio of the City" in client.post(address, data, follow=True).text
    assert client_of(city.noah).get(address).status_code == 404
    wrong = client.post(address, {**data, "holder": "nobody@hutch.example"})
    assert "Nobody has or had this work e-mail" in wrong.text


# Changed by the department; mistyped


def test_a_stale_copy_is_seen_until_the_new_password_is_deposited(city: City, credential: Credential) -> None:
    client = client_of(city.helen)
    page = client.post(at("changed", credential), {"reason": "X forced a reset"}, follow=True).text
    assert "Vault copy stale: Helen Okafor changed the password on the platform" in page
    for person in (city.dana, city.marcus, city.sam):
        assert "Vault copy stale" in client_of(person).get("/today/").text, person.name
    assert "Vault copy stale" not in client_of(city.olive).get("/today/").text
    assert "said already" in client.post(at("changed", credential), {"reason": "again"}).text
    assert "X forced" not in Entry.objects.get(verb=Verb.SECRET_REPORT_CHANGED).canonical
    vault.deposit(actor=city.helen, credential=credential, login=LOGIN, value="canary-second-9!")
    assert not stale.standing().exists()
    assert "Vault copy stale" not in client_of(city.dana).get("/today/").text
    client.post(at("changed", credential), {"reason": "by mistake"})
    client.post(at("not_changed", credential))
    assert not stale.standing().exists()
    assert verify().findings == []


def test_a_mistyped_deposit_is_put_right_without_losing_who_knew_it(
    city: City, credential: Credential
) -> None:
    vault.reveal(actor=city.dana, credential=credential)
    leaves(city, "helen")
    assert dues.count() == 1
    page = client_of(city.dana).post(
        at("correct", credential), {"login": LOGIN, "password": "canary-Xq7!vault-firsT"}, follow=True
    )
    assert "Whoever knew version 1 is down for it." in page.text
    assert [one.value for one in vault.reveal(actor=city.dana, credential=credential)] == [
        "canary-Xq7!vault-firsT"
    ]
    first, second = SecretVersion.objects.order_by("number")
    assert (first.state, first.mistyped_for, second.state) == (State.ABANDONED, second, State.CURRENT)
    knew = set(Knowledge.objects.filter(version=second).values_list("person__name", flat=True))
    assert knew == {"Helen Okafor", "Dana Whitfield"}
    assert [due.version for due in dues.queue()] == [second], "what was due stays due"
    assert verify().findings == []


def test_a_verified_password_was_not_mistyped(city: City, credential: Credential) -> None:
    from tests.credentials.accounts import rotated

    rotated(city.sam, credential)
    with pytest.raises(Refused, match="verified on the platform"):
        vault.correct(actor=city.helen, credential=credential, value="canary-other-77!")
    with pytest.raises(NotPermitted):
        vault.correct(actor=city.noah, credential=credential, value="canary-other-77!")


def test_a_password_of_another_account_is_taken_and_due_at_once(city: City, credential: Credential) -> None:
    """The vault must know what the platform accepts, however bad it is."""
    other = open_account(city.dana, city.parks, "HutchParks").credential
    vault.deposit(actor=city.olive, credential=other, login=LOGIN, value=SECRET)
    (due,) = dues.queue()
    assert due.version.item.credential_id == other.pk
    assert due.reports[0].reason == vault.REUSED
    tokens = {bytes(version.token) for version in SecretVersion.objects.all()}
    assert len(tokens) == 2
    assert sealing.unseal(due.version) == SECRET
