"""Appointments, designations and roles: recorded by one person, in effect once another confirms, ended by a third act.

Policy, Administrative Policy, first bullet: accounts are administered by the Director of Public Information and
Community Engagement, the Director of Information Technology, and the Department Director or designees.
"""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from audit.actions import Verb
from audit.errors import Invalid, Refused
from audit.ledger import record, service
from employees import authority, effect, kinds, papers, rules
from employees.models import Appointment, Department, Designation, Employee, Office, Role


@service
def record_appointment(
    *,
    actor: Employee,
    office: Office,
    holder: Employee,
    start: date,
    end: date | None = None,
    acting: bool = False,
    instrument: str,
) -> Appointment:
    """Write down who holds `office`. `end` is the last day. It has no effect until `confirm_appointment`.

    Raises NotPermitted, ConflictOfInterest (for oneself), Invalid, Refused (the same waits already).
    """
    paper = Appointment(
        office=office,
        holder=holder,
        start=start,
        end=end,
        acting=acting,
        instrument=papers.reference(instrument),
    )
    papers.employed(holder)
    papers.dates(start, end)
    papers.not_twice(paper, office=office, holder=holder, acting=acting)
    if acting:
        rules.names_substitute(actor, holder, office)
    else:
        rules.records(actor, holder)
    if acting and any(seat.holder_id == holder.pk and not seat.acting for seat in authority.holders(office)):
        raise Invalid(
            _("{name} holds this office already and cannot act for themselves.").format(name=holder.name),
            fields={"acting": _("another person than the holder")},
        )
    return papers.recorded(paper, actor)


@service
def confirm_appointment(*, actor: Employee, appointment: Appointment) -> Appointment:
    """Give a recorded appointment effect. Raises Stale, NotPermitted, ConflictOfInterest, Refused (seat taken)."""
    return papers.confirm(appointment, actor)


@service
def refuse_appointment(*, actor: Employee, appointment: Appointment, reason: str) -> Appointment:
    """Close a waiting appointment for good. Raises Stale, NotPermitted, Invalid (no reason)."""
    return papers.refuse(appointment, actor, reason)


@service
def end_appointment(*, actor: Employee, appointment: Appointment, last_day: date, reason: str) -> Appointment:
    """End an appointment after `last_day` (a day that has passed: now). Designations made under it lapse with it.

    Raises Stale, NotPermitted, ConflictOfInterest, Invalid (later than its end, no reason).
    """
    return papers.end(appointment, actor, last_day, reason)


@service
def record_designation(
    *,
    actor: Employee,
    department: Department,
    designee: Employee,
    start: date,
    end: date | None = None,
    instrument: str,
    whole_department: bool = True,
) -> Designation:
    """Write down whom a Department Director names as designee; no effect until `confirm_designation`.

    A Director records under the own appointment, a clerk under the substantive Director's. Accounts are named by the
    accounts room where `whole_department` is false. Raises NotPermitted, ConflictOfInterest, Invalid, Refused.
    """
    papers.employed(designee)
    papers.dates(start, end)
    paper = Designation(
        department=department,
        designee=designee,
        start=start,
        end=end,
        instrument=papers.reference(instrument),
        whole_department=whole_department,
    )
    if whole_department:
        papers.not_twice(paper, department=department, designee=designee, whole_department=True)
    paper.made_under = rules.makes_designation(actor, department, designee)
    return papers.recorded(paper, actor)


@service
def confirm_designation(*, actor: Employee, designation: Designation) -> Designation:
    """Give a recorded designation effect. Raises Stale, NotPermitted, ConflictOfInterest, Refused (Director left)."""
    return papers.confirm(designation, actor)


@service
def refuse_designation(*, actor: Employee, designation: Designation, reason: str) -> Designation:
    """Close a waiting designation for good. Raises Stale, NotPermitted, Invalid (no reason)."""
    return papers.refuse(designation, actor, reason)


@service
def end_designation(*, actor: Employee, designation: Designation, last_day: date, reason: str) -> Designation:
    """End a designation after `last_day` (a day that has passed: now).

    Raises Stale, NotPermitted, ConflictOfInterest, Invalid.
    """
    return papers.end(designation, actor, last_day, reason)


@service
def carry_designation(*, actor: Employee, designation: Designation, appointment: Appointment) -> Designation:
    """Let a designation stand under the successor's (or acting Director's) `appointment`, before it lapses.

    Raises NotPermitted (not the successor), ConflictOfInterest (the designee), Refused (lapsed, another office, or a
    gap between the two appointments), Stale.
    """
    papers.hold(designation)
    papers.hold(appointment)
    if designation.effective_from is None or designation.is_over():
        raise Refused(_("This designation is not in force any more. It takes a new one."))
    if appointment.office.department_id != designation.department_id:
        raise Invalid(
            _("This appointment is to another office."),
            fields={"appointment": _("one to this department's office")},
        )
    if appointment.effective_from is None or appointment.is_over():
        raise Refused(_("This appointment is not confirmed, or over."))
    before = designation.made_under
    if before.effective_until is not None and appointment.effective_from > before.effective_until:
        raise Refused(_("There are days between the two appointments; the designation lapses on them."))
    rules.carries(actor, designation, appointment)
    designation.made_under = appointment
    designation.save(update_fields=["made_under"])
    effect.refit([designation])
    record(
        Verb.DESIGNATION_CARRY,
        actor=actor,
        obj=designation,
        facts=[designation],
        capacity=authority.capacity(appointment).as_data(),
        made_under=[before.pk, appointment.pk],
    )
    text = designation.audit_ref().text
    effect.announce([designation], actor, _("{paper} was carried over").format(paper=text))
    return designation


@service
def record_role(
    *, actor: Employee, holder: Employee, name: str, start: date, end: date | None = None, instrument: str
) -> Role:
    """Write down that somebody gets a staff function; no effect until `confirm_role`.

    Raises NotPermitted, ConflictOfInterest (for oneself), Invalid, Refused (the same waits already).
    """
    if name not in Role.Name.values:
        raise Invalid(
            _("There is no role {name}.").format(name=name), fields={"name": ", ".join(Role.Name.values)}
        )
    paper = Role(holder=holder, name=name, start=start, end=end, instrument=papers.reference(instrument))
    papers.employed(holder)
    papers.dates(start, end)
    papers.not_twice(paper, holder=holder, name=name)
    rules.records(actor, holder)
    return papers.recorded(paper, actor)


@service
def confirm_role(*, actor: Employee, role: Role) -> Role:
    """Give a recorded role effect. Raises Stale, NotPermitted, ConflictOfInterest, Refused."""
    return papers.confirm(role, actor)


@service
def refuse_role(*, actor: Employee, role: Role, reason: str) -> Role:
    """Close a waiting role for good. Raises Stale, NotPermitted, Invalid (no reason)."""
    return papers.refuse(role, actor, reason)


@service
def end_role(*, actor: Employee, role: Role, last_day: date, reason: str) -> Role:
    """End a role after `last_day` (a day that has passed: now).

    Raises Refused for the last holder of the Information Technology role; Stale, NotPermitted, Invalid.
    """
    return papers.end(role, actor, last_day, reason)


def waiting() -> list[Appointment | Designation | Role]:
    """What waits to be confirmed, the oldest first. Three queries."""
    found: list[Appointment | Designation | Role] = []
    for model in (Appointment, Designation, Role):
        rows = model.objects.waiting().select_related(*kinds.RELATED[model], "recorded_by")
        found.extend(rows)
    return sorted(found, key=lambda paper: (paper.recorded_at, paper.pk))
