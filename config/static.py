"""Which static files there are: our own, Django's, and of USWDS only what its style sheet uses.

The USWDS package is 20 MB, of which a page uses one style sheet, its fonts and a few icons.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder
from django.contrib.staticfiles.storage import ManifestFilesMixin
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

STYLE_SHEET = "css/uswds.min.css"
REFERENCE = re.compile(r"url\(\"?\.\./((?:fonts|img)/[^)\"#?]+)")


class UswdsFinder(FileSystemFinder):
    """Serves the USWDS package under `uswds/`, limited to the style sheet and the files it names."""

    def __init__(self, app_names: Iterable[str] | None = None, *args: Any, **kwargs: Any) -> None:
        root = Path(settings.USWDS_ROOT)
        storage = FileSystemStorage(location=str(root))
        storage.prefix = "uswds"  # type: ignore[attr-defined]  # Django's finders keep the prefix there
        self.locations = [("uswds", str(root))]
        self.storages = {str(root): storage}

    def check(self, **kwargs: Any) -> list[Any]:
        from django.core.checks import Warning as CheckWarning

        if Path(settings.USWDS_ROOT, STYLE_SHEET).is_file():
            return []
        return [CheckWarning("USWDS is not installed: run `npm ci`, or `make setup`.", id="config.W001")]

    @cached_property
    def used(self) -> frozenset[str]:
        sheet = Path(settings.USWDS_ROOT, STYLE_SHEET)
        if not sheet.is_file():
            return frozenset()
        return frozenset([STYLE_SHEET, *REFERENCE.findall(sheet.read_text(encoding="utf-8"))])

    def find_location(self, root: str, path: str, prefix: str | None = None) -> str | None:
        if path.removeprefix("uswds/") not in self.used:
            return None
        return super().find_location(root, path, prefix)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        for storage in self.storages.values():
            for path in sorted(self.used):
                yield path, storage


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Hashed names, compressed, for production. Source maps are not followed: USWDS ships without them."""

    patterns = tuple(
        (extension, tuple(rule for rule in rules if "sourceMappingURL" not in str(rule)))
        for extension, rules in ManifestFilesMixin.patterns
    )
