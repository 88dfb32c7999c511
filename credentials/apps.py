from django.apps import AppConfig


class CredentialsConfig(AppConfig):
    name = "credentials"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit import replay
        from credentials import checks, models, projection, receivers, seals

        for model, columns in models.replayed():
            replay.register(model, *columns)
        replay.also(projection.differences)
        replay.also(seals.differences)
        checks.register()
        receivers.connect()
