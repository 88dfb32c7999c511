"""The role as which the application works in PostgreSQL: it owns nothing, and adds to append-only tables without more.

Triggers refuse a change to whoever isn't the tables' owner; an owner can switch them off. So the service connects as
another role than the one that migrates, and of that one the running system knows nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.db import connection, transaction

from audit.errors import Refused
from audit.guards import GUARDED

NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}", re.ASCII)

READ_ONLY = frozenset({"django_migrations"})
"""What `migrate` alone writes."""

TOO_MUCH = ("UPDATE", "DELETE", "TRUNCATE", "TRIGGER")


def statements(role: str) -> list[str]:
    """What the owner has to execute so that `role` can do what the application needs, and no more.

    Tables that a later migration makes are not covered: execute them anew after every `migrate`. Raises Refused.
    """
    _usable(role)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), current_schema()")
        database, schema = cursor.fetchone()
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema])
        tables = [name for (name,) in cursor.fetchall()]
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        exists = cursor.fetchone() is not None
    missing = sorted(set(GUARDED) - set(tables))
    if missing:
        raise Refused(f"The tables {', '.join(missing)} are not there. Run `manage.py migrate` first.")
    inside = _quoted(schema)
    ordinary = [name for name in tables if name not in GUARDED and name not in READ_ONLY]
    append_only = [name for name in tables if name in GUARDED]
    read_only = [name for name in tables if name in READ_ONLY]

    def named(names: list[str]) -> str:
        return ",\n    ".join(f"{inside}.{_quoted(name)}" for name in names)

    who = _quoted(role)
    return [
        *([] if exists else [f"CREATE ROLE {who} LOGIN"]),
        f"GRANT CONNECT ON DATABASE {_quoted(database)} TO {who}",
        f"REVOKE CREATE ON SCHEMA {inside} FROM PUBLIC, {who}",
        f"GRANT USAGE ON SCHEMA {inside} TO {who}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {inside} FROM PUBLIC, {who}",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA {inside} FROM PUBLIC, {who}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {inside} TO {who}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON\n    {named(ordinary)}\nTO {who}",
        f"GRANT SELECT, INSERT ON\n    {named(append_only)}\nTO {who}",
        *([f"GRANT SELECT ON\n    {named(read_only)}\nTO {who}"] if read_only else []),
    ]


def script(role: str) -> str:
    """The statements as one file for psql."""
    return "BEGIN;\n" + "".join(f"{one};\n" for one in statements(role)) + "COMMIT;\n"


def apply(role: str) -> None:
    """Execute them, all or none. Raises Refused where `role` could still do more, by whatever way it came to it."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            for one in statements(role):
                cursor.execute(one)
        still = list(too_much(role))
        if still:
            raise Refused(f"Nothing was changed, because {role} could still do too much: {'; '.join(still)}.")


def too_much(role: str) -> Iterator[str]:
    """What `role` may do to append-only tables, or could help itself to, beyond reading and adding."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolcreaterole, rolreplication FROM pg_roles WHERE rolname = %s", [role]
        )
        for holds, what in zip(
            cursor.fetchone() or (), ("SUPERUSER", "CREATEROLE", "REPLICATION"), strict=False
        ):
            if holds:
                yield f"it is {what}"
        cursor.execute(
            "SELECT c.relname, o.rolname, pg_has_role(%s, c.relowner, 'MEMBER'), "
            "array(SELECT p FROM unnest(%s::text[]) AS p WHERE has_table_privilege(%s, c.oid, p)) "
            "FROM pg_class c JOIN pg_roles o ON o.oid = c.relowner "
            "WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ANY(%s) ORDER BY 1",
            [role, list(TOO_MUCH), role, list(GUARDED)],
        )
        for table, owner, member, privileges in cursor.fetchall():
            if member:
                yield f"it is, or can become, {owner}, who owns {table}"
            elif privileges:
                yield f"{', '.join(privileges)} on {table}"


def _usable(role: str) -> None:
    if connection.vendor != "postgresql":
        raise Refused("Roles are PostgreSQL's. With SQLite, whoever can write the file is the owner.")
    if not NAME.fullmatch(role):
        raise Refused(f"{role!r} is no role's name: lower-case letters, digits and underscores, at most 63.")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def too_little(role: str) -> list[str]:
    """Tables that `role` cannot use as the application must, as after a migrate without this room's command."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace "
            "AND relkind IN ('r', 'p') AND NOT (SELECT bool_and(has_table_privilege(%s, oid, wanted)) FROM unnest("
            "CASE WHEN relname = ANY(%s) THEN ARRAY['SELECT'] WHEN relname = ANY(%s) THEN ARRAY['SELECT', 'INSERT'] "
            "ELSE ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'] END) AS wanted) ORDER BY 1",
            [role, list(READ_ONLY), list(GUARDED)],
        )
        return [name for (name,) in cursor.fetchall()]


def current() -> str:
    """The role as which this process works in PostgreSQL."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return str(cursor.fetchone()[0])
