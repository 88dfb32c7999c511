"""What waits in the vault: emergencies, rotations, receipts, ways in, roles on platforms, first deposits."""

from __future__ import annotations

from typing import Literal

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account
from config.tasks.task import MOST, Task
from credentials import (
    breakglass,
    dues,
    entitlement,
    hands,
    platform_roles,
    receipts,
    rotation,
    stale,
    ways,
)
from credentials.models import Credential, Custody, Ground, Rotation, SecretVersion
from employees import authority
from employees.models import Employee


def emergencies_to_review(person: Employee) -> list[Task]:
    """Broken glasses whose review the person can sign."""
    if not authority.is_officer(person):
        return []
    return [
        Task(
            _("Break-glass"),
            "danger" if breakglass.review_due(one) else "warn",
            one.version.item.credential.account.display,
            # Not the reason: what stands here goes into mails, too.
            _("%(name)s opened it in an emergency. Read why, and sign the review within a day.")
            % {"name": one.person.name},
            one.opened_at,
            reverse("credentials:emergency", args=[one.pk]),
            _("Review it"),
        )
        for one in breakglass.unreviewed()[:MOST]
        if breakglass.may_review(person, one)
    ]


def due_rotations(person: Employee) -> list[Task]:
    if not entitlement.may_rotate(person):
        return []
    found = []
    # What is to be deposited first stands among the stale copies.
    undeposited = set(stale.standing().values_list("item", flat=True))
    for due in [one for one in dues.queue() if one.rotation or one.version.item_id not in undeposited][:MOST]:
        if due.rotation is not None and _second_person(due.rotation):
            text, verb = _to_verify(person, due.rotation)
        elif due.rotation is not None:
            text = _("%(person)s has it in hand: %(state)s.") % {
                "person": due.rotation.in_hand.name,
                "state": due.rotation.get_state_display().lower(),
            }
            verb = _("Go on with the rotation")
        else:
            text, verb = _why(due), _("Rotate this password") if due.kind == "password" else _("Replace it")
        light = due.reason in (dues.LOST, dues.EMERGENCY)
        tone: Literal["danger", "warn"] = "warn" if light else "danger"
        found.append(
            Task(
                _("Rotation due"),
                tone,
                due.title,
                text,
                due.since,
                due.address,
                verb,
            )
        )
    return found


def _second_person(one: Rotation) -> bool:
    """Whether it waits for somebody else than who changed it on the platform."""
    return bool(settings.ROTATION_SECOND_PERSON) and one.state == Rotation.State.CLAIMED


def _to_verify(person: Employee, one: Rotation) -> tuple[str, str]:
    if one.claimed_by_id == person.pk:
        return _("You changed it on the platform. Somebody else of Information Technology verifies it."), _(
            "See who can"
        )
    text = _("%(name)s changed it on the platform. Somebody else signs in with it and says so: you can.")
    return text % {"name": one.claimed_by.name if one.claimed_by else "–"}, _("Verify it")


def rotations_to_verify(person: Employee) -> list[Task]:
    """Where the City wants a second person: what somebody else changed, and what doesn't stand among what is due."""
    if not settings.ROTATION_SECOND_PERSON or not entitlement.may_rotate(person):
        return []
    waiting = Rotation.objects.whole().filter(state=Rotation.State.CLAIMED).exclude(claimed_by=person)
    rows = [one for one in waiting.order_by("claimed_at")[:MOST] if one.handed_to_id != person.pk]
    due = (
        {one.account.pk for one in dues.queue([row.item.credential.account for row in rows])} if rows else ()
    )
    return [
        Task(
            _("To verify"),
            "warn",
            one.item.credential.account.display,
            _to_verify(person, one)[0],
            one.claimed_at,
            reverse("credentials:rotate", args=[one.item.credential_id]),
            _("Verify it"),
        )
        for one in rows
        if one.item.credential.account_id not in due
    ]


def rotations_handed_over(person: Employee) -> list[Task]:
    """What somebody put into the person's hands, where it doesn't stand among what is due or to be finished."""
    for_it = entitlement.may_rotate(person)
    rows = [one for one in hands.in_hands_of(person)[:MOST] if hands.may_carry_out(person, one)]
    if for_it:
        due = (
            {one.account.pk for one in dues.queue([row.item.credential.account for row in rows])}
            if rows
            else set()
        )
        rows = [row for row in rows if row.is_open and row.item.credential.account_id not in due]
    # The closing list of the last one closes those before it.
    rows = list({row.item_id: row for row in rows}.values())
    return [
        Task(
            _("Handed to you"),
            "warn",
            one.item.credential.account.display,
            _("%(person)s started a rotation of its password, and it is in your hands now: %(state)s.")
            % {"person": one.started_by.name, "state": one.get_state_display().lower()},
            one.started_at,
            reverse("credentials:rotate", args=[one.item.credential_id]),
            _("Go on with the rotation"),
        )
        for one in rows
    ]


