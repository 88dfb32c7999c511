"""The verifiable export: the canonical texts, one a line, which hash to the root that a checkpoint signs."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from audit import canonical, checkpoints, clock, locks, merkle, reading
from audit.actions import Verb
from audit.errors import Refused
from audit.files import whole_or_nothing
from audit.ledger import Recordable, Ref, record, service
from audit.models import Checkpoint

WHAT = "The ledger as NDJSON"


def write(
    *, actor: Recordable | None, file: IO[str], progress: Callable[[int], object] | None = None
) -> tuple[dict[str, Any], Checkpoint]:
    """Write every entry up to a checkpoint made now; gives the manifest and the checkpoint.

    Records `audit.export.start` before, so that the export holds its own beginning, and `audit.export.complete` with
    the hash after. Raises Refused (no signing key, say), and where the texts have another root than was signed.
    """
    export = Ref("audit.export", str(uuid.uuid4()), WHAT)
    _start(actor=actor, export=export)
    checkpoint = checkpoints.make(actor=None, occasion=Verb.EXPORT_START.value)
    digest, tree, count = hashlib.sha256(), merkle.Tree(), 0
    with locks.one_moment():
        for block in reading.blocks(0, checkpoint.size):
            content = b"\n".join(block.texts) + b"\n"
            digest.update(content)
            file.write(content.decode())
            tree.extend(block.leaves)
            count += len(block.texts)
            if progress:
                progress(len(block.texts))
    if count != checkpoint.size or tree.root() != bytes(checkpoint.root):
        raise Refused(
            "The entries have another root than the checkpoint signs. Run `manage.py verify_ledger`."
        )
    manifest = {
        "what": WHAT,
        "filters": {},
        "rows": count,
        "sha256": digest.hexdigest(),
        "size": checkpoint.size,
        "root": bytes(checkpoint.root).hex(),
        "checkpoint": checkpoint.note,
        "made_at": canonical.moment(clock.now()),
    }
    _complete(actor=actor, export=export, manifest=manifest)
    return manifest, checkpoint


def to_file(
    *, actor: Recordable | None, path: str | Path, progress: Callable[[int], object] | None = None
) -> dict[str, Any]:
    """As `write`, into `path`, with `path.manifest.json` and `path.checkpoint` beside. Whole, or not there at all."""
    with whole_or_nothing(path) as file:
        manifest, checkpoint = write(actor=actor, file=file, progress=progress)
    with whole_or_nothing(f"{path}.checkpoint") as file:
        file.write(checkpoint.note)
    with whole_or_nothing(f"{path}.manifest.json") as file:
        json.dump(manifest, file, indent=2, ensure_ascii=False, sort_keys=True)
        file.write("\n")
    return manifest


@service
def _start(*, actor: Recordable | None, export: Ref) -> None:
    record(Verb.EXPORT_START, actor=actor, obj=export, format="ndjson", filters={})


@service
def _complete(*, actor: Recordable | None, export: Ref, manifest: dict[str, Any]) -> None:
    kept = {name: manifest[name] for name in ("rows", "sha256", "size", "root")}
    record(Verb.EXPORT_COMPLETE, actor=actor, obj=export, **kept)
