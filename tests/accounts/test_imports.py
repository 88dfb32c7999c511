"""`import_accounts`: all of a list, or none of it, or the good rows of it."""

import csv
import shutil
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import imports, services, tables
from accounts.models import Account, Handle
from accounts.signals import accounts_opened
from audit.actions import Verb
from audit.errors import NotPermitted
from audit.models import Entry
from audit.verification import verify
from employees.models import Department, Office
from tests.accounts.lists import COLUMNS, CONGRESS, Outcome, line, write
from tests.cast import City

pytestmark = pytest.mark.django_db


@pytest.fixture
def congress(tmp_path: Path) -> Path:
    return Path(shutil.copy(CONGRESS, tmp_path / "congress.csv"))


def verbs() -> list[str]:
    return list(Entry.objects.order_by("index").values_list("verb", flat=True))


def test_the_real_list_comes_in_but_for_one_row(congress: Path) -> None:
    refused = Outcome(congress)
    assert (refused.code, Account.objects.count(), Department.objects.count()) == (1, 0, 0)
    assert refused.err.count("line ") == 1
    assert refused.err.startswith(
        "line 1134, agencies: Line 861 gives RogerMarshallMD on Facebook to Office of"
    )

    done = Outcome(congress, "--skip-invalid")
    assert done.code == 0
    assert "1,671 rows: 1,670 accounts opened, 519 departments created, 1 row rejected." in done.out
    assert (Account.objects.count(), Department.objects.count()) == (1670, 519)
    assert Office.objects.filter(department__isnull=False).count() == 519
    assert set(Account.objects.values_list("state", "origin", "attested_at")) == {("active", "import", None)}
    assert not Account.objects.public().exists()
    rows = list(csv.DictReader((congress.parent / "congress.csv.rejected.csv").open(encoding="utf-8")))
    assert [(row["line"], row["account_url"]) for row in rows] == [
        ("1134", "https://www.facebook.com/RogerMarshallMD")
    ]
    assert "agencies: Line 861" in rows[0]["reasons"]

    assert verbs().count(Verb.ACCOUNT_IMPORT) == 1670
    assert verbs().count(Verb.REGISTRY_IMPORT) == 1
    imported = Entry.objects.get(verb=Verb.REGISTRY_IMPORT)
    assert tables.read(congress).sha256 in imported.canonical
    assert Entry.objects.filter(operation=imported.operation, verb=Verb.ACCOUNT_IMPORT).count() == 1670
    assert verify().sound

    before = Entry.objects.count()
    again = Outcome(congress, "--skip-invalid")
    assert again.code == 0
    assert "Nothing changes: 1,670 rows of 1,671" in again.out
    assert (Account.objects.count(), Entry.objects.count()) == (1670, before)


def test_queries_grow_by_batches_not_by_rows(tmp_path: Path) -> None:
    def cost(count: int) -> int:
        lines = [line(url=f"x.com/zoo{count}_{number}") for number in range(count)]
        table = tables.read(write(tmp_path / f"{count}.csv", *lines))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            imports.import_rows(actor=None, table=table)
        return len(queries)

    cost(1)
    few, many = cost(200), cost(1600)
    assert many < few + 1400 / 8


def test_one_signal_carries_all_accounts(tmp_path: Path) -> None:
    sent: list[list[Account]] = []

    def receive(sender: object, *, accounts: list[Account], **_: object) -> None:
        sent.append(accounts)

    accounts_opened.connect(receive)
    try:
        path = write(tmp_path / "a.csv", line(), line(url="x.com/other"))
        Outcome(path)
        Outcome(path)
    finally:
        accounts_opened.disconnect(receive)
    assert [len(accounts) for accounts in sent] == [2]


SPELLINGS = [
    ("Youtube", "https://www.youtube.com/@hutch", "youtube"),
    ("Linkedin", "linkedin.com/company/hutch", "linkedin"),
    ("x", "twitter.com/hutch", "x"),
    ("Twitter", "https://x.com/hutch", "x"),
    ("TWITTER ", "hutch", "x"),
    ("X (formerly Twitter)", "x.com/hutch", "x"),
    ("Intagram", "www.instagram.com/hutch/", "instagram"),
    ("Instagramm", "instagram.com/hutch", "instagram"),
    ("Facebok", "https://www.facebook.com/profile.php?id=61550000000001&ref=x", "facebook"),
    ("", "m.facebook.com/hutch", "facebook"),
    ("n/a", "http://tiktok.com/@hutch", "tiktok"),
    ("", "https://mastodon.social/@hutch", "mastodon"),
    ("Mastadon", "https://hutch.town/@zoo", "mastodon"),
    ("Next Door", "https://nextdoor.com/pages/hutch/", "nextdoor"),
    ("Blog", "https://hutchgov.com/news", "blog"),
    ("WordPress", "hutchzoo.wordpress.com", "blog"),
]


