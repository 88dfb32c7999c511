"""Many processes reveal, rotate, deposit and separate at once; ledger, versions and permissions stay whole."""

from __future__ import annotations

import os
import random
import time
from collections import Counter

import pytest

from audit.actions import Verb
from audit.errors import Refused
from audit.models import Entry
from audit.verification import verify
from credentials import rotation, vault
from credentials.models import Credential, Knowledge, Rotation, SecretItem, SecretVersion
from employees import services as people
from employees.models import Employee
from tests.cast import City, designate
from tests.credentials.accounts import LOGIN, deposited, open_account, permissions_mirror_custody
from tests.processes import together

PROCESSES = 8
FEWEST = 25
"""Acts of each process, however slow the machine."""

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


def test_eight_processes_reveal_and_rotate_for_a_few_seconds(city: City) -> None:
    _reveal_and_rotate(city, seconds=3)


@pytest.mark.soak
def test_eight_processes_reveal_and_rotate_for_a_minute(city: City) -> None:
    _reveal_and_rotate(city, seconds=60)


def _reveal_and_rotate(city: City, *, seconds: float) -> None:
    credentials = [
        deposited(city.helen, open_account(city.dana, city.zoo, handle)).pk
        for handle in ("HutchZoo", "HutchKids")
    ]
    holders = [city.dana.pk, city.marcus.pk, city.helen.pk]
    rotators = [city.sam.pk, city.marcus.pk]
    jobs = [
        lambda place=place: _work(place, credentials, holders, rotators, seconds)
        for place in range(PROCESSES)
    ]
    told = together(jobs)

    assert not [text for text in told if text.startswith("failed")], told
    done: Counter[str] = Counter()
    for text in told:
        done.update({name: int(count) for name, count in (part.split("=") for part in text.split())})
    assert done["reveal"] > PROCESSES
    assert done["verify"] > 0
    verdict = verify()
    assert verdict.findings == []
    assert Entry.objects.filter(verb=Verb.SECRET_REVEAL).count() == done["reveal"]
    assert Entry.objects.filter(verb=Verb.ROTATION_VERIFY).count() == done["verify"]
    for item in SecretItem.objects.all():
        assert SecretVersion.objects.filter(item=item, state=SecretVersion.State.CURRENT).count() == 1
        numbers = list(
            SecretVersion.objects.filter(item=item).order_by("number").values_list("number", flat=True)
        )
        assert numbers == list(range(1, len(numbers) + 1))
    assert Rotation.objects.filter(state__in=Rotation.OPEN).count() <= len(credentials)
    print(f"{seconds} s, {PROCESSES} processes: {dict(done)}, {verdict.entries} entries")


def _work(place: int, credentials: list[int], holders: list[int], rotators: list[int], seconds: float) -> str:
    """Reveal and rotate at random until the time is up; refusals that a rival causes are part of it."""
    chance = random.Random(place)
    done: Counter[str] = Counter()
    end = time.monotonic() + seconds
    while (
        time.monotonic() < end or sum(done.values()) < FEWEST
    ):  # a busy machine takes longer for the same proof
        credential = Credential.objects.select_related("account__platform", "account__department").get(
            pk=chance.choice(credentials)
        )
        try:
            if chance.random() < 0.6:
                shown = vault.reveal(
                    actor=Employee.objects.get(pk=chance.choice(holders)), credential=credential
                )
                assert [one.value for one in shown if one.value]
                done["reveal"] += 1
            else:
                done[_step(Employee.objects.get(pk=chance.choice(rotators)), credential, chance)] += 1
        except Refused:
            done["refused"] += 1
    return " ".join(f"{name}={count}" for name, count in done.items())


def _step(actor: Employee, credential: Credential, chance: random.Random) -> str:
    """The next step of the credential's rotation, or its cancelling."""
    current = rotation.open_rotation(credential)
    if current is None:
        rotation.start(actor=actor, credential=credential)
        return "start"
    if chance.random() < 0.05:
        rotation.cancel(actor=actor, rotation=current)
        return "cancel"
    if current.state == Rotation.State.STAGED:
        rotation.show(actor=actor, rotation=current)
        return "show"
    if current.state == Rotation.State.SHOWN:
        rotation.claim_changed(actor=actor, rotation=current)
        return "claim"
    if not rotation.has_seen(actor, current):
        rotation.show(actor=actor, rotation=current)
        return "show"
    rotation.verify(actor=actor, rotation=current)
    return "verify"


def test_of_many_first_deposits_at_once_one_is_current_and_none_is_lost(city: City) -> None:
    account = open_account(city.dana, city.zoo)
    credential = Credential.objects.get(account=account).pk
    people_ids = [city.dana.pk, city.marcus.pk, city.helen.pk, city.sam.pk]

    def deposit(place: int) -> str:
        vault.deposit(
            actor=Employee.objects.get(pk=people_ids[place % 4]),
            credential=Credential.objects.select_related("account__platform", "account__department").get(
                pk=credential
            ),
            login=LOGIN,
            value=f"canary-deposit-{place}!",
        )
        return "done"

    told = together([lambda place=place: deposit(place) for place in range(PROCESSES)])  # type: ignore[misc]

    assert told == ["done"] * PROCESSES
    assert SecretVersion.objects.filter(state=SecretVersion.State.CURRENT).count() == 1
    assert SecretVersion.objects.count() == PROCESSES
    assert verify().sound


def test_who_is_separated_while_revealing_knows_or_does_not_but_never_unrecorded(city: City) -> None:
    credential = deposited(city.helen, open_account(city.dana, city.zoo)).pk
    designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)

    def read() -> str:
        seen = 0
        for _ in range(40):
            try:
                shown = vault.reveal(
                    actor=Employee.objects.get(pk=city.priya.pk),
                    credential=Credential.objects.select_related("account").get(pk=credential),
                )
                seen += len(shown)
            except Refused:
                break
        return str(seen)

    def leave() -> str:
        time.sleep(0.05)
        from audit import clock

        people.separate(
            actor=Employee.objects.get(pk=city.carla.pk),
            employee=Employee.objects.get(pk=city.priya.pk),
            last_day=clock.today(),
            reason="Left",
        )
        return "left"

    told = together([read, read, leave])

    assert not [text for text in told if text.startswith("failed")], told
    seen = sum(int(text) for text in told if text.isdigit())
    assert Knowledge.objects.filter(person=city.priya).count() == seen
    assert permissions_mirror_custody()
    assert verify().sound


def test_many_seats_change_at_once_and_custody_is_what_the_papers_want(city: City) -> None:
    from audit import clock
    from tests.credentials.accounts import reconciling_changes_nothing

    for place in range(5):
        open_account(city.dana, city.zoo, f"HutchZoo{place}")
    designees = [city.priya, city.noah, city.joel, city.tom]
    papers = [
        people.record_designation(
            actor=city.helen, department=city.zoo, designee=one, start=clock.today(), instrument="Memo"
        )
        for one in designees
    ]

    def confirm(place: int) -> str:
        paper = type(papers[place]).objects.get(pk=papers[place].pk)
        people.confirm_designation(actor=Employee.objects.get(pk=city.carla.pk), designation=paper)
        return f"{os.getpid()}"

    told = together([lambda place=place: confirm(place) for place in range(len(papers))])  # type: ignore[misc]

    assert not [text for text in told if text.startswith("failed")], told
    assert permissions_mirror_custody()
    assert reconciling_changes_nothing()
    assert verify().sound
