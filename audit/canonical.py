"""The canonical text of an entry, and its RFC 6962 leaf hash.

One line of JSON: keys sorted, no white space, no floats, times in UTC to the microsecond, with a format version.
The text is stored beside the columns that are searched; hashing never rebuilds it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

FORMAT = 1

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]


def plain(value: Any) -> Json:
    """`value` as canonical JSON data. Raises TypeError for a float or anything without one exact text."""
    if value is None or isinstance(value, bool | int | str):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence | set | frozenset) and not isinstance(
        value, bytes | bytearray | memoryview
    ):
        items = sorted(value) if isinstance(value, set | frozenset) else value
        return [plain(item) for item in items]
    raise TypeError(f"{type(value).__name__} has no canonical text")


def moment(value: datetime) -> str:
    """RFC 3339 in UTC with six decimals and `Z`."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"


def line(data: Mapping[str, Any]) -> str:
    """`data` as one line of canonical JSON."""
    return json.dumps(plain(data), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def leaf(text: str) -> bytes:
    """SHA-256 of a zero byte and the UTF-8 bytes of `text`: 32 bytes (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x00" + text.encode()).digest()