@pytest.mark.parametrize(("platform", "url", "slug"), SPELLINGS)
def test_platforms_are_known_however_they_are_spelt(
    tmp_path: Path, platform: str, url: str, slug: str
) -> None:
    done = Outcome(write(tmp_path / "a.csv", line(platform, url)))
    assert (done.code, done.err) == (0, "")
    assert Account.objects.get().platform.slug == slug


FAULTS = [
    (
        line("Facebook", "https://x.com/hutch"),
        "account_platform",
        "The platform is Facebook and the address is on X",
    ),
    (
        line("Mastodon", "https://facebook.com/hutch"),
        "account_platform",
        "Mastodon and the address is on Facebook",
    ),
    (line("Pinterest", "https://pinterest.com/hutch"), "account_platform", "Pinterest is not a platform"),
    (line("Pinterest", "https://x.com/hutch"), "account_platform", "Pinterest and the address is on X"),
    (line("", "https://www.pinterest.com/hutch"), "account_platform", "Pinterest is not a platform"),
    (line("MyFace", "https://myface.example/hutch"), "account_platform", "“MyFace” is not a platform"),
    (line("", "hutch"), "account_platform", "The platform is missing"),
    (line("X", ""), "account_url", "empty"),
    (line("X", "https://twitter.com@evil.example/hutch"), "account_url", "leads to evil.example"),
    (line("X", "https://twіtter.com/hutch"), "account_url", "only look like others"),
    (line("X", "https://x.com/hutch/status/1"), "account_url", "single post"),
    (line("Facebook", "https://facebook.com/profile.php"), "account_url", "does not name an account"),
    (line(agencies=""), "agencies", "Empty; expected the responsible department first."),
    (line(agencies=" | "), "agencies", "Empty"),
    (line(agencies="Z\u202eoo"), "agencies", "U+202E"),
    (line(account_name="Hutch\u200bZoo"), "account_name", "U+200B"),
    (line(short_description="x" * 1001), "short_description", "at most 1000 characters"),
    (line(platform_account_id="1.05523E+14"), "platform_account_id", "rounded by a spreadsheet"),
    (line(platform_account_id="12 34"), "platform_account_id", "the platform's own number"),
    (line() + ",stray", "row", "1 cells more than the first line"),
]


@pytest.mark.parametrize(("row", "field", "reason"), FAULTS, ids=[fault[2][:40] for fault in FAULTS])
def test_a_fault_is_printed_with_line_field_and_reason(
    tmp_path: Path, row: str, field: str, reason: str
) -> None:
    done = Outcome(write(tmp_path / "a.csv", line(url="x.com/good"), row))
    assert done.code == 1
    assert f"line 3, {field}: " in done.err
    assert reason in done.err
    assert not Account.objects.exists()
    assert not Department.objects.exists()
    skipped = Outcome(tmp_path / "a.csv", "--skip-invalid", "--rejects", str(tmp_path / "not.csv"))
    assert (skipped.code, Account.objects.count()) == (0, 1)
    assert reason in (tmp_path / "not.csv").read_text(encoding="utf-8")


def test_all_faults_of_a_row_are_told(tmp_path: Path) -> None:
    done = Outcome(write(tmp_path / "a.csv", line("X", "x.com/home", "", platform_account_id="1E+9")))
    assert [part.split(":")[0] for part in done.err.splitlines()[:3]] == [
        "line 2, account_url",
        "line 2, agencies",
        "line 2, platform_account_id",
    ]


def test_the_same_account_twice_is_merged_and_reported(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        line("X", "https://x.com/HutchZoo", "Hutchinson Zoo|Parks"),
        line(
            "Twitter",
            "http://www.twitter.com/hutchzoo/?s=20",
            "hutchinson  ZOO|Library",
            contacts="a@b.example|c",
        ),
    )
    done = Outcome(path)
    assert done.code == 0
    assert "line 3: merged: Line 2 has https://x.com/hutchzoo already, as HutchZoo." in done.out
    account = Account.objects.get()
    assert account.handle == "HutchZoo"
    assert account.department.name == "Hutchinson Zoo"
    assert {department.name for department in account.also_for.all()} == {"Parks", "Library"}
    assert account.contacts == ["a@b.example", "c"]
    assert Handle.objects.get().key == "hutchzoo"
    assert "Nothing changes" in Outcome(path).out


