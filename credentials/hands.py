"""In whose hands a rotation is: Information Technology’s, or a custodian’s to whom it was handed over."""

from __future__ import annotations

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from audit.actions import Verb
from audit.errors import Invalid, NotPermitted, Stale
from audit.ledger import record, service
from credentials import entitlement, vault
from credentials.models import Custody, Rotation
from employees import outbox
from employees.models import Employee, Office, Role


def may_carry_out(person: Employee, rotation: Rotation) -> bool:
    """Information Technology; and to whom it was handed over, for as long as that person holds the account's login."""
    if entitlement.may_rotate(person):
        return True
    handed = Rotation.objects.filter(pk=rotation.pk, handed_to=person).exists()
    return handed and entitlement.ground_to_reveal(person, rotation.item.credential) is not None


def require(actor: Employee, rotation: Rotation) -> None:
    """Raises NotPermitted unless `actor` may carry out this rotation."""
    if not may_carry_out(actor, rotation):
        raise NotPermitted(
            "A rotation is carried out by Information Technology, or by the custodian to whom it was handed over."
        )


def require_it(actor: Employee) -> None:
    """Raises NotPermitted unless `actor` is of Information Technology."""
    if not entitlement.may_rotate(actor):
        raise NotPermitted("Shared passwords are rotated by Information Technology.")


def _information_technology() -> dict[int, Employee]:
    people = (
        *outbox.in_role(Role.Name.INFORMATION_TECHNOLOGY),
        *outbox.in_office(Office.Kind.IT_DIRECTOR),
    )
    return {one.pk: one for one in people}


def verifiers(rotation: Rotation) -> list[Employee]:
    """Who may say that the new password opens the account, by name: IT, and who has it in hand."""
    found = _information_technology()
    if may_carry_out(rotation.in_hand, rotation):
        found[rotation.in_hand.pk] = rotation.in_hand
    if settings.ROTATION_SECOND_PERSON and rotation.claimed_by_id is not None:
        found.pop(rotation.claimed_by_id, None)
    return sorted(found.values(), key=lambda one: one.name)


def candidates(rotation: Rotation) -> list[Employee]:
    """Whom it can be handed over to, by name."""
    found = _information_technology()
    login = Custody.objects.in_force().filter(
        account=rotation.item.credential.account_id,
        channel=Custody.Channel.SHARED_LOGIN,
        person__is_active=True,
    )
    found |= {one.person_id: one.person for one in login.select_related("person")}
    found.pop(rotation.in_hand.pk, None)
    return sorted(found.values(), key=lambda one: one.name)


def in_hands_of(person: Employee) -> QuerySet[Rotation]:
    """What was handed over to `person` and is not done to the last line of its list."""
    return Rotation.objects.whole().not_done().filter(handed_to=person).order_by("started_at")


@service
def hand_over(*, actor: Employee, rotation: Rotation, to: Employee) -> None:
    """Put what is left of a rotation into the hands of `to`: somebody of Information Technology, or a custodian.

    A custodian needs a ground in force, then and at every later step. Who saw the new version knows it all the same.
    Raises NotPermitted, Invalid (`to` may not have it, or has it), Stale (it is over, or somebody else handed it over).
    """
    credential = rotation.item.credential
    vault.hold(credential)
    before = rotation.handed_to_id
    rotation.refresh_from_db()
    require(actor, rotation)
    if not rotation.is_open and (rotation.state != Rotation.State.VERIFIED or rotation.closed_at is not None):
        raise Stale(_("This rotation is over, so there is nothing to hand over."))
    if rotation.handed_to_id != before:
        raise Stale(_("{name} has it in hand since a moment ago.").format(name=rotation.in_hand.name))
    had = rotation.in_hand
    if to.pk == had.pk:
        raise Invalid(
            _("{name} has it in hand already.").format(name=to.name), fields={"to": "somebody else"}
        )
    if not (to.is_active and (entitlement.may_rotate(to) or entitlement.ground_to_reveal(to, credential))):
        raise Invalid(
            _("Only Information Technology, or who holds the account’s login today, can have it."),
            fields={"to": "somebody of Information Technology or a custodian"},
        )
    rotation.handed_to = to
    rotation.save(update_fields=["handed_to"])
    record(
        Verb.ROTATION_HAND_OVER,
        actor=actor,
        obj=credential,
        facts=[rotation],
        version=rotation.version.number,
        before=had.audit_ref()._asdict(),
        to=to.audit_ref()._asdict(),
    )
