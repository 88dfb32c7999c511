"""Kill -9 at every step: the password that the platform accepts stays in the vault; nothing is delivered unrecorded.

The steps are counted, not timed: before and after every statement, every commit and every word with the platform there
is a place to die. Children are forked from this process, which has everything loaded.
"""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from pytest_django.fixtures import Settings

from audit.actions import Verb
from audit.errors import Invalid
from audit.models import Entry
from audit.verification import verify
from credentials import earlier, keyring, notes, resealing, rotation, sealing, stale, startup, vault
from credentials.models import Credential, Rotation, SecretVersion, StaleCopy
from employees.models import Employee
from tests.cast import City
from tests.credentials.accounts import LOGIN, SECRET, deposited, open_account
from tests.credentials.platform import Platform, running
from tests.processes import FORK, _forget_inherited_connections

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

KILLS, SOAK = 60, 1000
State = SecretVersion.State


@dataclass
class World:
    """What a scenario works with, in the child."""

    platform: Platform
    credential: Credential
    rotator: Employee
    custodian: Employee
    word: str  # what somebody will type, where somebody types
    step: Callable[[], None]
    delivered: Callable[[], None]

    def change(self, old: str, new: str) -> None:
        self.step()
        assert self.platform.change(old, new)
        self.step()


def rotate(world: World) -> None:
    """From the new password to the closing of the list."""
    started = rotation.start(actor=world.rotator, credential=world.credential)
    old, new = rotation.show(actor=world.rotator, rotation=started)
    world.delivered()
    world.change(old.value, new.value)
    rotation.claim_changed(actor=world.rotator, rotation=started)
    vault.reveal(actor=world.custodian, credential=world.credential)
    world.delivered()
    rotation.verify(actor=world.rotator, rotation=started)


def give_up(world: World) -> None:
    """Cancelled, although the human had changed it on the platform already."""
    started = rotation.start(actor=world.rotator, credential=world.credential)
    old, new = rotation.show(actor=world.rotator, rotation=started)
    world.delivered()
    world.change(old.value, new.value)
    rotation.cancel(actor=world.rotator, rotation=started)


def doubt(world: World) -> None:
    """Nobody can tell; the platform's recovery sets a third password, which is deposited."""
    started = rotation.start(actor=world.rotator, credential=world.credential)
    old, _new = rotation.show(actor=world.rotator, rotation=started)
    world.delivered()
    rotation.lose(actor=world.rotator, rotation=started)
    stale.report(actor=world.custodian, credential=world.credential, reason="Recovered on the platform")
    world.change(old.value, world.word)
    rotation.reconcile(actor=world.rotator, rotation=started, found=rotation.OTHER, value=world.word)


def deposit(world: World) -> None:
    """A custodian had to change it on the platform, said so, and deposits it."""
    (old,) = vault.reveal(actor=world.custodian, credential=world.credential)
    world.delivered()
    stale.report(actor=world.custodian, credential=world.credential, reason="The platform asked for it")
    world.change(old.value, world.word)
    vault.deposit(actor=world.custodian, credential=world.credential, login=LOGIN, value=world.word)


def rotate_keys(world: World) -> None:
    """Every row is sealed with a new key, three at a time, or a run that died is taken up; notes are written first."""
    if not resealing.remaining():
        call_command("generate_vault_key", add_to=settings.VAULT_KEYS_FILE, stdout=StringIO())
    resealing.BATCH = 3
    notes.write(actor=world.custodian, credential=world.credential, text=world.word)
    resealing.run()


SCENARIOS = (rotate, give_up, doubt, deposit, rotate_keys)


class Killer:
    """Runs scenarios in children that die at a chosen place, and looks at what they leave behind."""

    def __init__(self, city: City, platform: Platform, credential: Credential) -> None:
        self.city, self.platform, self.credential = city, platform, credential
        self.word = 0
        self.runs: Counter[str] = Counter()
        self.lost: list[str] = []
        self.unrecorded: list[str] = []
        self.damaged: list[str] = []
        self.deliveries = 0

    @property
    def killed(self) -> int:
        return sum(count for name, count in self.runs.items() if name.endswith("killed"))

    def next_word(self) -> str:
        self.word += 1
        return f"typed-by-hand-{self.word:05}!"

    def run(self, scenario: Callable[[World], None], at: int) -> int:
        """One child that dies at its step `at` (0: never); gives how many steps it made, if it came to its end."""
        word, before = self.next_word(), _showings()
        connections.close_all()
        ear, answer = FORK.Pipe(duplex=False)
        child = FORK.Process(target=_child, args=(self, scenario, at, word, answer), daemon=True)
        child.start()
        answer.close()
        told: list[Any] = []
        try:
            while ear.poll(60):
                told.append(ear.recv())
        except EOFError:
            pass
        child.join(30)
        assert child.exitcode in ((0,) if at == 0 else (0, -signal.SIGKILL)), (told, child.exitcode)
        died = child.exitcode != 0
        delivered = told.count("delivered")
        self._look(f"{scenario.__name__} killed at {at}", delivered, _showings() - before)
        self._go_on(word)
        self.runs[f"{scenario.__name__}{' killed' if died else ''}"] += 1
        return int(told[-1]) if told and not died else 0

    def _look(self, where: str, delivered: int, recorded: int) -> None:
        """What must hold the moment after."""
        self.deliveries += delivered
        if delivered > recorded:
            self.unrecorded.append(where)
        kept = SecretVersion.objects.filter(item__credential=self.credential, item__kind="password")
        try:
            values = [sealing.unseal(version) for version in kept.exclude(state=State.RETIRED)]
        except keyring.VaultUnavailable as error:
            self.damaged.append(f"{where}: {error}")
            return
        said = StaleCopy.objects.filter(item__credential=self.credential, settled_at=None).exists()
        if not any(self.platform.opens(value) for value in values) and not said:
            self.lost.append(where)
        if kept.filter(state=State.CURRENT).count() != 1:
            self.damaged.append(f"{where}: not one current version")

    def _go_on(self, word: str) -> None:
        """Somebody else goes on from there, knowing only what the vault and the platform say."""
        under_way = rotation.open_rotation(self.credential)
        if under_way is not None:
            rotation_by_hand(self, under_way, word)
        current = vault.current_version(vault.item_of(self.credential))
        assert current is not None
        if self.platform.opens(sealing.unseal(current)):
            for said in stale.standing([self.credential.account]):
                stale.withdraw(actor=self.city.helen, copy=said)
            return
        candidates = [word, *(one.value for one in _kept(self.city.marcus, self.credential))]
        for value in candidates:
            if self.platform.opens(value):
                try:
                    vault.deposit(actor=self.city.helen, credential=self.credential, login=LOGIN, value=value)
                except Invalid:
                    self.lost.append("could not be deposited again")
                return
        self.lost.append("nobody knows it")


