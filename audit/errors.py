"""What a service raises when it will not do what it was asked. The text is meant for the person who asked."""


class Refused(Exception):
    """The act was not done and nothing was changed. `str(error)` says why and what to do."""


class NotPermitted(Refused):
    """The actor holds no seat, role, designation or custody that allows this."""


class ConflictOfInterest(NotPermitted):
    """The actor may do this in general, but not in this case."""


class Stale(Refused):
    """Somebody else was first: the state is no longer what the actor saw."""


class Invalid(Refused):
    """The input cannot be used. `fields` maps a field's name to what was expected of it."""

    def __init__(self, message: str, *, fields: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = fields or {}
