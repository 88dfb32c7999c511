"""The environment of a test run: made here, before settings are read, so that nobody's `.env` matters."""

import os
import secrets
import tempfile
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from cryptography.fernet import Fernet

from audit import notes

# One folder for the whole run: the workers of pytest-xdist inherit its name from the process that starts them.
if "TEST_SCRATCH" not in os.environ:
    os.environ["TEST_SCRATCH"] = tempfile.mkdtemp(prefix="tests-")
SCRATCH = Path(os.environ["TEST_SCRATCH"])
IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ

if not IS_WORKER:
    (SCRATCH / "vault.keys").write_bytes(Fernet.generate_key() + b"\n")
    (SCRATCH / "vault.keys").chmod(0o600)
    signer = notes.Signer("hutch.example/official-accounts", secrets.token_bytes(notes.SEED))
    (SCRATCH / "ledger.keys").write_text(signer.spelt() + "\n")
    (SCRATCH / "ledger.keys").chmod(0o600)

os.environ.update(
    DJANGO_SETTINGS_MODULE=os.environ.get("BENCH_SETTINGS", "config.settings"),
    DJANGO_ALLOW_ASYNC_UNSAFE="true",  # Playwright runs an event loop in the test's own thread
    TESTING="true",
    DEBUG="false",
    SECURE_SSL="false",
    SECRET_KEY="a key for tests alone, never for a server",
    VAULT_KEYS_FILE=str(SCRATCH / "vault.keys"),
    LEDGER_KEY_FILE=str(SCRATCH / "ledger.keys"),
    DATABASE_URL=os.environ.get("DATABASE_URL") or f"sqlite:///{SCRATCH / 'db.sqlite3'}",
    EMAIL_URL="memorymail://",
    MEDIA_ROOT=str(SCRATCH / "media"),
    CITY_NAME="City of Hutchinson",
    TIME_ZONE="America/Chicago",
    ALTERNATE_AUTHORITY="city_manager",
    LOG_LEVEL="WARNING",
    CACHE_URL="locmemcache://",
)

from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402

# A statement that takes longer has met a bad plan: the test fails and shows it, and the run goes on.
if settings.DATABASES["default"]["ENGINE"].endswith("postgresql") and not os.environ.get("SOAK"):
    _options = settings.DATABASES["default"].setdefault("OPTIONS", {})
    # Beside what production has: whoever waits for a lock is told so in the tests, too.
    _options["options"] = f"{_options.get('options', '')} -c statement_timeout=120s".strip()

# A property is wrong or right, never late: on a busy machine an example may take any time.
hypothesis.settings.register_profile("tests", deadline=None)
hypothesis.settings.load_profile("tests")

# Real hashers are slow on purpose.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_configure(config: pytest.Config) -> None:
    import django

    django.setup()
    from tests.flush import open_the_passage

    open_the_passage()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How large the permission matrix was."""
    for report in terminalreporter.stats.get("passed", []):
        told = dict(report.user_properties)
        if "answers" in told:
            terminalreporter.write_line(
                "Permission matrix: {answers} answers as expected, of {rows} rows and {people} people.".format(
                    **told
                )
            )


def pytest_unconfigure(config: pytest.Config) -> None:
    if not IS_WORKER:
        import shutil

        shutil.rmtree(SCRATCH, ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The long proofs run when asked for: SOAK=1, as `make soak` does. What forks comes before what starts threads.

    What takes longest begins first, so that in the end no core waits for the other: what spans all rooms, then the
    browser's walks.
    """
    items.sort(
        key=lambda item: (
            item.get_closest_marker("processes") is None,
            item.path.parent != config.rootpath / "tests",
            item.get_closest_marker("browser") is None,
        )
    )
    if os.environ.get("SOAK"):
        for item in items:
            item.add_marker(pytest.mark.timeout(0))
        return
    left_out = {item for item in items if item.get_closest_marker("soak")}
    if os.environ.get("TESTS_OF_THE_DATABASE"):
        left_out |= {item for item in items if not _may_meet_the_database(item)}
    if left_out:
        config.hook.pytest_deselected(items=[item for item in items if item in left_out])
        items[:] = [item for item in items if item not in left_out]


def _may_meet_the_database(item: pytest.Item) -> bool:
    """pytest-django lets no other test near it. What is skipped by a condition may be so for the database's sake."""
    marks = any(item.get_closest_marker(name) for name in ("django_db", "skipif", "processes"))
    return marks or bool({"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", ())))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """SQLite in a file, as in production: threads get connections of their own, and locks are real locks."""
    database = connections["default"]
    if database.vendor == "sqlite":
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        database.settings_dict["TEST"]["NAME"] = str(SCRATCH / f"test-{worker}.sqlite3")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    from tests.browser import launch_arguments

    return {**browser_type_launch_args, **launch_arguments()}


@pytest.fixture
def csp_violations(page: Any) -> list[str]:
    """What the page's Content-Security-Policy refused, filled while the test drives `page`."""
    violations: list[str] = []
    page.expose_function("reportCspViolation", lambda violation: violations.append(violation))
    page.add_init_script(
        "document.addEventListener('securitypolicyviolation',"
        " e => window.reportCspViolation(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`))"
    )
    return violations


@pytest.fixture(autouse=True)
def _no_limits_left_over() -> None:
    """What one test has tried does not count against the next."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture
def city(db: None) -> Any:
    """A small city, made through services: see tests/cast.py."""
    from tests import snapshot

    return snapshot.city()


@pytest.fixture
def scene(db: None) -> Any:
    """The permission matrix's scene, with its city: see tests/permission_scene.py."""
    from tests import snapshot

    return snapshot.scene()
