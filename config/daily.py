"""What happens by itself once a day. Safe to run twice or late: a late run never lengthens anyone's access."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from accounts import profiles
from approvals import attachments, deadlines
from audit import checkpoints, clock, security, verification, verified
from audit.actions import Verb
from audit.ledger import Ref, record, service
from audit.models import Entry
from config import digest
from credentials import custody, reviews
from credentials.reviews import deciding
from employees import services as people
from employees import sessions
from employees.models import Appointment, Designation, Role

SYSTEM = Ref("config.daily", "1", "Daily run")


logger = logging.getLogger(__name__)


@dataclass
class Done:
    """What one run did. `failed` names the steps that could not be done; the others were."""

    separated: int = 0
    opened: int = 0
    regrounded: int = 0
    closed: int = 0
    pruned: int = 0
    reviews_opened: int = 0
    reviews_escalated: int = 0
    reminded: int = 0
    escalated: int = 0
    warned: int = 0
    expired: int = 0
    files_removed: int = 0
    reviews: int = 0
    digests: int = 0
    verified: int = 0
    failed: list[str] = field(default_factory=list)
    checkpoint: int = 0
    """Entries that the checkpoint at the end covers. It covers the heartbeat, so that cannot tell of it."""


class Unsound(Exception):
    """The ledger is not whole, or the tables are not what it tells; the message is the first finding."""


def run() -> Done:
    """Every step, one after the other, then a heartbeat. A step that fails keeps none of the others from being done."""
    done = Done()
    for name, step in STEPS:
        try:
            step(done)
        except Exception:
            logger.exception("The daily run could not do: %s", name)
            done.failed.append(name)
    _heartbeat(done)
    _checkpoint(done)
    return done


def _checkpoint(done: Done) -> None:
    """Sign the day. Where that fails (no key, another history) the day's work stands all the same."""
    try:
        done.checkpoint = checkpoints.make(actor=None, occasion=Verb.DAILY_RUN.value).size
    except Exception:
        logger.exception("The daily run could not do: checkpoint")
        done.failed.append("checkpoint")


def _separate(done: Done) -> None:
    """Whose last day is over."""
    done.separated = len(people.separate_overdue(actor=None))


def _prune(done: Done) -> None:
    done.pruned = security.prune(actor=None)


def _sign_out(done: Done) -> None:
    sessions.end(whose_papers_ran_out())


def _requests(done: Done) -> None:
    nudged = deadlines.run()
    done.reminded, done.escalated = nudged.reminded, nudged.escalated
    done.warned, done.expired = nudged.warned, nudged.expired


def _files(done: Done) -> None:
    """Files that a killed process left beside no request."""
    done.files_removed = attachments.sweep()


def _profiles(done: Done) -> None:
    done.reviews = profiles.begin_yearly()


def _access_reviews(done: Done) -> None:
    """Open the access review whose day has come, and send up what its reviewers left undecided."""
    done.reviews_opened = int(reviews.open_due() is not None)
    done.reviews_escalated = deciding.escalate_overdue()


def _digests(done: Done) -> None:
    done.digests = digest.send_all()


def whose_papers_ran_out() -> set[int]:
    """People one of whose papers has run out since the last run: they sign in anew, as what they are now."""
    runs = Entry.objects.filter(verb=Verb.DAILY_RUN).order_by("-index").values_list("at", flat=True)
    # A run that could not sign out leaves its people to the next one.
    runs = runs.exclude(canonical__contains=f'"{SIGN_OUT}"')
    since, now = runs.first() or clock.now() - timedelta(days=1), clock.now()
    found: set[int] = set()
    for model, person in ((Appointment, "holder_id"), (Designation, "designee_id"), (Role, "holder_id")):
        over = model.objects.filter(effective_until__gt=since, effective_until__lte=now)
        found.update(over.values_list(person, flat=True))
    return found


def _verify(done: Done) -> None:
    """The whole ledger and the tables it tells of, so that it is known within a day when something was changed."""
    verdict = verification.verify()
    done.verified = verdict.entries
    verified.note(verdict, by=verified.DAILY_RUN, tables=True)
    if not verdict.sound:
        raise Unsound([*verdict.findings, *verdict.unguarded][0])


@service
def _custody(done: Done) -> None:
    """Bring custody up to date with papers that ran out or began."""
    changes = custody.reconcile_all(actor=None, reason="A paper ran out or began")
    done.opened, done.regrounded, done.closed = (
        len(changes.opened),
        len(changes.regrounded),
        len(changes.closed),
    )


@service
def _heartbeat(done: Done) -> None:
    told = {name: value for name, value in asdict(done).items() if name != "checkpoint"}
    record(Verb.DAILY_RUN, actor=None, obj=SYSTEM, **told)


SIGN_OUT = "sign_out"

STEPS: tuple[tuple[str, Callable[[Done], None]], ...] = (
    ("separate", _separate),
    ("prune", _prune),
    (SIGN_OUT, _sign_out),
    ("custody", _custody),
    ("requests", _requests),
    ("files", _files),
    ("profiles", _profiles),
    ("access reviews", _access_reviews),
    ("digests", _digests),  # after these: it tells what they found
    ("verification of the ledger", _verify),
)
