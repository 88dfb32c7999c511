import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import Variables

ROOT = Path(__file__).resolve().parents[2]


def test_a_secret_file_loses_its_last_newline(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3cret \n")
    assert Variables({"SECRET_KEY_FILE": str(tmp_path / "key")})["SECRET_KEY"] == "s3cret "


def test_a_missing_secret_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"SECRET_KEY_FILE names .*absent"):
        Variables({"SECRET_KEY_FILE": str(tmp_path / "absent")})["SECRET_KEY"]


def test_the_real_environment_wins_over_dotenv_even_by_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("real")
    assert Variables({"KEY_FILE": str(tmp_path / "key")}, {"KEY": "dotenv"})["KEY"] == "real"
    assert Variables({"KEY": ""}, {"KEY": "dotenv"})["KEY"] == ""


@pytest.mark.parametrize(
    ("secret", "says"),
    [("", "SECRET_KEY is not set"), ("development-only-abc", "SECRET_KEY is the development one")],
)
def test_production_refuses_a_missing_or_development_secret(secret: str, says: str) -> None:
    environment = {**os.environ, "SECRET_KEY": secret, "DEBUG": "false"}
    started = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode == 1
    assert says in started.stderr
