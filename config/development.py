"""A development `.env` and a vault key, so that every manage.py command works at once: `python -m config.development`.

It leaves alone what is there.
"""

import os
import secrets
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

DOTENV = """\
# For development only; made by `make setup`, never committed. A real environment variable wins.
DEBUG=true
SECRET_KEY=development-only-{secret}
VAULT_KEYS_FILE=var/vault.keys
ALLOWED_HOSTS=localhost,127.0.0.1,[::1]
"""


def write_dotenv(path: Path) -> None:
    """For the owner's eyes from its first byte on."""
    content = DOTENV.format(secret=secrets.token_urlsafe(48))
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)


def main() -> int:
    if not (ROOT / ".env").exists():
        write_dotenv(ROOT / ".env")
        sys.stdout.write("Wrote .env for development.\n")
    (ROOT / "var").mkdir(exist_ok=True)
    if (ROOT / "var" / "vault.keys").exists() or os.environ.get("VAULT_KEYS_FILE"):
        return 0
    make_key = ["manage.py", "generate_vault_key", "--output", "var/vault.keys", "--demonstration"]
    return subprocess.run([sys.executable, *make_key], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