def _kept(person: Employee, credential: Credential) -> list[vault.Shown]:
    return earlier.look_back(actor=person, credential=credential)


def rotation_by_hand(killer: Killer, under_way: Rotation, word: str) -> None:
    it = killer.city.marcus
    shown = rotation.show(actor=it, rotation=under_way)
    new = next(one.value for one in shown if one.version.pk == under_way.version_id)
    if killer.platform.opens(word):
        if under_way.state != Rotation.State.UNKNOWN:
            rotation.lose(actor=it, rotation=under_way)
        rotation.reconcile(actor=it, rotation=under_way, found=rotation.OTHER, value=word)
    elif killer.platform.opens(new):
        if under_way.state == Rotation.State.UNKNOWN:
            rotation.reconcile(actor=it, rotation=under_way, found=rotation.NEW)
        elif under_way.state == Rotation.State.SHOWN:
            rotation.claim_changed(actor=it, rotation=under_way)
        rotation.verify(actor=it, rotation=under_way)
    else:
        rotation.cancel(actor=it, rotation=under_way)


def _showings() -> int:
    """Entries of somebody being shown a password."""
    return Entry.objects.filter(verb__in=(Verb.SECRET_REVEAL, Verb.ROTATION_SHOW)).count()


def _child(
    killer: Killer, scenario: Callable[[World], None], at: int, word: str, answer: Connection[Any, Any]
) -> None:
    _forget_inherited_connections()
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1
        if steps == at:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(execute: Any, *arguments: Any) -> Any:
        step()
        done = execute(*arguments)
        step()
        return done

    def delivered() -> None:
        answer.send("delivered")
        step()

    commit = connection._commit  # type: ignore[attr-defined]

    def committed() -> None:
        step()
        commit()
        step()

    connection._commit = committed  # type: ignore[attr-defined]
    with connection.execute_wrapper(around):
        scenario(
            World(
                platform=killer.platform,
                credential=Credential.objects.select_related("account__platform").get(
                    pk=killer.credential.pk
                ),
                rotator=Employee.objects.get(pk=killer.city.sam.pk),
                custodian=Employee.objects.get(pk=killer.city.dana.pk),
                word=word,
                step=step,
                delivered=delivered,
            )
        )
    answer.send(steps)
    connections.close_all()


def _prove(city: City, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    credential = deposited(city.helen, open_account(city.dana, city.zoo))
    with running(SECRET) as platform:
        killer = Killer(city, platform, credential)
        for scenario in SCENARIOS:
            steps = killer.run(scenario, 0)
            assert steps > 20, scenario
            share = kills // len(SCENARIOS)
            places = [1 + place * steps // share for place in range(share)]
            if share > steps:
                places = [chance.randint(1, steps) for _ in range(share)]
            for place in places:
                killer.run(scenario, place)
        while (killed := killer.killed) < kills:  # a run that was taken up had fewer steps than were counted
            killer.run(chance.choice(SCENARIOS), chance.randint(1, 60))
        print(f"{killed} killed, {killer.deliveries} deliveries: {dict(killer.runs)}")
        assert (killer.lost, killer.unrecorded, killer.damaged) == ([], [], [])
        current = vault.current_version(vault.item_of(credential))
        assert current is not None
        assert platform.opens(sealing.unseal(current))
    if resealing.remaining():
        resealing.run()
    assert startup.examine().troubles == []
    assert verify().findings == []


@pytest.fixture(autouse=True)
def _own_keys(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_bytes(Fernet.generate_key() + b"\n")
    path.chmod(0o600)
    settings.VAULT_KEYS_FILE = str(path)


def test_kill_nine_at_each_step_loses_no_password(city: City) -> None:
    _prove(city, KILLS, 1)


@pytest.mark.soak
def test_a_thousand_kills_lose_no_password(city: City) -> None:
    _prove(city, SOAK, 2)
