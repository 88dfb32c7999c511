"""The ledger knows how often each row was sealed, so that putting an older token back is found and refused.

Every sealing after a row's first is an entry; it tells the counters of up to a thousand rows. The entry's object is the
range of their ids: its id is the last, its text the first, so that the entries about one row are found by the index.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from audit.actions import Verb
from audit.ledger import Recordable, Ref, record
from audit.models import Entry
from credentials.models import DigestKey, Sealed, SealedNote, SecretVersion

OBJECT = "credentials.seal"
SEALED: tuple[type[Sealed], ...] = (SecretVersion, SealedNote, DigestKey)
"""Every model with sealed rows."""


def tell(counters: Mapping[str, int], *, actor: Recordable | None, key_id: str) -> None:
    """Record the counters of rows (by id) that were sealed. Called within the service of the change."""
    if counters:
        target = Ref(OBJECT, max(counters), min(counters))
        record(Verb.VAULT_SEAL, actor=actor, obj=target, key=key_id, seals=counters)


def told(pk: object) -> int:
    """How often the row with this id was sealed, as the ledger tells. One query."""
    text = str(pk)
    about = Entry.objects.filter(object_type=OBJECT, object_id__gte=text, object_text__lte=text)
    for canonical in about.order_by("-index").values_list("canonical", flat=True).iterator(chunk_size=5):
        counters = json.loads(canonical)["data"]["seals"]
        if text in counters:
            return int(counters[text])
    return 1


def all_told() -> dict[str, int]:
    """The same for all rows that were sealed more than once, by id."""
    found: dict[str, int] = {}
    entries = Entry.objects.filter(object_type=OBJECT).order_by("index")
    for canonical in entries.values_list("canonical", flat=True).iterator(chunk_size=20):
        found.update(json.loads(canonical)["data"]["seals"])
    return found


def differences() -> Iterator[str]:
    """One sentence for each row whose counter is not the ledger's: for `verify_ledger`."""
    expected = all_told()
    for model in SEALED:
        name = model._meta.label_lower
        for pk, counter in model._default_manager.order_by("pk").values_list("pk", "seal_counter"):
            wanted = expected.pop(str(pk), 1)
            if counter != wanted:
                yield f"{name} {pk}: sealed {counter} times by its row, {wanted} times by the ledger"
    for missing in sorted(expected):
        yield f"{OBJECT} {missing}: entries tell of a sealed row that no table has"
