"""What is deposited, put right or deposited again: the vault keeps saying rightly what it holds and who knows it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts import services as accounts
from accounts.models import Account, Platform
from audit import clock
from audit.verification import verify
from credentials import codes, dues, earlier, generation, receipts, rotation, timeline, vault, ways
from credentials.models import Credential, Custody, Knowledge, SecretItem, SecretVersion
from employees import services as people
from employees.models import Employee
from tests.cast import City, client_of, designate
from tests.credentials.accounts import LOGIN, SECRET, deposited, open_account, rotated

pytestmark = pytest.mark.django_db

RIGHT = "canary-Xq7!vault-firsT"
SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
CODES = "aaaa-1111\nbbbb-2222\ncccc-3333"
Kind, State = SecretItem.Kind, SecretVersion.State


@pytest.fixture
def account(city: City) -> Account:
    return open_account(city.dana, city.zoo)


@pytest.fixture
def credential(city: City, account: Account) -> Credential:
    return deposited(city.helen, account)


def page(name: str, credential: Credential, *more: object) -> str:
    return reverse(f"credentials:{name}", args=[credential.pk, *more])


def leaves(city: City, who: Employee) -> None:
    people.separate(actor=city.carla, employee=who, last_day=clock.today(), reason="Left")


# A mistyped deposit


def test_putting_it_right_is_no_reveal_and_opens_receipts(city: City, credential: Credential) -> None:
    vault.reveal(actor=city.dana, credential=credential)
    assert city.dana not in {duty.person for duty in receipts.duties(accounts=[credential.account])}

    right = vault.correct(actor=city.helen, credential=credential, value=RIGHT)

    known = Knowledge.objects.get(version=right, person=city.dana)
    assert known.how == Knowledge.How.CARRIED, "nobody has opened the right one yet"
    assert city.dana in {duty.person for duty in receipts.duties(accounts=[credential.account])}
    (kept,) = receipts.kept(credential.account)
    assert city.dana in {note.person for note in kept.owed}
    (line,) = (one for one in timeline.of_account(credential.account).lines if one.key == city.dana.pk)
    assert len(line.reveals) == 1, "the one that was"
    text = client_of(city.dana).get(page("credential", credential)).content.decode()
    assert "knew it by an earlier version" in text
    vault.reveal(actor=city.dana, credential=credential)
    assert city.dana not in {duty.person for duty in receipts.duties(accounts=[credential.account])}
    assert verify().findings == []


def test_putting_it_right_clears_no_gap_that_somebody_had(city: City, credential: Credential) -> None:
    """Out of the seat for a day and back again, then the correction: due before, due after, since the same moment."""
    now = clock.now()
    paper = designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    vault.reveal(actor=city.priya, credential=credential)
    with clock.moved_to(now + timedelta(days=1)):
        people.end_designation(actor=city.helen, designation=paper, last_day=clock.today(), reason="Away")
    with clock.moved_to(now + timedelta(days=4)):
        designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
        (before,) = dues.queue()
        vault.correct(actor=city.helen, credential=credential, value=RIGHT)
        (after,) = dues.queue()
    assert (before.version.number, after.version.number) == (1, 2)
    assert [(one.person, one.since) for one in before.knowers] == [
        (one.person, one.since) for one in after.knowers
    ]


def test_who_knew_it_on_another_account_knows_it_here(city: City, credential: Credential) -> None:
    """One password on two accounts: whoever revealed it on one knows the other's."""
    vault.reveal(actor=city.dana, credential=credential)
    leaves(city, city.helen)
    other = open_account(city.dana, city.parks, "HutchParks").credential
    vault.deposit(actor=city.olive, credential=other, login=LOGIN, value=SECRET)
    due = next(one for one in dues.queue() if one.account == other.account)
    assert {one.person for one in due.knowers} == {city.helen}


# The login name


