"""Files beside a request: checked by what they hold, kept where nothing serves them, given out as downloads only."""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta
from pathlib import Path

import filetype
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.models import Attachment, Request
from audit import clock
from audit.errors import Invalid
from audit.ledger import undo_if_it_fails
from audit.text import clean_line
from employees.models import Employee

LARGEST = 10 * 1024 * 1024
"""Bytes of one file."""
MOST = 20
"""Files beside one request."""

TYPES = {
    "application/pdf": (".pdf",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
}
"""What may be attached, by content, and how its name may end."""
ACCEPT = ",".join(ending for endings in TYPES.values() for ending in endings)
HEAD = 8192
UNCLAIMED_FOR = timedelta(days=1)
"""After which a file that no row names belongs to no act that could still be committed."""


def storage() -> FileSystemStorage:
    """`attachments/` below MEDIA_ROOT, which nothing serves."""
    return FileSystemStorage(
        location=Path(settings.MEDIA_ROOT) / "attachments",
        base_url=None,
        file_permissions_mode=0o600,
        directory_permissions_mode=0o700,
    )


def keep(*, actor: Employee, request: Request, file: File[bytes]) -> Attachment:
    """Check and keep `file`. To be called within a service: if that fails, now or later, the file goes.

    Raises Invalid at `file`.
    """
    name = _name(file)
    if not file.size:
        raise _invalid(_("The file is empty."))
    if file.size > LARGEST:
        raise _invalid(_("The file has more than 10 MB."))
    if request.attachments.count() >= MOST:
        raise _invalid(_("There are %(count)d files here already, and no more fit.") % {"count": MOST})
    content_type = _type(file, name)
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    where, stored = storage(), str(uuid.uuid4())
    undo_if_it_fails(lambda: where.delete(stored))  # before it is written: a half-written one goes as well
    where.save(stored, file)
    return Attachment.objects.create(
        request=request,
        author=actor,
        author_title=actor.title_now,
        name=name,
        stored=stored,
        content_type=content_type,
        size=file.size,
        sha256=digest.hexdigest(),
        at=clock.now(),
    )


def sweep() -> int:
    """Remove the files that no row names: of a process that was killed between the file and the commit. How many.

    A file younger than a day may belong to an act that is not committed yet.
    """
    where = storage()
    if not Path(where.location).exists():
        return 0
    _folders, names = where.listdir("")
    known = set(Attachment.objects.values_list("stored", flat=True))
    old = timezone.now() - UNCLAIMED_FOR  # the disk's clock, which nothing moves
    unclaimed = [name for name in names if name not in known and where.get_modified_time(name) < old]
    for name in unclaimed:
        where.delete(name)
    return len(unclaimed)


def _name(file: File[bytes]) -> str:
    """The name without a path; long ones keep their ending."""
    bare = (file.name or "").replace("\\", "/").rpartition("/")[2]
    stem, ending = Path(bare).stem[:150], Path(bare).suffix[:20]
    try:
        return clean_line(f"{stem}{ending}", field="file", max_length=200)
    except Invalid as error:
        raise _invalid(_("The file needs a name without invisible characters.")) from error


def _type(file: File[bytes], name: str) -> str:
    file.seek(0)
    guessed = filetype.guess_mime(file.read(HEAD))
    file.seek(0)
    if guessed not in TYPES:
        raise _invalid(_("By its content this is no PDF, PNG or JPEG. Only these can be attached."))
    if Path(name).suffix.lower() not in TYPES[guessed]:
        raise _invalid(
            _("The file's name should end in %(ending)s: that is what it holds.")
            % {"ending": TYPES[guessed][0]}
        )
    return str(guessed)


def _invalid(text: str) -> Invalid:
    return Invalid(text, fields={"file": text})
