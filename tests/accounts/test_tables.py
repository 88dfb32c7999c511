"""Reading lists as programs really write them."""

from pathlib import Path

import pytest

from accounts import tables
from tests.accounts.lists import COLUMNS, line, write

NAME = "Z\u00f6o & Caf\u00e9"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, end: str) -> None:
    path = write(
        tmp_path / "a.csv", line(account_name=NAME), line(url="x.com/two"), encoding=encoding, end=end
    )
    table = tables.read(path)
    assert table.rows[0].values["account_name"] == NAME
    assert [row.line for row in table.rows] == [2, 3]
    assert any("Windows-1252" in remark for remark in table.remarks) == (encoding == "cp1252")


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    lines = [
        line(notes="one\ntwo\nthree"),
        "",
        ",,,,,,,,,",
        line(url="x.com/two", notes='a "quoted"\nnote'),
        line(),
    ]
    table = tables.read(write(tmp_path / "a.csv", *lines))
    assert [row.line for row in table.rows] == [2, 7, 9]
    assert table.rows[0].values["notes"] == "one\ntwo\nthree"


def test_headers_may_be_written_differently(tmp_path: Path) -> None:
    header = " Account Platform ,ACCOUNT_URL,account_name , Agencies,id,Notes"
    table = tables.read(write(tmp_path / "a.csv", "X,x.com/zoo,Zoo,Parks,7", header=header))
    assert table.rows[0].values["agencies"] == "Parks"
    assert table.rows[0].values["notes"] == ""
    assert table.remarks == ["Columns that are not used: id."]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters(tmp_path: Path, delimiter: str) -> None:
    header = COLUMNS.replace(",", delimiter)
    path = write(
        tmp_path / "a.csv", delimiter.join(["X", "x.com/zoo", "Zoo", "a, b", "", "", "Parks"]), header=header
    )
    assert tables.read(path).rows[0].values["short_description"] == "a, b"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "lacks the columns"),
        (b"account_platform,account_url\n", "lacks the columns account_name, agencies"),
        (f"{COLUMNS},notes\n".encode(), "more than once"),
        (f'{COLUMNS}\nX,"x.com/zoo\n'.encode(), "Line 2: not a CSV file"),
        (f"{COLUMNS}\nX,\x81\x8d".encode("latin-1"), "neither UTF-8"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(tables.Unreadable, match=reason):
        tables.read(tmp_path / "a.csv")


def test_a_missing_file_or_a_folder_is_unreadable(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(tables.Unreadable, match="cannot be read"):
            tables.read(path)
