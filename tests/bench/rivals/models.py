"""The same table four times: each is kept a history of in another way."""

from __future__ import annotations

from auditlog.registry import auditlog  # type: ignore[import-untyped]
from django.conf import settings
from django.db import models
from simple_history.models import HistoricalRecords  # type: ignore[import-untyped]

from audit import replay
from audit.ledger import Ref


class Thing(models.Model):
    name = models.CharField(max_length=120)
    state = models.CharField(max_length=20)
    address = models.CharField(max_length=200)
    department = models.IntegerField()
    since = models.DateField()
    changed_at = models.DateTimeField()

    class Meta:
        abstract = True
        app_label = "rivals"

    def __str__(self) -> str:
        return self.name


class Told(Thing):
    """Its changes stand in the ledger."""

    def audit_ref(self) -> Ref:
        return Ref("rivals.told", str(self.pk), self.name)


replay.register(Told, "name", "state", "address", "department", "since", "changed_at")


class Simple(Thing):
    history = HistoricalRecords()


class Logged(Thing):
    pass


auditlog.register(Logged)


class Plain(Thing):
    pass


if settings.POSTGRESQL:  # type: ignore[misc]
    import pghistory

    @pghistory.track()
    class Tracked(Thing):
        pass