def test_a_later_list_fills_what_was_empty_and_changes_nothing_else(tmp_path: Path) -> None:
    Outcome(write(tmp_path / "a.csv", line(short_description="Animals", notes="first")))
    more = line(
        short_description="Other",
        language="English",
        platform_account_id="42",
        agencies="Hutchinson Zoo|Parks",
    )
    path = write(tmp_path / "b.csv", more)
    assert "1 account completed" in Outcome(path).out
    account = Account.objects.get()
    assert (account.short_description, account.language, account.notes) == ("Animals", "English", "first")
    assert account.platform_account_id == "42"
    assert [department.name for department in account.also_for.all()] == ["Parks"]
    assert Verb.ACCOUNT_MERGE in verbs()
    assert verify().sound
    assert "Nothing changes" in Outcome(path).out


def test_the_platforms_own_number_decides_too(tmp_path: Path) -> None:
    first = line("YouTube", "youtube.com/@hutch", platform_account_id="UC3lif8TFPOe-tJ2-pE4Rp7Q")
    second = line("YouTube", "youtube.com/user/hutch", platform_account_id="UC3lif8TFPOe-tJ2-pE4Rp7Q")
    done = Outcome(write(tmp_path / "a.csv", first, second))
    assert (done.code, Account.objects.count()) == (0, 1)
    taken = Outcome(
        write(tmp_path / "b.csv", line("YouTube", "youtube.com/@hutch", platform_account_id="UCother"))
    )
    assert taken.code == 1
    assert "somebody else has taken the handle" in taken.err


def test_another_department_may_not_take_an_account(tmp_path: Path) -> None:
    Outcome(write(tmp_path / "a.csv", line()))
    done = Outcome(write(tmp_path / "b.csv", line(agencies="Parks|Hutchinson Zoo")))
    assert done.code == 1
    assert "The registry gives hutchzoo on X to Hutchinson Zoo, this row to Parks." in done.err


def test_a_department_is_known_by_its_code_or_name(tmp_path: Path, city: City) -> None:
    Outcome(
        write(tmp_path / "a.csv", line(agencies="ZOO"), line(url="x.com/two", agencies=" hutchinson  zoo "))
    )
    assert {account.department for account in Account.objects.all()} == {city.zoo}
    assert Department.objects.count() == 5


def test_a_dry_run_says_what_would_change_and_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", line(), line(url="x.com/home"))
    before = Entry.objects.count()
    assert Outcome(path, "--dry-run").code == 1
    done = Outcome(path, "--dry-run", "--skip-invalid")
    assert done.code == 0
    assert "would create the department Hutchinson Zoo (hutchinson-zoo)" in done.out
    assert "line 2: would register https://x.com/hutchzoo for Hutchinson Zoo" in done.out
    assert "Nothing was changed: dry run." in done.out
    assert (Account.objects.count(), Entry.objects.count()) == (0, before)
    assert not (tmp_path / "a.csv.rejected.csv").exists()


def test_rejected_rows_can_be_mended_and_imported(tmp_path: Path) -> None:
    Outcome(write(tmp_path / "a.csv", line(), line(url="x.com/home", notes="a\nb")), "--skip-invalid")
    mended = tmp_path / "a.csv.rejected.csv"
    mended.write_text(
        mended.read_text(encoding="utf-8").replace("x.com/home", "x.com/hutchhome"), encoding="utf-8"
    )
    done = Outcome(mended)
    assert "Columns that are not used: line, reasons." in done.out
    assert (done.code, Account.objects.count()) == (0, 2)


def test_only_officers_and_public_information_import(tmp_path: Path, city: City) -> None:
    table = tables.read(write(tmp_path / "a.csv", line()))
    for person in (city.noah, city.helen, city.rex, city.sam):
        with pytest.raises(NotPermitted):
            imports.import_rows(actor=person, table=table)
    imports.import_rows(actor=city.tom, table=table)
    assert services.find("twitter:HutchZoo").name == "Hutch Zoo"


@pytest.mark.parametrize("options", [["--rejects", "b.csv"], ["--skip-invalid", "--rejects", "SELF"], []])
def test_wrong_usage_exits_2(tmp_path: Path, options: list[str]) -> None:
    path = write(tmp_path / "a.csv", line(), header=COLUMNS if options else "account_url,name")
    done = Outcome(path, *[str(path) if option == "SELF" else option for option in options])
    assert done.code == 2
    assert not Account.objects.exists()


def test_rejects_that_cannot_be_written_stop_the_import(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", line(), line(url="x.com/home"))
    done = Outcome(path, "--skip-invalid", "--rejects", str(tmp_path / "no" / "such.csv"))
    assert done.code == 2
    assert "nothing was imported" in done.err
    assert not Account.objects.exists()
