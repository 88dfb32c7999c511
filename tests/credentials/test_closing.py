"""How a rotation begins and ends: the new password, doubt, a second person, and the closing list."""

from __future__ import annotations

import pytest
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts.models import Platform
from audit import clock
from audit.errors import ConflictOfInterest, Invalid, NotPermitted, Refused, Stale
from audit.verification import verify
from credentials import closing, digests, earlier, generation, rotation, sealing, vault, ways
from credentials.models import Credential, Knowledge, Rotation, SecretVersion
from employees import services as people
from tests.cast import City, client_of
from tests.credentials.accounts import LOGIN, SECRET, deposited, open_account, rotated

pytestmark = pytest.mark.django_db

STRONG = "Zeb7#quilt_Orbit%Lamp"


@pytest.fixture
def credential(city: City) -> Credential:
    return deposited(city.helen, open_account(city.dana, city.zoo))


def at(name: str, credential: Credential) -> str:
    return reverse(f"credentials:{name}", args=[credential.pk])


def claimed(city: City, credential: Credential) -> Rotation:
    started = rotation.start(actor=city.sam, credential=credential)
    rotation.show(actor=city.sam, rotation=started)
    rotation.claim_changed(actor=city.sam, rotation=started)
    return started


def states() -> dict[int, str]:
    return dict(SecretVersion.objects.values_list("number", "state"))


# The new password


def test_words_meet_every_platforms_rules_where_they_fit() -> None:
    for platform in Platform.objects.all():
        rule = generation.rules(platform)
        if not generation.takes_words(platform):
            with pytest.raises(Invalid, match="too few for words"):
                generation.generate(platform, generation.PASSPHRASE)
            continue
        for _again in range(20):
            words = generation.generate(platform, generation.PASSPHRASE)
            assert rule["min"] <= len(words) <= rule["max"]
            assert generation.check_new(words, platform) == words
            assert sum(char.isupper() for char in words) >= generation.FEWEST_WORDS


@pytest.mark.parametrize(
    ("typed", "says"),
    [("HutchZoo2026!", "can be guessed"), ("correcthorse1", "can be guessed"), ("Zeb7 quilt lamp", "nothing else"),
     (STRONG + "x" * 200, "at most 128"), (SECRET, "in use before"), ("short", "at least 10")],
)  # fmt: skip
def test_a_typed_one_is_measured_and_must_be_new(
    city: City, credential: Credential, typed: str, says: str
) -> None:
    with pytest.raises(Invalid, match=says) as caught:
        rotation.start(actor=city.sam, credential=credential, typed=typed)
    assert typed not in str(caught.value)
    assert states() == {1: "current"}


def test_a_typed_one_that_is_strong_is_taken_and_known_by_who_typed_it(
    city: City, credential: Credential
) -> None:
    page = client_of(city.sam).post(
        at("rotation_start", credential), {"style": "typed", "password": STRONG}, follow=True
    )
    assert "Step 2" in page.text
    assert STRONG not in page.text
    staged = SecretVersion.objects.get(state="staged")
    assert sealing.unseal(staged) == STRONG
    assert [row.person for row in Knowledge.objects.filter(version=staged)] == [city.sam]
    rotation.cancel(actor=city.sam, rotation=Rotation.objects.get())
    other = deposited(city.olive, open_account(city.dana, city.parks, "HutchParks"))
    answer = client_of(city.sam).post(at("rotation_start", other), {"style": "typed", "password": STRONG})
    assert answer.status_code == 400
    assert "was in use before" in answer.text, "abandoned, and on another account"


def test_a_weak_one_comes_back_with_its_reason(city: City, credential: Credential) -> None:
    client = client_of(city.sam)
    answer = client.post(at("rotation_start", credential), {"style": "typed", "password": "Password12345"})
    assert "This can be guessed." in answer.text
    assert "Password12345" not in answer.text
    assert "Type the new password" in client.post(at("rotation_start", credential), {"style": "typed"}).text
    page = client.post(at("rotation_start", credential), {"style": "passphrase"}, follow=True)
    assert "Step 2" in page.text
    assert sealing.unseal(SecretVersion.objects.get(state="staged")).count("-") >= 5


