"""Depositing, revealing and rotating: who may, what is recorded, what the vault holds afterwards."""

from __future__ import annotations

import pytest
from guardian.shortcuts import assign_perm

from accounts.models import Account
from audit import clock
from audit.actions import Verb
from audit.errors import Invalid, NotPermitted, Refused, Stale
from audit.ledger import NotInAService, act
from audit.models import Entry
from credentials import dues, rotation, vault
from credentials.models import (
    Credential,
    CredentialUserObjectPermission,
    Knowledge,
    Rotation,
    SecretVersion,
)
from employees import services as people
from tests.cast import City, designate
from tests.credentials.accounts import LOGIN, SECRET, deposited, open_account, rotated

pytestmark = pytest.mark.django_db

State = SecretVersion.State


@pytest.fixture
def account(city: City) -> Account:
    return open_account(city.dana, city.zoo)


@pytest.fixture
def credential(city: City, account: Account) -> Credential:
    return deposited(city.helen, account)


def states() -> dict[int, str]:
    return dict(SecretVersion.objects.values_list("number", "state"))


def test_a_custodian_reads_what_was_deposited(city: City, credential: Credential) -> None:
    shown = vault.reveal(actor=city.dana, credential=credential)

    assert [one.value for one in shown] == [SECRET]
    assert SECRET not in repr(shown)
    entry = Entry.objects.latest("index")
    assert (entry.verb, entry.actor_text) == (Verb.SECRET_REVEAL, "Dana Whitfield")
    assert Knowledge.objects.filter(person=city.dana, how=Knowledge.How.REVEAL).count() == 1
    credential.refresh_from_db()
    assert credential.login == LOGIN


@pytest.mark.parametrize("who", ["priya", "olive", "sam", "eleanor", "carla", "mona", "rex", "noah"])
def test_nobody_else_does(city: City, credential: Credential, who: str) -> None:
    with pytest.raises(NotPermitted):
        vault.reveal(actor=getattr(city, who), credential=credential)
    assert not Entry.objects.filter(verb=Verb.SECRET_REVEAL).exists()


def test_the_permission_alone_is_not_enough(city: City, credential: Credential) -> None:
    assign_perm("credentials.reveal_credential", city.noah, credential)
    with pytest.raises(NotPermitted):
        vault.reveal(actor=city.noah, credential=credential)


def test_the_ground_alone_is_not_enough(city: City, credential: Credential) -> None:
    CredentialUserObjectPermission.objects.filter(user=city.dana).delete()
    with pytest.raises(NotPermitted):
        vault.reveal(actor=city.dana, credential=credential)


def test_a_ground_that_ran_out_is_no_ground_though_no_daily_run_has_seen_it(
    city: City, credential: Credential
) -> None:
    designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla, end=clock.today())
    vault.reveal(actor=city.priya, credential=credential)
    with clock.moved_to(clock.end_of(clock.today())):
        assert CredentialUserObjectPermission.objects.filter(user=city.priya).exists()
        with pytest.raises(NotPermitted):
            vault.reveal(actor=city.priya, credential=credential)


def test_a_reveal_refuses_to_run_where_its_entry_is_not_committed(city: City, credential: Credential) -> None:
    with pytest.raises(NotInAService), act():
        vault.reveal(actor=city.dana, credential=credential)


def test_before_the_deposit_there_is_nothing_to_reveal(city: City, account: Account) -> None:
    empty = Credential.objects.get(account=account)
    with pytest.raises(Refused, match="deposited"):
        vault.reveal(actor=city.dana, credential=empty)


@pytest.mark.parametrize("who", ["noah", "olive", "rex", "eleanor"])
def test_who_does_not_hold_the_account_deposits_nothing(city: City, account: Account, who: str) -> None:
    empty = Credential.objects.get(account=account)
    with pytest.raises(NotPermitted):
        vault.deposit(actor=getattr(city, who), credential=empty, login=LOGIN, value=SECRET)
    assert not SecretVersion.objects.exists()


@pytest.mark.parametrize(
    ("login", "value", "field"),
    [("", SECRET, "login"), ("a\nb", SECRET, "login"), (LOGIN, "", "password"), (LOGIN, "x\ny" * 9, "password"),
     (LOGIN, "x" * 1025, "password")],
)  # fmt: skip
def test_a_bad_deposit_names_the_field_and_never_repeats_the_password(
    city: City, account: Account, login: str, value: str, field: str
) -> None:
    empty = Credential.objects.get(account=account)
    with pytest.raises(Invalid) as caught:
        vault.deposit(actor=city.helen, credential=empty, login=login, value=value)
    assert set(caught.value.fields) == {field}
    assert len(value) < 2 or value not in str(caught.value) + str(caught.value.fields)
    assert not SecretVersion.objects.exists()


def test_a_second_deposit_makes_a_new_current_version_and_keeps_the_old(
    city: City, credential: Credential
) -> None:
    vault.deposit(actor=city.helen, credential=credential, login=LOGIN, value="canary-second-9!")

    assert states() == {1: State.PREVIOUS, 2: State.CURRENT}
    assert [one.value for one in vault.reveal(actor=city.dana, credential=credential)] == ["canary-second-9!"]


