"""The room that spans all rooms, and the admin as this house keeps it."""

from django.apps import AppConfig
from django.contrib.admin import apps as stock
from django.contrib.auth.signals import user_login_failed


class ConfigConfig(AppConfig):
    default = True
    name = "config"
    label = "config"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from config.failures import sign_in_failed

        user_login_failed.connect(sign_in_failed, dispatch_uid="config.failures")


class AdminConfig(stock.AdminConfig):
    """django.contrib.admin with a site that opens by seat alone."""

    default = False
    default_site = "config.site.SeatedSite"
