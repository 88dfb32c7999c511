"""Which department an agency of a list is, and which departments an import has to create."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.text import slugify

from accounts.rows import fold
from employees.models import Department


class Agencies:
    """The City's departments by name and by code, and those that an import will create."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._codes: set[str] = set()
        for code, name in Department.objects.values_list("code", "name"):
            self._codes.add(code)
            self._names[fold(code)] = fold(name)
            self._names[fold(name)] = fold(name)
        self._told: set[str] = set()

    def key(self, agency: str) -> str:
        """What two ways to write one department have in common."""
        return self._names.get(fold(agency), fold(agency))

    def missing(self, agencies: Iterable[str]) -> list[tuple[str, str]]:
        """Code and name of each department of `agencies` that does not exist, once."""
        new = []
        for agency in agencies:
            key = self.key(agency)
            if key not in self._names and key not in self._told:
                self._told.add(key)
                new.append((self._code(agency), agency))
        return new

    def _code(self, name: str) -> str:
        stem = slugify(name)[:56].strip("-") or "department"
        code, number = stem, 2
        while code in self._codes:
            code, number = f"{stem}-{number}", number + 1
        self._codes.add(code)
        return code
