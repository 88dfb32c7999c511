"""Text from people, made safe to show and to compare: no character that is not seen, or that turns the line round."""

import unicodedata

from django.utils.translation import gettext as _

from audit.errors import Invalid

INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters that Unicode counts as letters, marks or symbols, and that show nothing."""

JOINERS = frozenset("\u200c\u200d")
"""Zero-width non-joiner and joiner: part of the spelling in some scripts and of some emoji, a disguise elsewhere."""

JOINING_SCRIPTS = (
    *("ARABIC", "BENGALI", "DEVANAGARI", "GUJARATI", "GURMUKHI", "KANNADA", "KHMER", "MALAYALAM"),
    *("MONGOLIAN", "MYANMAR", "ORIYA", "SINHALA", "SYRIAC", "TAMIL", "TELUGU"),
)

REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Controls, invisible and direction-changing formats, halves of pairs, private use, line and paragraph separators."""


DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet may take for a formula at the beginning of a cell (OWASP, CSV injection)."""


def harmless(text: str) -> str:
    """`text` so that a spreadsheet shows it instead of computing it."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def as_sentence(text: str) -> str:
    """`text`, which somebody typed and more is said after, with a stop at its end."""
    text = text.rstrip()
    return text if not text or text.rstrip("\"”’')").endswith((".", "!", "?", "…")) else f"{text}."


def clean_line(value: object, *, field: str, max_length: int, blank: bool = False) -> str:
    """`value` as one line: NFC, outer spaces gone, every kind of space a plain one. `max_length` in characters.

    `field` is what the message calls it, and its key in `Invalid.fields`. Raises Invalid for text that is empty (unless
    `blank`), too long, or holds control, direction-changing or invisible characters.
    """
    text = _normal(value)
    for place, character in enumerate(text):
        if _refused(text, place, character):
            raise _invalid(field, _("without the invisible character {code}").format(code=_code(character)))
    return _bounded(text, field, max_length, blank)


def clean_text(value: object, *, field: str, max_length: int, blank: bool = False) -> str:
    """As `clean_line`, for text of several lines: line ends become `\\n`, tabs a space."""
    lines = str(value if value is not None else "").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    cleaned = [
        clean_line(line.replace("\t", " "), field=field, max_length=max_length, blank=True) for line in lines
    ]
    return _bounded("\n".join(cleaned).strip(), field, max_length, blank)


def _normal(value: object) -> str:
    text = unicodedata.normalize("NFC", str(value if value is not None else ""))
    return "".join(" " if unicodedata.category(one) == "Zs" else one for one in text).strip()


def _refused(text: str, place: int, character: str) -> bool:
    if character in JOINERS:
        return not (0 < place < len(text) - 1 and _joins(text[place - 1]) and _joins(text[place + 1]))
    return character in INVISIBLE or unicodedata.category(character) in REFUSED


def _joins(neighbour: str) -> bool:
    """Whether a joiner beside `neighbour` belongs to the spelling (or, after a symbol, to an emoji)."""
    if unicodedata.category(neighbour) in {"So", "Sk"} or neighbour == "\ufe0f":
        return True
    return unicodedata.name(neighbour, "").split(" ")[0] in JOINING_SCRIPTS


def _bounded(text: str, field: str, max_length: int, blank: bool) -> str:
    if not text and not blank:
        raise _invalid(field, _("not empty"))
    if len(text) > max_length:
        raise _invalid(field, _("at most {count} characters").format(count=max_length))
    return text


def _invalid(field: str, expected: str) -> Invalid:
    return Invalid(
        _("{field}: expected {expected}.").format(field=field, expected=expected), fields={field: expected}
    )


def _code(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip()