def test_a_rotation_keeps_the_old_password_readable_until_it_is_verified(
    city: City, credential: Credential
) -> None:
    started = rotation.start(actor=city.sam, credential=credential)
    assert states() == {1: State.CURRENT, 2: State.STAGED}
    assert [one.value for one in vault.reveal(actor=city.dana, credential=credential)] == [SECRET]

    shown = rotation.show(actor=city.sam, rotation=started)
    assert shown[0].value == SECRET
    assert shown[1].value != SECRET

    rotation.claim_changed(actor=city.sam, rotation=started)
    both = vault.reveal(actor=city.dana, credential=credential)
    assert [one.value for one in both] == [one.value for one in shown]

    rotation.verify(actor=city.sam, rotation=started)
    assert states() == {1: State.PREVIOUS, 2: State.CURRENT}
    assert [one.value for one in vault.reveal(actor=city.dana, credential=credential)] == [shown[1].value]
    old, new = SecretVersion.objects.order_by("number")
    assert old.current_until == new.current_from


def test_three_rotations_leave_one_current_and_one_previous(city: City, credential: Credential) -> None:
    for _ in range(3):
        rotated(city.sam, credential)
    assert states() == {1: State.RETIRED, 2: State.RETIRED, 3: State.PREVIOUS, 4: State.CURRENT}


def test_cancelling_keeps_the_new_password_as_abandoned(city: City, credential: Credential) -> None:
    started = rotation.start(actor=city.sam, credential=credential)
    rotation.show(actor=city.sam, rotation=started)
    rotation.cancel(actor=city.sam, rotation=started)

    assert states() == {1: State.CURRENT, 2: State.ABANDONED}
    with pytest.raises(Stale):
        rotation.show(actor=city.sam, rotation=started)
    again = rotation.start(actor=city.sam, credential=credential)
    assert again.version.number == 3


def test_steps_out_of_order_are_refused(city: City, credential: Credential) -> None:
    started = rotation.start(actor=city.sam, credential=credential)
    for step in (rotation.claim_changed, rotation.verify):
        with pytest.raises(Stale):
            step(actor=city.sam, rotation=started)
    with pytest.raises(Stale, match="Sam Whitaker"):
        rotation.start(actor=city.marcus, credential=credential)
    with pytest.raises(Stale, match="open"):
        vault.deposit(actor=city.helen, credential=credential, login=LOGIN, value=SECRET)


@pytest.mark.parametrize("who", ["helen", "dana", "priya", "eleanor", "rex"])
def test_only_it_rotates(city: City, credential: Credential, who: str) -> None:
    person = getattr(city, who)
    with pytest.raises(NotPermitted):
        rotation.start(actor=person, credential=credential)
    started = rotation.start(actor=city.sam, credential=credential)
    for step in (rotation.show, rotation.cancel):
        with pytest.raises(NotPermitted):
            step(actor=person, rotation=started)
    assert Rotation.objects.get().state == Rotation.State.STAGED


def test_somebody_who_left_reads_and_rotates_nothing(city: City, credential: Credential) -> None:
    people.separate(actor=city.carla, employee=city.dana, last_day=clock.today(), reason="Left")
    people.separate(actor=city.carla, employee=city.sam, last_day=clock.today(), reason="Left")
    city.dana.refresh_from_db()
    city.sam.refresh_from_db()
    with pytest.raises(NotPermitted):
        vault.reveal(actor=city.dana, credential=credential)
    with pytest.raises(NotPermitted):
        rotation.start(actor=city.sam, credential=credential)


def test_generated_passwords_meet_every_platforms_rules() -> None:
    from accounts.models import Platform
    from credentials import generation

    for platform in Platform.objects.all():
        rules = generation.rules(platform)
        made = {generation.generate(platform) for _ in range(20)}
        assert len(made) == 20
        for password in made:
            assert rules["min"] <= len(password) <= rules["max"]
            assert any(char.isupper() for char in password)
            assert any(char.islower() for char in password)
            assert any(char.isdigit() for char in password)


def test_depositing_the_current_password_again_is_refused_and_clears_nothing(
    city: City, credential: Credential
) -> None:
    people.separate(actor=city.carla, employee=city.helen, last_day=clock.today(), reason="Left")
    with pytest.raises(Invalid, match="version 1"):
        vault.deposit(actor=city.dana, credential=credential, login=LOGIN, value=SECRET)
    assert states() == {1: State.CURRENT}
    assert dues.count() == 1


def test_an_old_password_that_comes_back_is_known_by_who_knew_it(city: City, credential: Credential) -> None:
    vault.reveal(actor=city.dana, credential=credential)
    rotated(city.sam, credential)
    people.separate(actor=city.carla, employee=city.helen, last_day=clock.today(), reason="Left")
    assert dues.count() == 0

    vault.deposit(actor=city.dana, credential=credential, login=LOGIN, value=SECRET)

    (due,) = dues.queue()
    assert [knower.person for knower in due.knowers] == [city.helen]


def test_who_verifies_a_rotation_knows_the_new_password(city: City, credential: Credential) -> None:
    started = rotation.start(actor=city.sam, credential=credential)
    rotation.show(actor=city.sam, rotation=started)
    rotation.claim_changed(actor=city.sam, rotation=started)
    with pytest.raises(Refused, match="Show it to yourself first"):
        rotation.verify(actor=city.marcus, rotation=started)
    rotation.show(actor=city.marcus, rotation=started)
    rotation.verify(actor=city.marcus, rotation=started)

    known = Knowledge.objects.filter(version=started.version, person=city.marcus)
    assert [row.how for row in known] == [Knowledge.How.ROTATION, Knowledge.How.VERIFIED]
