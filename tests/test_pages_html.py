"""Every page is valid HTML, as the checker html-validate (from package.json) sees it. No browser, no network."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from accounts import impostors
from accounts.models import ImpostorReport
from audit import clock
from employees import policy
from tests.pages import pages
from tests.permission_scene import Scene

ROOT = Path(__file__).resolve().parent.parent
CHECKER = ROOT / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"
CONFIG: dict[str, Any] = {
    "root": True,
    "extends": ["html-validate:standard"],
}


def node() -> str:
    here = ROOT / ".venv" / "bin"
    found = shutil.which("node", path=f"{os.environ['PATH']}{os.pathsep}{here}")
    assert found, "There is no Node; `make setup` brings one."
    return found


def faults(folder: Path) -> list[dict[str, Any]]:
    """What the checker finds in the pages of a folder."""
    config = folder / "config.json"
    config.write_text(json.dumps(CONFIG))
    done = subprocess.run(
        [node(), str(CHECKER), "--config", str(config), "--formatter", "json", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stdout, done.stderr
    read: list[dict[str, Any]] = json.loads(done.stdout)
    return read


def test_the_checker_finds_what_is_wrong(tmp_path: Path) -> None:
    page = '<!DOCTYPE html>\n<html lang="en"><head><title>x</title></head><body>{}</body></html>\n'
    (tmp_path / "good.html").write_text(page.format("<p>good</p>"))
    (tmp_path / "bad.html").write_text(page.format('<ul><p>bad</p></ul><p id="a"></p><p id="a"></p>'))
    found = {Path(one["filePath"]).name: one["messages"] for one in faults(tmp_path)}
    assert set(found) == {"bad.html"}
    assert {message["ruleId"] for message in found["bad.html"]} >= {"element-permitted-content", "no-dup-id"}


def test_every_page_is_valid_html(scene: Scene, tmp_path: Path) -> None:
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
    city = scene.city
    report = ImpostorReport.objects.order_by("pk")[0]
    impostors.decide(actor=city.dana, report=report, outcome="confirmed")
    for number in (1, 2):
        policy.publish_policy(
            actor=city.dana,
            title="Social Media Policy",
            text=f"1. Purpose\n\n1.1 Version {number}.\n\n1.2 These:\n(a) one\n(b) two\n",
            effective=clock.today(),
        )
    clients: dict[str, Any] = {}
    places: dict[str, str] = {}
    headed: list[str] = []
    for number, (who, address) in enumerate(pages(scene)):
        client = clients.setdefault(who, scene.client(who))
        response = client.get(address)
        if not response.headers.get("Content-Type", "").startswith("text/html") or response.streaming:
            continue
        file = tmp_path / f"{number:03}.html"
        file.write_bytes(response.content)
        places[file.name] = f"{who} {address}"
        headings = re.findall(r"<h1[^>]*>(.*?)</h1>", response.text, re.DOTALL)
        whole = "<html" in response.text  # and not a part that a page fetches
        if whole and (len(headings) != 1 or not headings[0].strip()):
            headed.append(f"{who} {address}: {headings}")
    assert len(places) > 90
    assert headed == [], "one heading of the first level, and words in it"
    found = faults(tmp_path)
    wrong = [
        f"{places[Path(one['filePath']).name]}: {message['ruleId']}: {message['message']} ({message['line']})"
        for one in found
        for message in one["messages"]
    ]
    assert wrong == [], f"{len(wrong)} faults\n" + "\n".join(wrong)
