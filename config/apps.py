"""The room that spans all rooms, and the admin as this house keeps it."""

from typing import Any

from django.apps import AppConfig, apps
from django.contrib.admin import apps as stock
from django.contrib.auth.signals import user_login_failed
from django.core.cache import caches
from django.core.management import call_command
from django.db.models.signals import post_migrate


class ConfigConfig(AppConfig):
    default = True
    name = "config"
    label = "config"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added

        from audit.signals import checkpoint_made
        from config import checkpointmail, conditions
        from config.failures import sign_in_failed
        from config.signin import receivers

        authenticator_added.connect(receivers.enrolled, dispatch_uid="config.enrolled")
        user_login_failed.connect(sign_in_failed, dispatch_uid="config.failures")
        checkpoint_made.connect(checkpointmail.made, dispatch_uid="config.checkpointmail")
        conditions.connect()
        # An app without models of its own, like this one, is never told of a migration.
        sender = apps.get_app_config("sessions")
        post_migrate.connect(_cache_table, sender=sender, dispatch_uid="config.cache_table")


class AdminConfig(stock.AdminConfig):
    """django.contrib.admin with a site that opens by seat alone."""

    default = False
    default_site = "config.site.SeatedSite"


def _cache_table(**_: Any) -> None:
    """The shared cache's table, where CACHE_URL keeps it in the database. Does nothing where it is there."""
    from django.core.cache.backends.db import BaseDatabaseCache

    if isinstance(caches["default"], BaseDatabaseCache):
        call_command("createcachetable", verbosity=0)
