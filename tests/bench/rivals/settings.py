"""The project's settings with the rivals installed. On SQLite without django-pghistory, which is PostgreSQL's alone."""

from config.settings import *  # noqa: F403
from config.settings import DATABASES, INSTALLED_APPS

POSTGRESQL = DATABASES["default"]["ENGINE"].endswith("postgresql")

INSTALLED_APPS = [
    *INSTALLED_APPS,
    "simple_history",
    "auditlog",
    *(["pgtrigger", "pghistory"] if POSTGRESQL else []),
    "tests.bench.rivals",
]

PGTRIGGER_MIGRATIONS = False
