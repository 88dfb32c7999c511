"""Where Chromium is, and how it is started for a test. Standard library only."""

import os
import shutil
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")

# No sandbox: a container lacks what Chromium's sandbox needs. No background traffic: a test talks to nobody else.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str | None:
    """$CHROMIUM, a browser on the PATH, or one that Playwright installed; None where there is none."""
    if os.environ.get("CHROMIUM"):
        return os.environ["CHROMIUM"]
    for name in NAMES:
        if found := shutil.which(name):
            return found
    downloads = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache" / "ms-playwright"))
    for found_path in sorted(downloads.glob("chromium-*/chrome-*/chrome"), reverse=True):
        return str(found_path)
    return None


def launch_arguments() -> dict[str, Any]:
    chromium = find_chromium()
    if chromium is None:
        raise RuntimeError(
            "No Chromium found. Run: sudo apt-get install -y chromium, or set CHROMIUM to its path."
        )
    return {"executable_path": chromium, "args": ARGUMENTS}
