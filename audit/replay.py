"""Rebuilding tables from entries.

A room registers the models whose rows the ledger must be able to prove, with the columns that count. An entry carries
such rows as they were after the act; the last one for a row is what the table must hold today.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import models

from audit import canonical

_registered: dict[str, tuple[type[models.Model], tuple[str, ...]]] = {}


class NotRegistered(LookupError):
    """A fact was recorded of a model that no room has registered."""


def register(model: type[models.Model], *fields: str) -> None:
    """Let entries carry rows of `model`; `fields` are the attribute names (`account_id`) that are compared."""
    _registered[model._meta.label_lower] = (model, ("pk", *fields))


Check = Callable[[], Iterator[str]]
_checks: list[Check] = []


def also(check: Check) -> None:
    """Let `check` say what else disagrees: a projection of replayed tables, say."""
    if check not in _checks:
        _checks.append(check)


def registered() -> dict[str, tuple[type[models.Model], tuple[str, ...]]]:
    """The registered models by label, each with its compared columns."""
    return dict(_registered)


def fact(row: models.Model) -> dict[str, Any]:
    """`row` as an entry carries it: `{"table": label, "row": {column: value}}`."""
    label = row._meta.label_lower
    if label not in _registered:
        raise NotRegistered(f"{label} is not registered for replay")
    _model, fields = _registered[label]
    return {"table": label, "row": {name: getattr(row, name) for name in fields}}


class Replayed:
    """The tables as the entries tell them."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, dict[str, Any]]] = {label: {} for label in _registered}

    def add(self, content: dict[str, Any]) -> None:
        """Take the facts of one parsed canonical entry."""
        for item in content.get("facts", ()):
            self._rows.setdefault(item["table"], {})[str(item["row"]["pk"])] = item["row"]

    def differences(self) -> Iterator[str]:
        """What the tables hold otherwise, one sentence each. Nothing where ledger and tables agree."""
        for label, (model, fields) in sorted(_registered.items()):
            told = dict(self._rows.get(label, {}))
            for row in model._default_manager.order_by("pk").iterator(chunk_size=2000):
                held = canonical.plain({name: getattr(row, name) for name in fields})
                expected = told.pop(str(row.pk), None)
                if expected is None:
                    yield f"{label} {row.pk}: the table has a row that no entry tells of"
                elif expected != held:
                    assert isinstance(held, dict)
                    names = sorted(name for name in fields if expected.get(name) != held.get(name))
                    yield f"{label} {row.pk}: {', '.join(names)} differ from the last entry"
            for key in sorted(told):
                yield f"{label} {key}: entries tell of a row that the table no longer has"
        for check in _checks:
            yield from check()
