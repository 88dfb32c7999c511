"""At most one substantive and one acting holder of an office at a time, held by the database itself.

PostgreSQL has exclusion constraints (with ranges of ids and of times, so that no extension is needed), SQLite has
triggers. Django rebuilds a SQLite table when a column changes, and its triggers go with the old one: a migration that
alters `Appointment` calls `install` again afterwards.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "employees_appointment"
KINDS = {"one_substantive_holder": "NOT acting", "one_acting_holder": "acting"}
TRIGGERS = {"one_holder_insert": "INSERT", "one_holder_update": "UPDATE"}


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the constraints, or the triggers."""
    statements = _triggers() if connection.vendor == "sqlite" else _constraints()
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop them."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in TRIGGERS:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
        else:
            for name in KINDS:
                cursor.execute(f"ALTER TABLE {TABLE} DROP CONSTRAINT IF EXISTS {name}")


def forwards(_apps: Any, schema_editor: Any) -> None:
    """For a migration's RunPython."""
    install(schema_editor.connection)


def backwards(_apps: Any, schema_editor: Any) -> None:
    """For a migration's RunPython."""
    remove(schema_editor.connection)


def _constraints() -> list[str]:
    return [
        f"ALTER TABLE {TABLE} ADD CONSTRAINT {name} EXCLUDE USING gist "
        "(int8range(office_id, office_id, '[]') WITH &&, tstzrange(effective_from, effective_until) WITH &&) "
        f"WHERE (effective_from IS NOT NULL AND {kind})"
        for name, kind in KINDS.items()
    ]


def _triggers() -> list[str]:
    # Django stores moments as text that sorts by time. The latest moment is written as a day: SQLite would compare
    # a bare '9999' as a number, and every number lies before every text. Empty spans hold nothing.
    other = f"""
        SELECT 1 FROM {TABLE} AS other
        WHERE other.id IS NOT NEW.id
          AND other.office_id = NEW.office_id AND other.acting = NEW.acting
          AND other.effective_from IS NOT NULL
          AND COALESCE(other.effective_until, '9999-12-31') > other.effective_from
          AND COALESCE(NEW.effective_until, '9999-12-31') > NEW.effective_from
          AND other.effective_from < COALESCE(NEW.effective_until, '9999-12-31')
          AND NEW.effective_from < COALESCE(other.effective_until, '9999-12-31')
    """  # noqa: S608
    return [
        f"CREATE TRIGGER {name} BEFORE {event} ON {TABLE} "
        f"WHEN NEW.effective_from IS NOT NULL AND EXISTS ({other}) "
        "BEGIN SELECT RAISE(ABORT, 'one_holder_at_a_time'); END"
        for name, event in TRIGGERS.items()
    ]
