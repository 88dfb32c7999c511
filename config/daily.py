"""What happens by itself once a day. Safe to run twice or late: a late run never lengthens anyone's access."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from datetime import timedelta

from audit import checkpoints, clock, security
from audit.actions import Verb
from audit.errors import Refused
from audit.ledger import Ref, record, service
from audit.models import Entry
from credentials import custody
from employees import services as people
from employees import sessions
from employees.models import Appointment, Designation, Role

logger = logging.getLogger(__name__)

SYSTEM = Ref("config.daily", "1", "Daily run")


@dataclass
class Done:
    """What one run did."""

    separated: int = 0
    opened: int = 0
    regrounded: int = 0
    closed: int = 0
    pruned: int = 0
    checkpoint: str = ""
    """What was signed at the end, or why nothing was. After the heartbeat, so no part of it."""


def run() -> Done:
    """Separate whose last day is over, bring custody up to date, thin out the security log, leave a heartbeat."""
    done = Done(separated=len(people.separate_overdue(actor=None)), pruned=security.prune(actor=None))
    sessions.end(whose_papers_ran_out())
    _finish(done)
    done.checkpoint = _checkpoint()
    return done


def _checkpoint() -> str:
    """The day's checkpoint. Where none can be signed the day's work stands all the same, and the run says why."""
    try:
        return f"checkpoint of {checkpoints.make(actor=None, occasion=Verb.DAILY_RUN.value).size} entries"
    except Refused as refusal:
        logger.error("No checkpoint was signed: %s", refusal)
        return f"NO CHECKPOINT: {refusal}"


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
    told = asdict(done)
    del told["checkpoint"]
    record(Verb.DAILY_RUN, actor=None, obj=SYSTEM, **told)