def test_a_made_one_is_never_one_that_was(
    city: City, credential: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = iter([SECRET, SECRET, "made-and-new-7#Q"])
    monkeypatch.setattr(generation, "generate", lambda platform, style: next(made))
    started = rotation.start(actor=city.sam, credential=credential)
    assert sealing.unseal(started.version) == "made-and-new-7#Q"


def test_nobody_is_shown_what_was_not_read_back(city: City, credential: Credential) -> None:
    started = rotation.start(actor=city.sam, credential=credential)
    token = bytes(started.version.token)
    SecretVersion.objects.filter(pk=started.version_id).update(token=token[:-4] + b"AAA=")
    with pytest.raises(sealing.Damaged):
        rotation.show(actor=city.sam, rotation=started)
    started.refresh_from_db()
    assert started.state == Rotation.State.STAGED
    assert not Knowledge.objects.filter(person=city.sam).exists()


def test_a_staged_version_that_is_not_what_was_made_is_not_shown(city: City, credential: Credential) -> None:
    """It opens, and holds something else: the digest was taken before it was sealed."""
    started = rotation.start(actor=city.sam, credential=credential)
    SecretVersion.objects.filter(pk=started.version_id).update(digest=digests.of("something else"))
    with pytest.raises(sealing.Damaged, match="not what was made"):
        rotation.show(actor=city.sam, rotation=started)


# Doubt


def test_in_doubt_custodians_read_both_and_it_every_one_that_is_kept(
    city: City, credential: Credential
) -> None:
    first = rotation.start(actor=city.sam, credential=credential)
    rotation.show(actor=city.sam, rotation=first)
    rotation.cancel(actor=city.sam, rotation=first)
    claimed(city, credential)
    client = client_of(city.sam)
    page = client.post(at("rotation_lose", credential), follow=True).text
    assert "Find out which password the platform has" in page
    assert len(vault.reveal(actor=city.dana, credential=credential)) == 2
    shown = client.post(at("rotation_show", credential))
    assert [one.version.number for one in shown.context["shown"]] == [1, 2, 3]
    assert "Nobody knows yet" in client_of(city.dana).get(at("credential", credential)).text


def test_doubt_ends_with_the_new_the_old_or_another(city: City, credential: Credential) -> None:
    client = client_of(city.sam)

    def doubt() -> None:
        rotation.lose(actor=city.sam, rotation=claimed(city, credential))

    doubt()
    client.post(at("rotation_reconcile", credential), {"found": "new"})
    assert Rotation.objects.get().state == Rotation.State.CLAIMED
    client.post(at("rotation_verify", credential))
    assert states() == {1: "previous", 2: "current"}
    doubt()
    client.post(at("rotation_reconcile", credential), {"found": "old"})
    assert states() == {1: "previous", 2: "current", 3: "abandoned"}
    doubt()
    wrong = client.post(at("rotation_reconcile", credential), {"found": "other", "password": ""})
    assert wrong.status_code == 400
    client.post(at("rotation_reconcile", credential), {"found": "other", "password": "recovered-77#Q"})
    assert states() == {1: "retired", 2: "previous", 3: "abandoned", 4: "abandoned", 5: "current"}
    assert [one.value for one in vault.reveal(actor=city.dana, credential=credential)] == ["recovered-77#Q"]
    assert verify().findings == []


def test_doubt_wants_somebody_who_has_seen_it(city: City, credential: Credential) -> None:
    started = rotation.start(actor=city.sam, credential=credential)
    with pytest.raises(Stale, match="Nobody has seen"):
        rotation.lose(actor=city.sam, rotation=started)
    with pytest.raises(Stale, match="not in doubt"):
        rotation.reconcile(actor=city.sam, rotation=started, found=rotation.OLD)
    with pytest.raises(NotPermitted):
        rotation.lose(actor=city.dana, rotation=started)


def test_an_open_doubt_holds_the_item(city: City, credential: Credential) -> None:
    rotation.lose(actor=city.sam, rotation=claimed(city, credential))
    with pytest.raises(Stale):
        rotation.start(actor=city.marcus, credential=credential)
    with pytest.raises(Stale):
        vault.deposit(actor=city.helen, credential=credential, login=LOGIN, value="canary-other-77!")
    with pytest.raises(Stale):
        vault.correct(actor=city.helen, credential=credential, value="canary-other-77!")


def test_it_looks_back_at_what_is_kept_and_nobody_else(city: City, credential: Credential) -> None:
    with pytest.raises(Refused, match="No earlier"):
        earlier.look_back(actor=city.sam, credential=credential)
    rotation.cancel(actor=city.sam, rotation=claimed(city, credential))
    page = client_of(city.marcus).post(at("rotation_kept", credential))
    assert [one.version.number for one in page.context["shown"]] == [2]
    assert "no-store" in page["Cache-Control"]
    assert Knowledge.objects.filter(version__number=2, person=city.marcus).exists()
    assert client_of(city.dana).post(at("rotation_kept", credential)).status_code == 403
    rotated(city.sam, credential)
    kept = earlier.look_back(actor=city.sam, credential=credential)
    assert [one.version.number for one in kept] == [1], "abandoned ones until the next verified rotation"


# A second person


def test_where_the_city_wants_it_somebody_else_verifies(
    city: City, credential: Credential, settings: Settings
) -> None:
    settings.ROTATION_SECOND_PERSON = True
    started = claimed(city, credential)
    with pytest.raises(ConflictOfInterest):
        rotation.verify(actor=city.sam, rotation=started)
    page = client_of(city.sam).post(at("rotation_verify", credential), follow=True)
    assert "You changed it yourself." in page.text
    rotation.show(actor=city.marcus, rotation=started)
    rotation.verify(actor=city.marcus, rotation=started)
    assert states() == {1: "previous", 2: "current"}


# The closing list


def test_a_rotation_closes_only_with_its_whole_list(city: City, credential: Credential) -> None:
    client = client_of(city.sam)
    done = rotated(city.sam, credential)
    assert done.closed_at is None
    page = client.get(at("rotate", credential)).text
    assert "Step 5: look at all else" in page
    assert "To finish" in client.get("/today/").text
    for step, outcome in (("sessions", "done"), ("factors", "not_offered"), ("recovery", "done")):
        client.post(at("rotation_tick", credential), {"step": step, "outcome": outcome})
        done.refresh_from_db()
        assert done.closed_at is None
    assert closing.left(done) == ["apps"]
    again = client.post(at("rotation_tick", credential), {"step": "sessions", "outcome": "done"}, follow=True)
    assert "ticked off already" in again.text
    page = client.post(at("rotation_tick", credential), {"step": "apps", "outcome": "done"}, follow=True).text
    assert "The rotation is closed." in page
    done.refresh_from_db()
    assert done.closed_by == city.sam
    assert "To finish" not in client.get("/today/").text
    assert verify().findings == []


def test_what_somebody_without_custody_holds_stands_in_the_way(city: City, credential: Credential) -> None:
    way = ways.add(
        actor=city.helen, account=credential.account, kind="passkey", detail="YubiKey", holder=city.helen
    )
    people.separate(actor=city.carla, employee=city.helen, last_day=clock.today(), reason="left")
    done = rotated(city.sam, credential)
    with pytest.raises(Refused, match="Passkey YubiKey, Helen Okafor"):
        closing.tick(actor=city.sam, rotation=done, step="factors", outcome="not_offered")
    closing.tick(actor=city.sam, rotation=done, step="apps", outcome="done")
    ways.end(actor=city.sam, way=way)
    closing.tick(actor=city.sam, rotation=done, step="factors", outcome="done")


@pytest.mark.parametrize(("step", "outcome"), [("nonsense", "done"), ("apps", "maybe"), ("", "")])
def test_only_steps_of_the_list(city: City, credential: Credential, step: str, outcome: str) -> None:
    done = rotated(city.sam, credential)
    with pytest.raises(Invalid):
        closing.tick(actor=city.sam, rotation=done, step=step, outcome=outcome)
    with pytest.raises(NotPermitted):
        closing.tick(actor=city.dana, rotation=done, step="apps", outcome="done")


def test_a_later_rotation_closes_the_earlier_one_with_it(city: City, credential: Credential) -> None:
    first, second = rotated(city.sam, credential), rotated(city.sam, credential)
    for step in closing.left(second):
        closing.tick(actor=city.sam, rotation=second, step=step, outcome="done")
    first.refresh_from_db()
    assert first.closed_at is not None
    assert not rotation.unfinished().exists()
