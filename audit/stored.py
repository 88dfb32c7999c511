"""Whether SQLite holds values in the one form in which the application writes them.

SQLite keeps whatever it is given in any column, and compares it by its form: a last day of `2026-W48-3` is read as 25
November, and as text stands behind every day of the year. So a value that reads right can still entitle wrongly.
PostgreSQL's columns have one form for each value.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection, models

DAY = "-".join(("[0-9]" * 4, "[0-9]" * 2, "[0-9]" * 2))
SECOND = ":".join(("[0-9]" * 2,) * 3)
MOMENT = f"{DAY} {SECOND}"

FORMS: tuple[tuple[type[models.Field[Any, Any]], str], ...] = (
    (models.BooleanField, "typeof({0}) = 'integer' AND {0} IN (0, 1)"),
    (models.IntegerField, "typeof({0}) = 'integer'"),
    (
        models.DateTimeField,
        f"typeof({{0}}) = 'text' AND ({{0}} GLOB '{MOMENT}' OR ({{0}} GLOB '{MOMENT}.{'[0-9]' * 6}' "
        "AND {0} NOT GLOB '*.000000'))",
    ),
    (models.DateField, f"typeof({{0}}) = 'text' AND {{0}} GLOB '{DAY}'"),
    (
        models.UUIDField,
        "typeof({0}) = 'text' AND length({0}) = 32 AND {0} NOT GLOB '*[^0-9a-f]*'",
    ),
    (models.BinaryField, "typeof({0}) = 'blob'"),
    (models.CharField, "typeof({0}) = 'text'"),
    (models.TextField, "typeof({0}) = 'text'"),
    (models.JSONField, "typeof({0}) = 'text'"),
)
"""What must be true of a column of each kind; a DateTimeField is a DateField, so it stands before."""


def strange(
    model: type[models.Model], columns: Sequence[str], keys: Sequence[Any] | None = None
) -> Iterator[tuple[str, str]]:
    """Key and column of each value that the application would have written otherwise, in some rows or in all."""
    if connection.vendor != "sqlite":
        return
    assert model._meta.pk is not None
    quote = connection.ops.quote_name
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    fields = {one.attname: one for one in model._meta.concrete_fields}
    chosen = [fields[name] for name in columns]
    where = "" if keys is None else f" AND {key} IN ({', '.join(['%s'] * len(keys))})"
    wrong = {str(field.column): f"NOT ({_form(field)})" for field in chosen}
    found = ", ".join(wrong.values())
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT CAST(CAST({key} AS TEXT) AS BLOB), {found} FROM {table} "  # noqa: S608
            f"WHERE ({' OR '.join(wrong.values())}){where} ORDER BY {key} LIMIT 20",
            list(keys or ()),
        )
        for row_key, *flags in cursor.fetchall():
            spelt = bytes(row_key or b"NULL").decode(errors="replace")
            yield from ((spelt, name) for name, flag in zip(wrong, flags, strict=True) if flag)
        for field in chosen:
            if isinstance(field, models.JSONField):
                yield from _respelt(cursor, table, key, field)


def _form(field: models.Field[Any, Any]) -> str:
    """SQL that is true of every value that the application writes to `field`."""
    kind: Any = field
    while isinstance(kind, models.ForeignKey):
        kind = kind.target_field
    form = next(form for of, form in FORMS if isinstance(kind, of))
    column = connection.ops.quote_name(str(field.column))
    tested = form.format(column)
    return f"({column} IS NULL OR ({tested}))" if field.null else f"({column} IS NOT NULL AND {tested})"


def _respelt(cursor: Any, table: str, key: str, field: models.Field[Any, Any]) -> Iterator[tuple[str, str]]:
    """JSON that is not spelt as Python spells it: of a key that stands there twice SQLite may read the other one."""
    column = connection.ops.quote_name(str(field.column))
    cursor.execute(
        f"SELECT CAST({key} AS TEXT), CAST({column} AS BLOB) FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608
    )
    for row_key, raw in cursor.fetchall():
        try:
            same = json.dumps(json.loads(raw)).encode() == bytes(raw)
        except ValueError:
            same = False
        if not same:
            yield row_key, field.attname
