"""Which installation this is. Its id is bound into every sealed secret, so that none opens elsewhere."""

from audit import clock
from audit.actions import Verb
from audit.errors import Refused
from audit.ledger import Recordable, Ref, record, service
from audit.models import Installation


def current() -> Installation:
    """The installation. Raises Installation.DoesNotExist before the first migrate."""
    return Installation.objects.get()


@service
def create_once(*, actor: Recordable | None) -> Installation:
    """The installation's row, made if there is none: runs after every migrate."""
    found = Installation.objects.first()
    if found is not None:
        return found
    made = Installation.objects.create(created_at=clock.now())
    record(
        Verb.INSTALLATION_CREATE,
        actor=actor,
        obj=Ref("audit.installation", str(made.pk), "This installation"),
    )
    return made


def declare_demonstration() -> None:
    """Make an empty installation a demonstration, whose clock may be moved. Never undone.

    Raises Refused where a person exists already: a real installation is never turned into a demonstration.
    """
    from django.contrib.auth import get_user_model

    installation = current()
    if installation.demonstration:
        return
    if get_user_model()._default_manager.exists():
        raise Refused("This database already holds people. The demonstration city wants an empty one.")
    Installation.objects.filter(pk=installation.pk).update(demonstration=True)
