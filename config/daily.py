"""What happens by itself once a day. Safe to run twice or late: a late run never lengthens anyone's access."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from audit import security
from audit.actions import Verb
from audit.ledger import Ref, record, service
from credentials import custody
from employees import services as people

SYSTEM = Ref("config.daily", "1", "Daily run")


@dataclass
class Done:
    """What one run did."""

    separated: int = 0
    opened: int = 0
    regrounded: int = 0
    closed: int = 0
    pruned: int = 0


def run() -> Done:
    """Separate whose last day is over, bring custody up to date, thin out the security log, leave a heartbeat."""
    done = Done(separated=len(people.separate_overdue(actor=None)), pruned=security.prune(actor=None))
    _finish(done)
    return done


@service
def _finish(done: Done) -> None:
    changes = custody.reconcile_all(actor=None, reason="A paper ran out or began")
    done.opened, done.regrounded, done.closed = (
        len(changes.opened),
        len(changes.regrounded),
        len(changes.closed),
    )
    record(Verb.DAILY_RUN, actor=None, obj=SYSTEM, **asdict(done))