def test_the_login_name_is_put_right_without_the_password(city: City, credential: Credential) -> None:
    client = client_of(city.dana)
    refused = client.post(page("deposit", credential), {"login": "zoo-x@hutch.example", "password": SECRET})
    assert "If only the login name is wrong" in refused.content.decode()
    nothing = client.post(page("correct", credential), {"login": LOGIN, "password": ""})
    assert "Nothing is changed yet" in nothing.content.decode()

    done = client.post(
        page("correct", credential), {"login": "zoo-x@hutch.example", "password": ""}, follow=True
    )

    assert "The login name is put right." in done.content.decode()
    credential.refresh_from_db()
    assert credential.login == "zoo-x@hutch.example"
    assert SecretVersion.objects.count() == 1, "no new version: nothing that is due is settled by it"
    assert "zoo-x@hutch.example" in client.post(page("reveal", credential)).content.decode()
    assert client_of(city.noah).post(page("correct", credential), {"login": "x"}).status_code == 404
    assert verify().findings == []


def test_it_is_put_right_while_a_rotation_is_open_and_after_one(city: City, credential: Credential) -> None:
    rotated(city.sam, credential)
    rotation.start(actor=city.sam, credential=credential)
    client_of(city.sam).post(page("correct", credential), {"login": "new@hutch.example", "password": ""})
    credential.refresh_from_db()
    assert credential.login == "new@hutch.example"


# The platform's password stays within reach


def test_no_number_of_wrong_deposits_puts_it_out_of_reach(city: City, credential: Credential) -> None:
    for wrong in ("Meant-For-Another-1", "Meant-For-Another-2", "Meant-For-Another-3"):
        vault.deposit(actor=city.helen, credential=credential, login=LOGIN, value=wrong)
    text = client_of(city.sam).post(page("rotation_kept", credential)).content.decode()
    assert SECRET in text
    last = rotated(city.sam, credential)
    assert SECRET not in client_of(city.sam).post(page("rotation_kept", credential)).content.decode()
    for wrong in ("Meant-For-Another-4", "Meant-For-Another-5"):
        vault.deposit(actor=city.helen, credential=credential, login=LOGIN, value=wrong)
    kept = {version.number for version in earlier.kept(vault.item_of(credential))}
    assert last.version.number in kept, "what somebody signed in with is the likeliest of all"


def test_a_password_older_than_the_platforms_rule_is_taken(city: City, account: Account) -> None:
    credential = Credential.objects.get(account=account)
    vault.deposit(actor=city.helen, credential=credential, login=LOGIN, value="zoo#08")
    assert [one.value for one in vault.reveal(actor=city.dana, credential=credential)] == ["zoo#08"]


# Other secrets


@pytest.mark.parametrize(
    ("kind", "first", "again"),
    [
        (Kind.TOTP_SEED, SEED, f"otpauth://totp/Zoo?secret={SEED.lower()}"),
        (Kind.RECOVERY_CODES, CODES, "cccc-3333\nbbbb-2222\naaaa-1111"),
        (Kind.SECURITY_ANSWERS, "First pet = canary-Rex", "First pet =  canary-Rex "),
    ],
)
def test_the_same_again_is_no_replacement(
    city: City, credential: Credential, kind: str, first: str, again: str
) -> None:
    vault.deposit_item(actor=city.helen, credential=credential, kind=kind, typed=first)
    leaves(city, city.helen)
    due = {one.kind for one in dues.queue()}
    assert kind in due

    answer = client_of(city.dana).post(page("deposit_item", credential, kind), {"value": again})

    assert "Nothing was changed" in answer.content.decode()
    assert "canary" not in answer.content.decode()
    assert {one.kind for one in dues.queue()} == due