def _why(due: dues.Due) -> str:
    if due.knowers:
        names = ", ".join(knower.person.name for knower in due.knowers)
        return _("Known without authority by %(names)s.") % {"names": names}
    if not due.reports:
        return _("Opened in an emergency by %(name)s.") % {"name": due.emergencies[0].person.name}
    report = due.reports[0]
    return _("Reported by %(name)s: %(reason)s") % {"name": report.reported_by.name, "reason": report.reason}


def versions_to_note(person: Employee) -> list[Task]:
    """New versions that the person has not taken note of: one click for all."""
    owed = receipts.duties(person=person)
    if not owed:
        return []
    accounts = ", ".join(dict.fromkeys(duty.account.display for duty in owed[:3]))
    text = (
        _("%(accounts)s, and more. You need not open them.")
        if len(owed) > 3
        else _("%(accounts)s. You need not open it to say that you know.")
    )
    return [
        Task(
            _("New version"),
            "warn",
            ngettext("%(count)d secret was replaced", "%(count)d secrets were replaced", len(owed))
            % {"count": len(owed)},
            text % {"accounts": accounts},
            owed[0].since,
            reverse("credentials:noted"),
            _("I have taken note"),
            post=True,
        )
    ]


def stale_copies(person: Employee) -> list[Task]:
    """Changed on the platform, and the new one not in the vault: for PI and IT, and for who changed it."""
    standing = stale.standing()
    if not stale.sees_all(person):
        standing = standing.filter(reported_by=person)
    return [
        Task(
            _("Vault copy stale"),
            "danger",
            one.item.credential.account.display,
            _("%(name)s changed the password on the platform; the new one is not deposited yet: %(reason)s")
            % {"name": one.reported_by.name, "reason": one.reason},
            one.reported_at,
            reverse("credentials:credential", args=[one.item.credential_id]),
            _("See the account"),
        )
        for one in standing[:MOST]
    ]


def unfinished_rotations(person: Employee) -> list[Task]:
    """Verified, and the closing list is not done: one for an account, whose last list closes those before it."""
    if not entitlement.may_rotate(person):
        return []
    rows = list(rotation.unfinished()[:MOST])
    since = rotation.unfinished_since(rows)
    return [
        Task(
            _("To finish"),
            "warn",
            one.item.credential.account.display,
            _(
                "The new password is verified. Sessions, factors, recovery ways and apps are still to be looked at."
            ),
            since[one.item_id],
            reverse("credentials:rotate", args=[one.item.credential_id]),
            _("Go through the list"),
        )
        for one in rows
    ]


def ways_to_remove(person: Employee) -> list[Task]:
    """Telephones, passkeys, mailboxes and apps of people without custody, and private telephones and mailboxes."""
    if not entitlement.may_rotate(person):
        return []
    return [
        Task(
            _("Way in to remove") if one.lost else _private(one),
            "danger" if one.lost else "warn",
            one.way.account.display,
            _("Remove it on the platform, then take it off the list: %(what)s") % {"what": one.sentence},
            one.since,
            reverse("credentials:ways", args=[one.way.account_id]),
            _("See every way in"),
        )
        for one in ways.due()[:MOST]
    ]


def _private(due: ways.DueWay) -> str:
    mailbox = due.way.kind == ways.Kind.RECOVERY_MAILBOX
    return _("Private mailbox") if mailbox else _("Private phone")


def logins_to_deposit(person: Employee) -> list[Task]:
    """Accounts being set up whose login nobody has deposited, for who holds them."""
    held = Ground.objects.in_force().filter(custody__person=person).values("custody__account")
    current = SecretVersion.objects.filter(state=SecretVersion.State.CURRENT).values("item__credential")
    empty = (
        Credential.objects.filter(account__state=Account.State.PROVISIONING, account__in=held)
        .exclude(pk__in=current)
        .select_related("account__platform", "account__department")
    )
    return [
        Task(
            _("To set up"),
            "info",
            credential.account.display,
            _("It is approved. When its login and password are in the vault, it becomes active."),
            credential.created_at,
            reverse("credentials:deposit", args=[credential.pk]),
            _("Deposit the login"),
        )
        for credential in empty.order_by("created_at")[:MOST]
    ]


def roles_to_confirm(person: Employee) -> list[Task]:
    """Roles to be confirmed on accounts being set up, and removals to be confirmed anywhere."""
    if not entitlement.may_rotate(person):
        return []
    role = Custody.objects.filter(channel=Custody.Channel.PLATFORM_ROLE).select_related(
        "person", "account__platform"
    )
    present = role.filter(
        closed_at=None, present_confirmed_at=None, account__state=Account.State.PROVISIONING
    )
    gone = role.still_present().last_of_each()
    found = []
    for row in (*gone.order_by("closed_at")[:MOST], *present.order_by("opened_at")[:MOST]):
        if not platform_roles.may_confirm(person, row):
            continue
        leaving = row.closed_at is not None
        text = (
            _("Remove %(person)s there, then confirm it.")
            if leaving
            else _("Give %(person)s the role, then confirm it.")
        )
        found.append(
            Task(
                _("Still present") if leaving else _("Role to confirm"),
                "warn" if leaving else "info",
                row.account.display,
                text % {"person": row.person.name},
                row.closed_at or row.opened_at,
                reverse("credentials:custody"),
                _("See the roles"),
            )
        )
    return found
