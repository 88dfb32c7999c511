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


@register()
def terms(app_configs: Any, **_: Any) -> list[Error]:
    """A step may take a working day at least, and nothing expires before it was warned of."""
    steps = ("ENDORSE_WITHIN_DAYS", "DECIDE_WITHIN_DAYS", "SET_UP_WITHIN_DAYS", "RETURNED_WARNED_DAYS")
    errors = [
        Error(f"{name} is {getattr(settings, name)}; it must be 1 or more.", id="approvals.E002")
        for name in steps
        if getattr(settings, name) < 1
    ]
    if settings.RETURNED_EXPIRES_DAYS <= settings.RETURNED_WARNED_DAYS:
        text = (
            f"RETURNED_EXPIRES_DAYS is {settings.RETURNED_EXPIRES_DAYS}; it must be more than "
            f"RETURNED_WARNED_DAYS, which is {settings.RETURNED_WARNED_DAYS}."
        )
        errors.append(Error(text, id="approvals.E003"))
    return errors
