"""Text from people: whatever people are called, and nothing that hides or turns round."""

import pytest

from audit.errors import Invalid
from audit.text import clean_line, clean_text


@pytest.mark.parametrize(
    "name",
    [
        "Nguyễn Thị Minh Khai",
        "O’Brien-Šćepanović",
        "李小龍",
        "محمد بن سلمان",
        "می\u200cخواهم",
        "ක්\u200dෂ",
        'Jr., Dr. "Bud" O\'Neil (III)',
        "=1+1",
        "Hutchinson ❤️ Zoo 👨\u200d👩\u200d👧",
        "N",
    ],
)
def test_names_that_people_have(name: str) -> None:
    assert clean_line(name, field="name", max_length=200) == name


@pytest.mark.parametrize(
    ("character", "code"),
    [
        ("\u202e", "U+202E"),
        ("\u2066", "U+2066"),
        ("\u200b", "U+200B"),
        ("\u200d", "U+200D"),
        ("\u200c", "U+200C"),
        ("\ufeff", "U+FEFF"),
        ("\u00ad", "U+00AD"),
        ("\u3164", "U+3164"),
        ("\u2800", "U+2800"),
        ("\u034f", "U+034F"),
        ("\u2028", "U+2028"),
        ("\U000e0041", "U+E0041"),
        ("\ue000", "U+E000"),
        ("\x00", "U+0000"),
        ("\n", "U+000A"),
        ("\t", "U+0009"),
        ("\x1b", "U+001B"),
        ("\ud800", "U+D800"),
    ],
)
def test_what_is_not_seen_is_refused_by_its_code(character: str, code: str) -> None:
    with pytest.raises(Invalid, match=code.replace("+", r"\+")) as caught:
        clean_line(f"Pa{character}ul", field="name", max_length=200)
    assert list(caught.value.fields) == ["name"]


@pytest.mark.parametrize("value", ["", "   ", None, "\u00a0"])
def test_empty_is_refused_unless_it_may_be(value: object) -> None:
    with pytest.raises(Invalid, match="not empty"):
        clean_line(value, field="name", max_length=5)
    assert clean_line(value, field="name", max_length=5, blank=True) == ""


def test_one_form_for_what_looks_the_same() -> None:
    assert clean_line(" Zoe\u0308\u00a0Lu\u0308 ", field="name", max_length=20) == "Zoë Lü"


def test_length_is_in_characters() -> None:
    assert clean_line("é" * 5, field="name", max_length=5) == "é" * 5
    with pytest.raises(Invalid, match="at most 5 characters"):
        clean_line("é" * 6, field="name", max_length=5)


def test_text_keeps_its_lines() -> None:
    assert clean_text(" one\r\n\r\n\ttwo\rthree \n", field="text", max_length=50) == "one\n\ntwo\nthree"
    with pytest.raises(Invalid, match="at most 3"):
        clean_text("a\nb\nc", field="text", max_length=3)
    with pytest.raises(Invalid, match=r"U\+202E"):
        clean_text("a\n\u202eb", field="text", max_length=30)
