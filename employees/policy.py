"""Publishing the Social Media Policy, acknowledging it, and asking who has.

Policy, Administrative Policy, fourth bullet: whoever represents the City there does so in accordance with its
policies; so those proposed for an account are shown with whether they have acknowledged the policy in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from django.utils.translation import gettext as _

from audit import clock
from audit.actions import Verb
from audit.errors import Invalid, Refused, Stale
from audit.ledger import record, service
from audit.text import clean_line, clean_text
from employees import authority, clauses
from employees.models import Acknowledgement, Employee, Office, PolicyVersion

LONGEST = 200_000


@service
def publish_policy(*, actor: Employee | None, title: str, text: str, effective: date) -> PolicyVersion:
    """A new version, in force from `effective`. By the PI Director, or by whoever runs the server (`actor=None`).

    Raises NotPermitted, Refused (the same text is the latest already), Invalid (no clause can be read, two clauses
    share a number, or it would be in force before the latest version).
    """
    if actor is not None:
        authority.require(
            authority.holds(actor, Office.Kind.PI_DIRECTOR), _("Only the PI Director publishes the policy.")
        )
    title = clean_line(title, field="title", max_length=200)
    text = clean_text(text, field="text", max_length=LONGEST)
    sections = clauses.read(text)
    if not sections:
        raise Invalid(_("The text has no clause."), fields={"text": _("headings and paragraphs")})
    if twice := clauses.repeated(sections):
        raise Invalid(
            _("Two clauses have the same number: {numbers}.").format(numbers=", ".join(twice)),
            fields={"text": _("each number once")},
        )
    latest = PolicyVersion.objects.order_by("-number").first()
    digest = PolicyVersion.digest_of(text)
    if latest is not None and (latest.digest, latest.title, latest.effective) == (digest, title, effective):
        raise Refused(_("This is {version} already, word for word.").format(version=latest))
    if latest is not None and effective < latest.effective:
        raise Invalid(
            _("{version} is in force from {day}; a later version cannot begin before it.").format(
                version=latest, day=latest.effective
            ),
            fields={"effective": _("{day} or later").format(day=latest.effective)},
        )
    version = PolicyVersion.objects.create(
        number=latest.number + 1 if latest else 1,
        title=title,
        text=text,
        digest=digest,
        effective=effective,
        published_at=clock.now(),
        published_by=actor,
    )
    record(Verb.POLICY_PUBLISH, actor=actor, obj=version, facts=[version])
    return version


@service
def acknowledge(*, actor: Employee, version: PolicyVersion) -> Acknowledgement:
    """`actor` has read `version`, the one in force. Doing it twice is no error and changes nothing.

    Raises NotPermitted (not employed now), Stale (another version is in force by now).
    """
    authority.require(actor.is_active, _("Only people who work for the City acknowledge its policy."))
    if in_force() != version:
        raise Stale(_("Another version of the policy is in force by now. Read that one."))
    made = Acknowledgement.objects.filter(version=version, person=actor).first()
    if made is None:
        made = Acknowledgement.objects.create(version=version, person=actor, at=clock.now())
        record(Verb.POLICY_ACKNOWLEDGE, actor=actor, obj=version, facts=[made])
    return made


def in_force(on: date | None = None) -> PolicyVersion | None:
    """The version in force on a day (today); None where none was published."""
    return PolicyVersion.objects.in_effect(on).first()


def coming() -> PolicyVersion | None:
    """The next version that is published and not in force yet."""
    return PolicyVersion.objects.filter(effective__gt=clock.today()).order_by("effective", "-number").first()


def sections_of(version: PolicyVersion) -> list[clauses.Section]:
    """The text as sections with slugs and clauses with anchors, for a page and for whoever cites a clause."""
    return clauses.read(version.text)


def acknowledged(people: Iterable[Employee | int]) -> dict[int, datetime | None]:
    """For each of `people` (or their ids) when they acknowledged the version in force, or None. Two queries.

    With no version published nobody can have: everybody is None.
    """
    ids = [one if isinstance(one, int) else one.pk for one in people]
    found: dict[int, datetime | None] = dict.fromkeys(ids)
    version = in_force()
    if version is not None and ids:
        rows = Acknowledgement.objects.filter(version=version, person__in=ids)
        found.update(rows.values_list("person", "at"))
    return found


def has_acknowledged(person: Employee) -> bool:
    """Whether `person` acknowledged the version in force; True where none was published: nothing is owed."""
    version = in_force()
    return version is None or Acknowledgement.objects.filter(version=version, person=person).exists()


def altered_texts() -> Iterator[str]:
    """Versions whose text is not the one that the ledger knows by its digest."""
    for version in PolicyVersion.objects.order_by("number").iterator():
        if PolicyVersion.digest_of(version.text) != version.digest:
            yield f"employees.policyversion {version.pk}: the text differs from its digest"
