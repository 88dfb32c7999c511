"""What happens by itself once a day. Safe to run twice or late: a late run never lengthens anyone's access."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta

from audit import clock, security
from audit.actions import Verb
from audit.ledger import Ref, record, service
from audit.models import Entry
from credentials import custody, reviews
from credentials.reviews import deciding
from employees import services as people
from employees import sessions
from employees.models import Appointment, Designation, Role

SYSTEM = Ref("config.daily", "1", "Daily run")


@dataclass
class Done:
    """What one run did."""

    separated: int = 0
    opened: int = 0
    regrounded: int = 0
    closed: int = 0
    pruned: int = 0
    reviews_opened: int = 0
    reviews_escalated: int = 0


def run() -> Done:
    """Separate whose last day is over, bring custody up to date, thin out the security log, leave a heartbeat."""
    done = Done(separated=len(people.separate_overdue(actor=None)), pruned=security.prune(actor=None))
    sessions.end(whose_papers_ran_out())
    _review(done)
    _finish(done)
    return done


def _review(done: Done) -> None:
    """Open the access review whose day has come, and send up what its reviewers left undecided."""
    done.reviews_opened = int(reviews.open_due() is not None)
    done.reviews_escalated = deciding.escalate_overdue()


def whose_papers_ran_out() -> set[int]:
    """People one of whose papers has run out since the last run: they sign in anew, as what they are now."""
    runs = Entry.objects.filter(verb=Verb.DAILY_RUN).order_by("-index").values_list("at", flat=True)
    since, now = runs.first() or clock.now() - timedelta(days=1), clock.now()
    found: set[int] = set()
    for model, person in ((Appointment, "holder_id"), (Designation, "designee_id"), (Role, "holder_id")):
        over = model.objects.filter(effective_until__gt=since, effective_until__lte=now)
        found.update(over.values_list(person, flat=True))
    return found


@service
def _finish(done: Done) -> None:
    changes = custody.reconcile_all(actor=None, reason="A paper ran out or began")
    done.opened, done.regrounded, done.closed = (
        len(changes.opened),
        len(changes.regrounded),
        len(changes.closed),
    )
    record(Verb.DAILY_RUN, actor=None, obj=SYSTEM, **asdict(done))
