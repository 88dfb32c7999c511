"""Columns of state: read anywhere, changed only by compare-and-set in a service."""

from typing import Any

from django.db import models

from audit.errors import Stale


class AssignedDirectly(AttributeError):
    """Code tried to assign a state. Call the service that brings it about."""


class _Guarded:
    """Lets a state be loaded, refuses to let it be assigned."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, instance: models.Model | None, owner: type | None = None) -> Any:
        if instance is None:
            return self
        if self.name not in instance.__dict__:
            instance.refresh_from_db(fields=[self.name])
        return instance.__dict__[self.name]

    def __set__(self, instance: models.Model, value: Any) -> None:
        if instance.__dict__.get(self.name, value) != value:
            raise AssignedDirectly(
                f"{type(instance).__name__}.{self.name} cannot be assigned; call a service"
            )
        instance.__dict__[self.name] = value


class StateField(models.CharField):  # type: ignore[type-arg]
    """A text column that can be given at creation, and later only by `move`."""

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, name, _Guarded(name))


class Stateful(models.Model):
    """Base of models with a StateField: knows how to load it anew."""

    class Meta:
        abstract = True

    def refresh_from_db(
        self, using: str | None = None, fields: Any = None, from_queryset: Any = None
    ) -> None:
        for column in self._meta.concrete_fields:
            if isinstance(column, StateField) and (fields is None or column.attname in fields):
                self.__dict__.pop(column.attname, None)
        super().refresh_from_db(using=using, fields=fields, from_queryset=from_queryset)


def move(row: Stateful, field: str, *, old: str, new: str, **changes: Any) -> None:
    """Set `field` from `old` to `new`, with `changes`, in one statement; of two at once, one wins.

    Raises Stale when the row's state is no longer `old`.
    """
    model = type(row)
    done = model._default_manager.filter(pk=row.pk, **{field: old}).update(**{field: new}, **changes)
    row.refresh_from_db(fields=[field, *changes])
    if done != 1:
        raise Stale(f"This {model._meta.verbose_name} is {row.__dict__[field]} by now; it was {old}.")
