"""What is wrong with the vault as a whole, told apart: no key, a wrong key, a damaged row.

Without its keys the vault serves no reveal at all. A damaged row refuses itself alone: one changed row must not take
every other account away from the City.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from django.db import DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from credentials import factorseals, keyring, resealing, sealing, seals
from credentials.keyring import NoKeys, WrongKey
from credentials.models import Sealed

logger = logging.getLogger(__name__)

State = Literal["sound", "no key", "wrong key", "damaged row"]
_sound: object = None
"""The stamp of the keys that were found right. Kept for each process; what is wrong is looked at each time."""


@dataclass
class Examined:
    """`rows` and `factors` seeds of second factors were opened with `keys` keys.

    `troubles` are sentences, the gravest kind in `state`: one for each key that is missing, then one for each damaged
    row.
    """

    state: State = "sound"
    keys: int = 0
    rows: int = 0
    factors: int = 0
    troubles: list[str] = field(default_factory=list)

    @property
    def counted(self) -> str:
        """“26 sealed rows and 25 seeds of second factors open with 1 key”."""
        rows = ngettext("%(count)d sealed row", "%(count)d sealed rows", self.rows) % {"count": self.rows}
        seeds = ngettext(
            "%(count)d seed of a second factor", "%(count)d seeds of second factors", self.factors
        )
        keys = ngettext("%(count)d key", "%(count)d keys", self.keys) % {"count": self.keys}
        names = {"rows": rows, "seeds": seeds % {"count": self.factors}, "keys": keys}
        return _("%(rows)s and %(seeds)s open with %(keys)s") % names


def require_keys() -> None:
    """Raises NoKeys or WrongKey unless every key that sealed something is at hand."""
    global _sound
    stamp = keyring.provider().stamp()
    if stamp is None or stamp != _sound:
        in_use = resealing.keys_in_use()
        held = keyring.load()  # after: a key is in the file before anything is sealed with it
        for key in in_use:
            held.key(key)
        _sound = stamp


def examine(*, every_row: bool = True, progress: Callable[[int], object] = lambda done: None) -> Examined:
    """Look at the keys and open every row and every second factor's seed, showing none."""
    found = Examined()
    try:
        keys = keyring.load()
    except NoKeys as error:
        return Examined("no key", troubles=[str(error)])
    found.keys = len(keys.keys)
    told = seals.all_told()
    rows_under: Counter[str] = Counter()
    seeds_under: Counter[str] = Counter()
    damaged = []
    for model in seals.SEALED if every_row else ():
        for row in _rows(model):
            progress(1)
            try:
                _open(keys, row, told.pop(str(row.pk), 1))
                found.rows += 1
            except WrongKey as error:
                rows_under[error.key_id] += 1
            except sealing.Damaged as error:
                damaged.append(f"damaged row: {error}")
    for trouble in factorseals.examine(keys) if every_row else ():
        progress(1)
        if trouble is None:
            found.factors += 1
        elif isinstance(trouble, WrongKey):
            seeds_under[trouble.key_id] += 1
        else:
            damaged.append(f"damaged row: {trouble}")
    for pk in sorted(told) if every_row else ():
        damaged.append(f"damaged row: the ledger tells of the sealed row {pk}, and no table has it.")
    wrong = [
        _missing(keys, key, rows_under[key], seeds_under[key]) for key in sorted({*rows_under, *seeds_under})
    ]
    found.troubles = wrong + damaged
    found.state = "wrong key" if wrong else "damaged row" if damaged else "sound"
    return found


def _missing(keys: keyring.Keyring, key: str, rows: int, seeds: int) -> str:
    """One sentence for a key that is not in the file, however much it seals."""
    sealed = [
        f"{count} {one if count == 1 else many}"
        for count, one, many in (
            (rows, "row", "rows"),
            (seeds, "seed of a second factor", "seeds of second factors"),
        )
        if count
    ]
    held = ", ".join(one.id for one in keys.keys)
    return (
        f"wrong key: the key {key} is not in the vault's key file, and it seals {' and '.join(sealed)}. Put that key "
        f"back into the file, on a line of its own below the newest; the file holds {held}."
    )


def _open(keys: keyring.Keyring, row: Sealed, expected: int) -> None:
    """Raises what `sealing.unseal` raises, also when the row was sealed anew since this began."""
    try:
        sealing.unlock(keys, row, expected=expected)
    except keyring.VaultUnavailable:
        row.refresh_from_db(fields=["token", "key_id", "seal_counter"])
        sealing.unseal(row)


def _rows(model: type[Sealed]) -> Iterator[Sealed]:
    related = {
        lookup.rpartition("__")[0] for lookup in sealing.BOUND[model].columns.values() if "__" in lookup
    }
    rows = model._default_manager.order_by("pk")
    return (rows.select_related(*related) if related else rows).iterator(chunk_size=1000)


def announce() -> None:
    """Say in the log of a server that starts what is wrong with the vault. It starts all the same: the rest works."""
    try:
        found = examine()
    except DatabaseError as error:
        logger.warning("The vault was not examined: %s", type(error).__name__)
        return
    for trouble in found.troubles:
        logger.error("The vault: %s", trouble)
    if found.state == "sound":
        logger.info(
            "The vault is sound: %s",
            found.counted,
        )
