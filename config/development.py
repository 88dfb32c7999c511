"""A development `.env` and keys, so that every manage.py command works at once: `python -m config.development`.

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
LEDGER_KEY_FILE=var/ledger.keys
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
    elif (
        "LEDGER_KEY_FILE" not in (ROOT / ".env").read_text()
    ):  # one that was written before there was such a key
        with (ROOT / ".env").open("a") as file:
            file.write("LEDGER_KEY_FILE=var/ledger.keys\n")
    (ROOT / "var").mkdir(exist_ok=True)
    for kind in ("vault", "ledger"):
        name, variable = f"{kind}.keys", f"{kind}_keys_file" if kind == "vault" else f"{kind}_key_file"
        if (ROOT / "var" / name).exists() or os.environ.get(variable.upper()):
            continue
        make_key = ["manage.py", f"generate_{kind}_key", "--output", f"var/{name}", "--demonstration"]
        if code := subprocess.run([sys.executable, *make_key], cwd=ROOT, check=False).returncode:
            return code
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
