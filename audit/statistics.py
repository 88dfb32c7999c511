"""What the database's planner knows of the tables."""

from django.db import connection


def refresh() -> None:
    """Have PostgreSQL count its tables anew. To be called after a bulk load is committed.

    Its planner otherwise goes by counts from before the load until autovacuum passes by, and may then read every row of
    one table for every row of another: minutes for a page that takes a tenth of a second. SQLite needs nothing.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
