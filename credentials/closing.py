"""The closing list of a rotation: without all of it somebody who is gone may still be signed in."""

from __future__ import annotations

from django.utils.translation import gettext as _

from audit import clock
from audit.actions import Verb
from audit.errors import Invalid, Refused, Stale
from audit.ledger import record, service
from credentials import hands, vault, ways
from credentials.models import ClosingStep, Rotation, WayIn
from employees.models import Employee

Step, Outcome = ClosingStep.Step, ClosingStep.Outcome
Kind = WayIn.Kind

REMOVES: dict[str, tuple[str, ...]] = {
    Step.FACTORS: (Kind.PASSKEY, Kind.SECURITY_KEY),
    Step.RECOVERY: (Kind.RECOVERY_MAILBOX, Kind.RECOVERY_PHONE),
    Step.APPS: (Kind.CONNECTED_APP,),
}
"""Ways in that must not be left over from somebody without custody when a step is done."""


def left(rotation: Rotation) -> list[str]:
    """The steps that are not ticked off, in their order."""
    done = set(rotation.steps.values_list("step", flat=True))
    return [step for step in Step.values if step not in done]


@service
def tick(*, actor: Employee, rotation: Rotation, step: str, outcome: str) -> bool:
    """Say that a step is done on the platform, or not offered there. Gives whether the rotation is closed with it.

    Raises NotPermitted, Invalid, Stale (not verified, closed, or ticked before), Refused (somebody without custody
    still holds a way in that this step removes).
    """
    hands.require(actor, rotation)
    if step not in Step.values or outcome not in Outcome.values:
        raise Invalid(_("Choose a step, and whether it is done or not offered."))
    credential = rotation.item.credential
    vault.hold(credential)
    rotation.refresh_from_db()
    if rotation.state != Rotation.State.VERIFIED or rotation.closed_at is not None:
        raise Stale(
            _("The closing list of this rotation is not open: {state}.").format(
                state=rotation.get_state_display().lower()
            )
        )
    if step not in left(rotation):
        raise Stale(_("This was ticked off already."))
    over = [one for one in ways.due([credential.account]) if one.way.kind in REMOVES.get(step, ())]
    if over:
        names = ", ".join(one.sentence for one in over)
        raise Refused(_("First remove on the platform, and take off the list: {names}").format(names=names))
    made = ClosingStep.objects.create(rotation=rotation, step=step, outcome=outcome, by=actor, at=clock.now())
    record(Verb.ROTATION_TICK, actor=actor, obj=credential, facts=[made], step=step, outcome=outcome)
    if left(rotation):
        return False
    _close(actor, rotation)
    return True


def _close(actor: Employee, rotation: Rotation) -> None:
    """This one, and earlier ones of the item that it took the place of."""
    now = clock.now()
    earlier = Rotation.objects.filter(
        item=rotation.item_id,
        state=Rotation.State.VERIFIED,
        closed_at=None,
        version__number__lte=rotation.version.number,
    )
    closed = list(earlier.order_by("pk"))
    for one in closed:
        one.closed_at, one.closed_by = now, actor
        one.save(update_fields=["closed_at", "closed_by"])
    rotation.refresh_from_db()
    record(
        Verb.ROTATION_CLOSE,
        actor=actor,
        obj=rotation.item.credential,
        facts=closed,
        version=rotation.version.number,
    )
