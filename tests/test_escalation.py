"""No permission of Django's, no flag and no role alone brings anybody a secret, a decision, an export or a seat.

One person without any seat is given one thing at a time, and posts everything, at everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.db import transaction

from approvals.models import Decision
from approvals.transitions import Act
from audit.actions import Verb
from audit.models import Entry
from credentials.models import CredentialUserObjectPermission, Custody
from employees.models import Appointment, Designation, Employee, Role
from tests.cast import City, client_of, give_role
from tests.permission_scene import Scene
from tests.permission_table import TABLE
from tests.test_permission_matrix import Plain, no_pages, plain, quiet, things

__all__ = ["no_pages", "quiet"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet")]

POWERS = (
    Verb.SECRET_REVEAL,
    Verb.ROTATION_SHOW,
    Verb.EXPORT_START,
    Verb.EXPORT_COMPLETE,
    Verb.REQUEST_APPROVE,
    Verb.REQUEST_DENY,
    Verb.REQUEST_RETURN,
    Verb.REQUEST_ENDORSE,
    Verb.REQUEST_DECLINE,
    Verb.APPOINTMENT_CONFIRM,
    Verb.DESIGNATION_CONFIRM,
    Verb.ROLE_CONFIRM,
)
MAY: dict[str, set[Verb]] = {
    Role.Name.INFORMATION_TECHNOLOGY: {Verb.ROTATION_SHOW},
    Role.Name.PUBLIC_INFORMATION: set(),
    Role.Name.AUDITOR: {Verb.EXPORT_START, Verb.EXPORT_COMPLETE},
    Role.Name.CLERK: {Verb.APPOINTMENT_CONFIRM, Verb.DESIGNATION_CONFIRM, Verb.ROLE_CONFIRM},
}
"""What each role is there for; everything else must stay undone."""


DECIDES = (Act.APPROVE, Act.DENY, Act.RETURN, Act.ENDORSE, Act.DECLINE)


def standing(person: Employee) -> dict[str, Any]:
    """All that gives power: what `person` holds, and flags and decisions of anybody."""
    return {
        "a decision": Decision.objects.filter(act__in=DECIDES).count(),
        "a superuser": set(Employee.objects.filter(is_superuser=True).values_list("pk", flat=True)),
        "permissions": set(Employee.user_permissions.through.objects.values_list("employee", "permission")),
        "groups": set(Employee.groups.through.objects.values_list("employee", "group")),
        "object permissions": CredentialUserObjectPermission.objects.filter(user=person).count(),
        "custody": Custody.objects.filter(person=person, closed_at=None).count(),
        "a seat": Appointment.objects.in_force().filter(holder=person).count(),
        "a designation": Designation.objects.in_force().filter(designee=person).count(),
        "a role": Role.objects.in_force().filter(holder=person).count(),
        "employment": person.is_active,
    }


ELEVATING = {
    "is_superuser": "on",
    "is_staff": "on",
    "is_active": "on",
    "user_permissions": "1",
    "groups": "1",
}


def posts(scene: Scene, every: int, first: int) -> Iterator[tuple[str, dict[str, str]]]:
    """Each address with data that would do the act, and with flags that no form should read."""
    for place, row in enumerate(TABLE):
        if (place + first) % every:
            continue
        for of in ("zoo", "fire") if "{" in row.address else ("zoo",):
            named = things(scene, of)
            data = {name: value.format_map(named) for name, value in row.data.items()}
            yield row.address.format_map(named), {**ELEVATING, **data}


def post_everything(scene: Scene, client: Plain, *, every: int = 1, first: int = 0) -> list[str]:
    """Acts that gave power, each undone. `every` 1 is everything."""
    gained, before = [], standing(scene.people["noah"])
    last = Entry.objects.order_by("-index").values_list("index", flat=True)[0]
    for address, data in posts(scene, every, first):
        with transaction.atomic():
            client.post(address, data)
            after = standing(scene.people["noah"])
            done = set(Entry.objects.filter(index__gt=last, verb__in=POWERS).values_list("verb", flat=True))
            transaction.set_rollback(True)
        gained += [f"{address}: {verb}" for verb in sorted(done)]
        gained += [f"{address}: {name}" for name in before if before[name] != after[name]]
    return gained


def powerless(scene: Scene) -> Plain:
    """Noah, who works at the Fire Department and holds nothing."""
    return plain(scene, "noah")


BOUNDED, WHOLE = 9, 1
sizes = pytest.mark.parametrize("every", [BOUNDED, pytest.param(WHOLE, marks=pytest.mark.soak)])


@sizes
def test_no_single_permission_of_djangos_gives_power(scene: Scene, no_pages: Any, every: int) -> None:
    """Every permission that exists, granted globally, one at a time; each its own sample of the addresses."""
    no_pages()
    noah, client, gained = scene.people["noah"], powerless(scene), []
    sample = every * (12 if every == BOUNDED else 1)
    for place, permission in enumerate(Permission.objects.order_by("pk")):
        noah.user_permissions.set([permission])
        found = post_everything(scene, client, every=sample, first=place)
        gained += [f"{permission.codename} {one}" for one in found]
    assert gained == []


@sizes
def test_all_permissions_at_once_and_superuser_give_no_power(scene: Scene, no_pages: Any, every: int) -> None:
    no_pages()
    noah = scene.people["noah"]
    noah.user_permissions.set(Permission.objects.all())
    Employee.objects.filter(pk=noah.pk).update(is_superuser=True)
    assert post_everything(scene, powerless(scene), every=min(every, 2)) == []


@sizes
@pytest.mark.parametrize("name", Role.Name.values)
def test_a_role_gives_what_it_is_for_and_no_more(scene: Scene, no_pages: Any, name: str, every: int) -> None:
    no_pages()
    holder = scene.people["noah"]
    Role.objects.filter(holder=holder).delete()  # what waits to be confirmed
    give_role(holder, name, by=scene.city.dana, confirmed_by=scene.city.marcus)
    gained = post_everything(scene, powerless(scene), every=min(every, 2))
    if name == Role.Name.INFORMATION_TECHNOLOGY:  # the page that it works from, as a file; no other export
        gained = [one for one in gained if not one.startswith("/credentials/queue/export/: audit.export.")]
    verbs = {one.rpartition(": ")[2] for one in gained}
    assert verbs <= MAY[name], gained


@pytest.mark.parametrize("name", Role.Name.values)
def test_no_role_lets_its_holder_confirm_anything_for_themselves(city: City, name: str) -> None:
    give_role(city.noah, name, by=city.dana, confirmed_by=city.marcus)
    client = client_of(city.noah)
    data = {"name": "information_technology", "start": "2024-01-08", "instrument": "Memo 1"}
    assert client.post(f"/people/{city.noah.pk}/role/", data).status_code == 403
    assert Role.objects.filter(holder=city.noah).count() == 1


# An old session

WANTS_A_FACTOR = {
    *POWERS,
    Verb.ACCOUNT_ATTEST,
    Verb.AFFILIATION_ORDER,
    Verb.CODE_TAKE,
    Verb.DESIGNATION_CARRY,
    Verb.EMERGENCY_OPEN,
    Verb.EMERGENCY_REVIEW,
    Verb.EMERGENCY_SHOW,
    Verb.FACTOR_ASK_RESET,
    Verb.FACTOR_RESET,
    Verb.IMPOSTOR_DECIDE,
    Verb.NOTES_CHANGE,
    Verb.NOTES_SHOW,
    Verb.ROTATION_CANCEL,
    Verb.ROTATION_CLAIM,
    Verb.ROTATION_CLOSE,
    Verb.ROTATION_LOOK_BACK,
    Verb.ROTATION_LOSE,
    Verb.ROTATION_RECONCILE,
    Verb.ROTATION_START,
    Verb.ROTATION_TICK,
    Verb.ROTATION_VERIFY,
    Verb.SECRET_CORRECT,
    Verb.LOGIN_CHANGE,
    Verb.SECRET_DEPOSIT,
    Verb.WAY_END,
    Verb.WAY_RECORD,
}
"""Showing a secret, rotating, deciding, exporting, breaking glass, giving power: what no leftover session does."""

HOLD_SOMETHING = ("helen", "dana", "sam", "eleanor", "carla")


def done_by(scene: Scene, who: str, factor: Literal["fresh", "stale"]) -> set[Verb]:
    """What of it `who` gets done by posting everything, each undone."""
    cache.clear()
    client, done = Plain(), set()
    client.cookies = client_of(scene.people[who], factor=factor).cookies
    last = Entry.objects.order_by("-index").values_list("index", flat=True)[0]
    for row in TABLE:
        named = things(scene, "zoo")
        data = {name: value.format_map(named) for name, value in row.data.items()}
        with transaction.atomic():
            client.post(row.address.format_map(named), data)
            done |= set(
                Entry.objects.filter(index__gt=last, verb__in=WANTS_A_FACTOR).values_list("verb", flat=True)
            )
            transaction.set_rollback(True)
    return {Verb(verb) for verb in done}


def test_an_old_factor_does_nothing_that_counts_wherever_it_posts(scene: Scene, no_pages: Any) -> None:
    no_pages()
    assert {who: done_by(scene, who, "stale") for who in HOLD_SOMETHING} == {
        who: set() for who in HOLD_SOMETHING
    }


def test_a_factor_of_this_moment_does_them(scene: Scene, no_pages: Any) -> None:
    """The same posts, so that the test before this one is none that cannot fail."""
    no_pages()
    done = set().union(*(done_by(scene, who, "fresh") for who in ("dana", "sam", "carla", "eleanor")))
    assert done >= {
        Verb.SECRET_REVEAL,
        Verb.ROTATION_START,
        Verb.WAY_END,
        Verb.EXPORT_COMPLETE,
        Verb.ROLE_CONFIRM,
        Verb.IMPOSTOR_DECIDE,
    }, sorted(done)
