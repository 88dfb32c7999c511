"""Reports of accounts that pose as the City: taken without sign-in, answered by the PI Director.

Nothing here calls an account fake: parody exists, and is told apart by who looks at it.
"""

from __future__ import annotations

from django.db.models import QuerySet

from accounts import verifying
from accounts.models import ImpostorReport, Platform
from accounts.verifying import Answer
from audit import clock, text
from audit.actions import Verb
from audit.errors import Invalid, Stale
from audit.ledger import record, service
from employees import authority
from employees.models import Employee, Office, Role

OUTCOMES = ImpostorReport.Outcome
LONGEST_WORDS = 2000


def sees(person: Employee) -> bool:
    """Whether the person reads the reports: Public Information and the city-wide officers."""
    return authority.has_role(person, Role.Name.PUBLIC_INFORMATION) or authority.is_officer(person)


def decides(person: Employee) -> bool:
    """Whether the person answers them: the PI Director, or who acts for them."""
    return bool(authority.holds(person, Office.Kind.PI_DIRECTOR))


def waiting() -> QuerySet[ImpostorReport]:
    """Reports that nobody has answered, the oldest first."""
    return ImpostorReport.objects.filter(outcome=OUTCOMES.OPEN).order_by("received_at", "pk")


def confirmed() -> QuerySet[ImpostorReport]:
    """Reports of accounts that the PI Director found to pose as the City, the latest first."""
    return ImpostorReport.objects.filter(outcome=OUTCOMES.CONFIRMED).order_by("-decided_at", "pk")


@service
def report(*, actor: None, address: str, said: str = "") -> ImpostorReport:
    """A resident's report; nobody need sign in, so there is no actor. Raises Invalid.

    What was confirmed before is answered at once, with the same outcome.
    """
    address = text.clean_line(verifying.visible(address), field="address", max_length=500)
    verdict = verifying.verify(address)
    if verdict.answer is Answer.OFFICIAL and verdict.account is not None:
        reason = f"{verdict.account.display} is the City’s own account."
        raise Invalid(reason, fields={"address": reason})
    slug, key = verdict.identity or ("", "")
    row = ImpostorReport(
        address=address,
        said=text.clean_text(said, field="said", max_length=LONGEST_WORDS, blank=True),
        platform=Platform.objects.filter(slug=slug).first(),
        key=key,
        shown=verdict.shown[:500],
        resembles=verdict.resembles,
        received_at=clock.now(),
    )
    before = confirmed().filter(platform=row.platform, key=key).first() if key else None
    if before is not None:
        row.outcome, row.decided_by, row.decided_at = before.outcome, before.decided_by, row.received_at
    row.save()
    record(Verb.IMPOSTOR_REPORT, actor=None, obj=row, facts=[row])
    return row


@service
def decide(*, actor: Employee, report: ImpostorReport, outcome: str) -> list[ImpostorReport]:
    """Answer a report, and with it every open report of the same account. Raises NotPermitted, Invalid, Stale."""
    capacity = authority.holds(actor, Office.Kind.PI_DIRECTOR)
    authority.require(capacity, "Only the PI Director, or who acts for them, answers reports.")
    assert capacity is not None
    if outcome not in OUTCOMES.values or outcome == OUTCOMES.OPEN:
        raise Invalid("Say what you found.", fields={"outcome": "One of the answers."})
    same = ImpostorReport.objects.filter(outcome=OUTCOMES.OPEN)
    if report.key:
        same = same.filter(platform=report.platform, key=report.key)
    else:
        same = same.filter(pk=report.pk)
    ids = list(same.values_list("pk", flat=True))
    done = same.filter(pk__in=ids).update(outcome=outcome, decided_by=actor, decided_at=clock.now())
    if report.pk not in ids or done != len(ids):
        raise Stale("Somebody else has answered this report just now. Look again.")
    rows = list(ImpostorReport.objects.filter(pk__in=ids).order_by("pk"))
    for row in rows:
        record(
            Verb.IMPOSTOR_DECIDE,
            actor=actor,
            obj=row,
            facts=[row],
            outcome=outcome,
            capacity=capacity.as_data(),
        )
    return rows
