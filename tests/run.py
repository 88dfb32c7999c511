"""Everything that must hold before a change is merged, in one run: `make test`, or `make test ONLY=lint,types`.

Standard library only. Each step prints what it does; the first that fails ends the run with what to mend.
"""

import argparse
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.browser import find_chromium
from tests.postgres import find_binaries

ROOT = Path(__file__).resolve().parent.parent
WORKERS = os.environ.get("TEST_WORKERS", "2")
PATIENCE = 30 * 60
"""Seconds for one step: what has not ended by then stands still, and a run that stands still says nothing."""


class Failure(Exception):
    """A sentence for the person who started the run."""


@dataclass
class Count:
    passed: int = 0
    skipped: int = 0

    def read(self, report: Path) -> bool:
        """Add what pytest wrote; False where no test passed."""
        before = self.passed
        for suite in ElementTree.parse(report).getroot().iter("testsuite"):  # noqa: S314  # written just now
            skipped = int(suite.get("skipped", 0))
            self.passed += int(suite.get("tests", 0)) - skipped
            self.skipped += skipped
        return self.passed > before


def say(sentence: str) -> None:
    print(f"\n== {sentence}", flush=True)


def run(*command: str, environment: dict[str, str] | None = None, otherwise: str) -> None:
    process = subprocess.Popen(
        command, cwd=ROOT, env={**clean_environment(), **(environment or {})}, start_new_session=True
    )
    try:
        code = process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        raise Failure(
            f"This step had not ended after {PATIENCE // 60} minutes: {' '.join(command)}"
        ) from None
    finally:
        end(process)
    if code:
        raise Failure(otherwise)


def end(process: subprocess.Popen[bytes]) -> None:
    """Stop a step and all that it started, if it has not ended by itself."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)


def clean_environment() -> dict[str, str]:
    """Without what a person may have set for their own server."""
    mine = {
        "DATABASE_URL",
        "DEBUG",
        "SECRET_KEY",
        "SECRET_KEY_FILE",
        "VAULT_KEYS_FILE",
        "LEDGER_KEY_FILE",
        "SECURE_SSL",
        "TEST_SCRATCH",
        "TESTS_OF_THE_DATABASE",
    }
    return {name: value for name, value in os.environ.items() if name not in mine}


def python(*arguments: str, environment: dict[str, str] | None = None, otherwise: str) -> None:
    run(sys.executable, *arguments, environment=environment, otherwise=otherwise)


def development() -> dict[str, str]:
    return {"DEBUG": "true", "SECRET_KEY": "development-only-for-tests"}


def production(scratch: Path) -> dict[str, str]:
    return {
        "DEBUG": "false",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "VAULT_KEYS_FILE": str(scratch / "vault.keys"),
        "LEDGER_KEY_FILE": str(scratch / "ledger.keys"),
        "DATABASE_URL": f"sqlite:///{scratch / 'db.sqlite3'}",
        "ALLOWED_HOSTS": "accounts.example",
        "CSRF_TRUSTED_ORIGINS": "https://accounts.example",
        "EMAIL_URL": "smtp://localhost:25",
    }


def tools(scratch: Path) -> str:
    say("Browser and PostgreSQL server")
    if find_chromium() is None:
        install("chromium", "fonts-dejavu-core", "fonts-liberation")
        if find_chromium() is None:
            raise Failure("There is no Chromium after installing it. Set CHROMIUM to its path.")
    if find_binaries() is None:
        python(
            *("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"),
            *("-r", "requirements-postgres.txt"),
            otherwise="No PostgreSQL server could be installed. Run: sudo apt-get install -y postgresql",
        )
    print(f"{find_chromium()}, {find_binaries()}")
    return ""


def install(*packages: str) -> None:
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if os.getuid() != 0 or shutil.which("apt-get") is None:
        raise Failure(f"A browser is missing. Run: sudo {' '.join(command)}")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get", "update", "-q", environment=quiet, otherwise="apt-get update failed; is there a network?")
    run(*command, environment=quiet, otherwise=f"This failed: {' '.join(command)}")


def lint(scratch: Path) -> str:
    say("Lint and format")
    python("-m", "ruff", "check", ".", otherwise="Lint failed. Much of it is mended by: ruff check --fix .")
    python("-m", "ruff", "format", "--check", ".", otherwise="Format differs. Mend it with: ruff format .")
    return "lint"


def types(scratch: Path) -> str:
    say("Types")
    python("-m", "mypy", ".", environment=development(), otherwise="Types do not hold; see above.")
    return "types"


def migrations(scratch: Path) -> str:
    say("Migrations")
    python(
        *("manage.py", "makemigrations", "--check", "--dry-run", "--skip-checks"),
        environment=production(scratch),
        otherwise="A model changed without a migration. Run: manage.py makemigrations",
    )
    return "migrations"


def deployment(scratch: Path) -> str:
    say("Deployment check, under production settings")
    for kind in ("vault", "ledger"):
        python(
            *("manage.py", f"generate_{kind}_key", "--output", str(scratch / f"{kind}.keys")),
            environment=production(scratch),
            otherwise=f"No {kind} key could be made.",
        )
    python(
        *("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
        environment=production(scratch),
        otherwise="The deployment check found something; see above.",
    )
    return "deployment check"


def sqlite(scratch: Path) -> str:
    say("Tests on SQLite, browser included")
    return f"{tests(scratch, 'sqlite')} on SQLite"


def postgresql(scratch: Path) -> str:
    """Those that may not touch the database have just run, and would do the very same once more."""
    say("Tests on PostgreSQL, browser included")
    through = ("-m", "tests.postgres", "--", sys.executable)
    told = tests(scratch, "postgresql", *through, TESTS_OF_THE_DATABASE="1")
    return f"{told} that meet the database on PostgreSQL"


def tests(scratch: Path, name: str, *through: str, **environment: str) -> str:
    """The races first and by themselves (see tests/processes.py), then everything else on both cores."""
    count = Count()
    for part, how in {
        "processes": ("-m", "processes"),
        "others": ("-m", "not processes", "-n", WORKERS, "--dist", "loadfile", "--no-loadscope-reorder"),
    }.items():
        report = scratch / f"{name}-{part}.xml"
        python(
            *through,
            *("-m", "pytest", "-q", f"--junitxml={report}", *how),
            environment=environment,
            otherwise=f"Tests failed ({name}); see above. One alone: .venv/bin/pytest tests/... -k name",
        )
        if not count.read(report):
            raise Failure(f"No test ran ({name}, {part}).")
    return f"{count.passed} tests" + (f" and {count.skipped} skipped" if count.skipped else "")


STEPS: dict[str, Callable[[Path], str]] = {
    step.__name__: step for step in (tools, lint, types, migrations, deployment, sqlite, postgresql)
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.run", description=__doc__)
    parser.add_argument("--only", default="", metavar="STEPS", help=f"of {', '.join(STEPS)}")
    asked = [name for name in parser.parse_args().only.split(",") if name]
    if unknown := set(asked) - set(STEPS):
        parser.error(f"no such step: {', '.join(sorted(unknown))}")
    started = time.monotonic()
    passed = []
    with tempfile.TemporaryDirectory(prefix="make-test-") as folder:
        try:
            for name in asked or STEPS:
                passed.append(STEPS[name](Path(folder)))
        except Failure as failure:
            print(f"\nFailed: {failure}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return 130
    whole = "Passed" if asked else "Everything passed"
    minutes, seconds = divmod(round(time.monotonic() - started), 60)
    print(f"\n{whole}: {', '.join(part for part in passed if part)}, in {minutes} min {seconds} s.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
