"""Files beside a request: what is taken, by its content; who gets it, and how; what stays of it where."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from approvals import attachments, services
from approvals.models import Attachment, Request
from audit.errors import Invalid, NotPermitted, Refused
from audit.ledger import service
from audit.models import Entry
from audit.verification import verify
from config import daily
from tests.approvals.paths import submitted
from tests.cast import City, client_of

PDF = b"%PDF-1.4 canary-content-of-a-form"
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452") + b"\0" * 32
JPEG = bytes.fromhex("ffd8ffe000104a46494600") + b"\0" * 32


def file(content: bytes = PDF, name: str = "release form.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def on_disk() -> set[Path]:
    folder = Path(settings.MEDIA_ROOT) / "attachments"
    return set(folder.iterdir()) if folder.exists() else set()


def post(request: Request, client: Client, sent: SimpleUploadedFile, text: str = "") -> tuple[int, str]:
    address = f"/requests/{request.number}/comment/"
    response = client.post(address, {"text": text, "file": sent}, follow=True)
    return response.status_code, response.content.decode()


def test_a_file_is_downloaded_and_never_shown(city: City) -> None:
    request = submitted(city)
    status, page = post(request, client_of(city.priya), file(), "The form is attached.")
    assert status == 200
    assert "release form.pdf" in page
    assert "The form is attached." in page
    made = Attachment.objects.get()
    response = client_of(city.dana).get(f"/requests/{request.number}/files/{made.pk}/")
    assert b"".join(response.streaming_content) == PDF  # type: ignore[attr-defined]
    assert response["Content-Disposition"] == 'attachment; filename="release form.pdf"'
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("content", "name"), [(PDF, "a.pdf"), (PNG, "a.PNG"), (JPEG, "a.jpg"), (JPEG, "a.jpeg")]
)
def test_what_is_taken(city: City, content: bytes, name: str) -> None:
    services.attach(actor=city.priya, request=submitted(city), file=file(content, name))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<html><script>alert(1)</script></html>", "form.pdf"),
        (b"GIF89a" + b"\0" * 20, "form.png"),
        (b"PK\x03\x04" + b"\0" * 30, "form.pdf"),
        (b"MZ" + b"\0" * 64, "form.pdf"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "form.png"),
        (PNG, "form.pdf"),
        (PDF, "form.html"),
        (PDF, "form"),
        (b"", "form.pdf"),
        (PDF, "fo\u202erm.pdf"),
    ],
)
def test_what_is_refused_by_its_content_or_name(city: City, content: bytes, name: str) -> None:
    request, before = submitted(city), on_disk()
    with pytest.raises(Invalid) as refused:
        services.attach(actor=city.priya, request=request, file=file(content, name))
    assert set(refused.value.fields) == {"file"}
    assert on_disk() == before
    if not name.isprintable():
        return  # by HTTP, Django takes such characters out of a name
    status, page = post(request, client_of(city.priya), file(content, name), "Kept text")
    assert status == 422
    assert "Kept text" in page
    assert not Attachment.objects.exists()
    assert not request.comments.exists()  # both or none


def test_ten_megabytes_and_no_more(city: City) -> None:
    request = submitted(city)
    whole = PDF + b"\0" * (attachments.LARGEST - len(PDF))
    services.attach(actor=city.priya, request=request, file=file(whole))
    with pytest.raises(Invalid, match="10 MB"):
        services.attach(actor=city.priya, request=request, file=file(whole + b"\0"))


def test_the_ledger_knows_what_it_is_and_not_what_it_holds(city: City) -> None:
    services.attach(actor=city.priya, request=submitted(city), file=file(name="canary-name.pdf"))
    entry = Entry.objects.get(verb="approvals.request.attach")
    made = Attachment.objects.get()
    assert made.sha256 in entry.canonical
    assert "application/pdf" in entry.canonical
    assert not Entry.objects.filter(canonical__contains="canary").exists()
    verdict = verify()
    assert verdict.sound, verdict.findings


def test_it_lies_where_nothing_is_served_from(city: City) -> None:
    made = services.attach(actor=city.priya, request=submitted(city), file=file())
    path = Path(attachments.storage().path(made.stored))
    assert path.stat().st_mode & 0o777 == 0o600
    served = [Path(settings.STATIC_ROOT), *map(Path, settings.STATICFILES_DIRS)]
    assert not any(path.is_relative_to(folder) for folder in served)
    assert "release" not in path.name
    assert Client().get(f"/media/attachments/{made.stored}").status_code == 404


def test_who_sees_the_request_gets_the_file_and_nobody_else(city: City) -> None:
    request, other = submitted(city), submitted(city, handle="@another", name="Another")
    made = services.attach(actor=city.priya, request=request, file=file())
    address = f"/requests/{request.number}/files/{made.pk}/"
    for person, status in ((city.eleanor, 200), (city.helen, 200), (city.noah, 404), (city.rex, 404)):
        assert client_of(person).get(address).status_code == status
    assert client_of(city.priya).get(f"/requests/{other.number}/files/{made.pk}/").status_code == 404
    assert Client().get(address).status_code == 302


def test_who_takes_no_part_attaches_nothing_and_a_closed_request_takes_none(city: City) -> None:
    request = submitted(city)
    with pytest.raises(NotPermitted):
        services.attach(actor=city.eleanor, request=request, file=file())
    with pytest.raises(Refused, match="closed"):
        services.attach(actor=city.priya, request=_closed(city), file=file())


@service
def _attach_and_fail(city: City, request: Request) -> None:
    services.attach(actor=city.priya, request=request, file=file())
    raise RuntimeError


def _closed(city: City) -> Request:
    request = submitted(city, handle="@closed", name="Closed")
    services.withdraw(actor=city.priya, request=request, text="Enough.")
    return request


def test_an_act_that_fails_later_leaves_neither_row_nor_file(city: City) -> None:
    request = submitted(city)
    before = on_disk()
    with pytest.raises(RuntimeError):
        _attach_and_fail(city, request)
    assert not Attachment.objects.exists()
    assert on_disk() == before
    assert not Entry.objects.filter(verb="approvals.request.attach").exists()


@service
def _attach_in_vain_and_go_on(city: City, request: Request) -> None:
    """An inner act fails and is caught; the outer one goes on."""
    services.attach(actor=city.priya, request=request, file=file(name="kept.pdf"))
    with contextlib.suppress(RuntimeError):
        _attach_and_fail(city, request)


def test_only_the_file_of_the_part_that_failed_goes(city: City) -> None:
    request, before = submitted(city), on_disk()
    _attach_in_vain_and_go_on(city, request)
    kept = Attachment.objects.get()
    assert kept.name == "kept.pdf"
    assert on_disk() - before == {Path(attachments.storage().path(kept.stored))}


def test_the_daily_run_removes_what_a_killed_process_left(city: City) -> None:
    made = services.attach(actor=city.priya, request=submitted(city), file=file())
    where = attachments.storage()
    paths = [Path(where.path(name)) for name in (made.stored, "left-long-ago", "left-just-now")]
    for path in paths[1:]:
        path.write_bytes(PDF)
    for path in paths[:2]:
        os.utime(path, (0, 0))
    done = daily.run()
    assert done.files_removed == 1
    assert [path.exists() for path in paths] == [True, False, True]
    assert daily.run().files_removed == 0
    paths[2].unlink()
