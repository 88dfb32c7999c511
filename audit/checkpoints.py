"""Checkpoints: signed statements of how many entries the ledger held and their root hash.

One that is kept where nobody with the database or the server can change it binds every entry before it for ever. They
are made once a day, after acts that cannot wait for the night, and with every export.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from audit import clock, ledger, locks, merkle, notes, signals, signing, subtrees
from audit.actions import Verb
from audit.errors import Refused
from audit.ledger import Recordable, service
from audit.models import Checkpoint, Entry

logger = logging.getLogger(__name__)

COMMAND = "command"
"""The occasion of a checkpoint that somebody asked for; others name the verb of what came before them."""

_after: set[str] = set()


class Inconsistent(Refused):
    """The ledger is not what its last checkpoint says it was. No further one is signed until somebody has looked."""


def after(*verbs: Verb) -> None:
    """Have a checkpoint made as soon as an act that recorded one of `verbs` is committed. For a room's `ready()`."""
    _after.update(verb.value for verb in verbs)


def committed(verbs: Iterable[str]) -> None:
    """Called by the ledger after every act. A checkpoint that cannot be made stops nobody: the next one covers it."""
    if not _after:
        return
    for verb in verbs:
        if verb in _after:
            try:
                make(actor=None, occasion=verb)
            except Exception:
                logger.exception("No checkpoint could be made after %s", verb)
            return


@service
def make(*, actor: Recordable | None, occasion: str = COMMAND) -> Checkpoint:
    """Sign how many entries there are now and their root hash; the last checkpoint where nothing came since.

    `actor` is None: the system signs, whoever asked. Raises signing.NoSigningKey, Inconsistent; Refused for an empty
    ledger and within another act, whose entries are not there yet.
    """
    if ledger.depth() > 1:
        raise Refused("A checkpoint is made after an act, never within one.")
    keys = signing.load()
    locks.hold(locks.CHECKPOINTS)
    size = last_index()
    if not size:
        raise Refused("The ledger is empty; there is nothing to sign.")
    last = Checkpoint.objects.last()
    kept = subtrees.Kept()
    if last is not None:
        _still_holds(last, size, keys, kept)
        if last.size == size:
            return last
    subtrees.grow(size)
    root = merkle.root(size, subtrees.Kept().subtree)
    note = keys.signer.sign(notes.Checkpoint(keys.signer.name, size, root))
    made = Checkpoint.objects.create(size=size, root=root, note=note, made_at=clock.now(), occasion=occasion)
    signals.checkpoint_made.send(Checkpoint, checkpoint=made)
    return made


@dataclass(frozen=True)
class Head:
    """So many entries, and the RFC 6962 root hash over them in hexadecimal."""

    size: int
    root: str

    def as_data(self) -> dict[str, Any]:
        return {"size": self.size, "root": self.root}


def head() -> Head:
    """The ledger as it stands, unsigned: what a file was drawn from. Keeps hashes that are missing."""
    with transaction.atomic():
        locks.hold(locks.CHECKPOINTS)
        size = last_index()
        subtrees.grow(size)
        return Head(size, merkle.root(size, subtrees.Kept().subtree).hex())


def last_index() -> int:
    """How many entries there are."""
    return Entry.objects.order_by("index").values_list("index", flat=True).last() or 0


def trouble() -> str:
    """Why today's entries don't continue the last checkpoint, by the kept hashes; empty where they do.

    Cheap at any size. The whole proof, which trusts no kept hash, is `verify_ledger`.
    """
    last = Checkpoint.objects.last()
    if last is None:
        return ""
    try:
        _still_holds(last, last_index(), signing.load(), subtrees.Kept())
    except (Inconsistent, signing.NoSigningKey) as error:
        return str(error)
    return ""


def _still_holds(last: Checkpoint, size: int, keys: signing.Keys, kept: subtrees.Kept) -> None:
    """Raises Inconsistent unless the ledger of today continues `last`: two histories are never signed."""
    advice = "Nothing was signed. Run `manage.py verify_ledger`."
    try:
        said = notes.opened(last.note, keys.verifiers)
    except notes.WrongNote as error:
        raise Inconsistent(
            f"The last checkpoint, of {last.size} entries, is not signed by a key in the ledger's key file ({error}). "
            f"Put the verifier key of the earlier key beneath the new one. {advice}"
        ) from None
    if said.size != last.size or size < said.size:
        raise Inconsistent(
            f"The ledger holds {size} entries, and its last checkpoint was of {said.size}. {advice}"
        )
    try:
        root = merkle.root(said.size, kept.subtree)
    except LookupError as error:
        raise Inconsistent(f"The ledger's kept hashes are not whole: {error}. {advice}") from None
    if root != said.root:
        raise Inconsistent(f"The first {said.size} entries are not those of the last checkpoint. {advice}")


def consistency(old: int, new: int) -> list[bytes]:
    """The proof that the checkpoint of `old` entries is a beginning of that of `new`.

    It is checked against both signed roots before it is given. Raises Checkpoint.DoesNotExist, Inconsistent.
    """
    first, second = Checkpoint.objects.get(size=old), Checkpoint.objects.get(size=new)
    try:
        proof = merkle.consistency(old, new, subtrees.Kept().subtree)
        merkle.check_consistency(old, new, bytes(first.root), bytes(second.root), proof)
    except (merkle.WrongProof, LookupError) as error:
        raise Inconsistent(
            f"The checkpoint of {old} entries is no beginning of that of {new}: {error}."
        ) from None
    except ValueError as error:
        raise Refused(str(error)) from None
    return proof


def proof_text(old: int, new: int) -> str:
    """The consistency proof as text: one hash a line, in base64."""
    return "".join(f"{base64.b64encode(one).decode()}\n" for one in consistency(old, new))
