"""Start-up checks of this room's settings."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, register

ALLOWED = ("city_manager", "it_director")


@register()
def alternate_authority(app_configs: Any, **_: Any) -> list[Error]:
    """ALTERNATE_AUTHORITY must name a city-wide office other than the PI Director's."""
    if settings.ALTERNATE_AUTHORITY in ALLOWED:
        return []
    return [
        Error(
            f"ALTERNATE_AUTHORITY is {settings.ALTERNATE_AUTHORITY!r}; it must be one of: {', '.join(ALLOWED)}.",
            id="approvals.E001",
        )
    ]
