"""The room that spans all rooms, and the static files app with our choice of USWDS files."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    label = "config"
    default_auto_field = "django.db.models.BigAutoField"
