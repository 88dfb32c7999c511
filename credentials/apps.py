from django.apps import AppConfig


class CredentialsConfig(AppConfig):
    name = "credentials"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from allauth.mfa.models import Authenticator
        from django.db.models.signals import post_init, pre_save

        from audit import replay
        from credentials import checks, factorseals, models, projection, receivers, seals

        for model, columns in models.replayed():
            replay.register(model, *columns)
        replay.also(projection.differences)
        replay.also(seals.differences)
        checks.register()
        receivers.connect()
        post_init.connect(factorseals.hung_up, sender=Authenticator)
        pre_save.connect(factorseals.tied, sender=Authenticator)