def test_a_code_that_was_taken_stays_struck_off(city: City, credential: Credential) -> None:
    vault.deposit_item(actor=city.helen, credential=credential, kind=Kind.RECOVERY_CODES, typed=CODES)
    taken = codes.take(actor=city.dana, credential=credential).code
    leaves(city, city.helen)
    typed = CODES + "\ndddd-4444"
    version = vault.deposit_item(
        actor=city.dana, credential=credential, kind=Kind.RECOVERY_CODES, typed=typed
    )
    assert version.pieces == 3
    more = {codes.take(actor=city.dana, credential=credential).code for _each in range(3)}
    assert taken not in more
    assert more == {"bbbb-2222", "cccc-3333", "dddd-4444"}
    due = next(one for one in dues.queue() if one.kind == Kind.RECOVERY_CODES)
    assert [one.person for one in due.knowers] == [city.helen], "some of what she knew opens it still"


def test_one_answer_that_stays_is_known_still(city: City, credential: Credential) -> None:
    kind = Kind.SECURITY_ANSWERS
    vault.deposit_item(actor=city.helen, credential=credential, kind=kind, typed="Pet = Rex\nTown = Hutch")
    leaves(city, city.helen)
    vault.deposit_item(actor=city.dana, credential=credential, kind=kind, typed="Pet = Quill\nTown = Hutch")
    assert kind in {one.kind for one in dues.queue()}
    vault.deposit_item(actor=city.dana, credential=credential, kind=kind, typed="Pet = Quill\nTown = Zebu")
    assert kind not in {one.kind for one in dues.queue()}


# Rules that no shipped platform has


@pytest.mark.parametrize("style", generation.STYLES)
@pytest.mark.parametrize(
    "rules",
    [{"symbols": ""}, {"min": 62, "max": 64}, {"symbols": "|"}, {"min": 4, "max": 62, "symbols": "+"}],
)
def test_made_ones_meet_rules_of_any_kind(style: str, rules: dict[str, object]) -> None:
    platform = Platform(name="Elsewhere", password_rules=rules)
    for _each in range(20):
        generation.check_new(generation.generate(platform, style), platform)


# What may be left over


def test_a_role_that_nobody_confirmed_is_looked_for_when_it_ends(city: City) -> None:
    zoo_page = open_account(city.dana, city.zoo, "HutchinsonZoo", platform="facebook")
    role = Custody.objects.get(account=zoo_page, person=city.helen, channel="platform_role")
    assert role.present_confirmed_at is None
    accounts.activate(actor=city.dana, account=zoo_page)
    before = client_of(city.carla).get(reverse("employees:leaving", args=[city.helen.pk])).content.decode()
    assert "whether they are on Facebook nobody has confirmed" in before
    leaves(city, city.helen)
    certificate = reverse("employees:certificate", args=[city.helen.pk])
    after = client_of(city.carla).get(reverse("employees:leaving", args=[city.helen.pk])).content.decode()
    assert "Remove them on Facebook, then confirm it." in after
    assert "all is done" not in client_of(city.carla).get(certificate, follow=True).content.decode()
    assert "Still present" in client_of(city.sam).get("/custody/").content.decode()
    client_of(city.sam).post(reverse("credentials:confirm_removal", args=[role.pk]))
    role.refresh_from_db()
    assert role.removal_confirmed_by == city.sam
    assert verify().findings == []


def test_a_private_recovery_telephone_stands_on_the_custody_page(city: City, account: Account) -> None:
    ways.add(
        actor=city.helen,
        account=account,
        kind="recovery_phone",
        detail="(620) 555-0199",
        holder=city.helen,
        personal=True,
    )
    text = client_of(city.sam).get("/custody/").content.decode()
    assert "(620) 555-0199" in text
    assert "Private: a gap" in text
    assert reverse("credentials:ways", args=[account.pk]) in text


def test_each_line_of_the_closing_list_is_answered(city: City, credential: Credential) -> None:
    """A message takes the focus, so the keyboard goes on from there and not from the top of the page."""
    done = rotated(city.sam, credential)
    assert done.closed_at is None
    answer = client_of(city.sam).post(
        page("rotation_tick", credential), {"step": "sessions", "outcome": "done"}, follow=True
    )
    assert "3 lines of the list are left." in answer.content.decode()
