"""`manage.py run_daily`: what happens by itself once a day."""

from typing import Any

from django.core.management.base import BaseCommand

from config import daily
from employees import outbox


class Command(BaseCommand):
    help = (
        "Separate people whose last day is over, bring custody up to date with papers that ran out or began, remind "
        "of requests, escalate what is overdue, let expire what was forgotten, write each person's digest on working "
        "days, verify the ledger and sign it, send the mail, and leave a heartbeat. Run it once a day; twice or late "
        "does no harm. Exits 1 when a step failed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        done = daily.run()
        self.stdout.write(
            f"{done.separated} people separated; {done.opened} custodies opened, {done.regrounded} put on other "
            f"grounds, {done.closed} closed; {done.pruned} old counts of the security log thrown away.\n"
            f"Requests: {done.reminded} reminders, {done.escalated} escalated, {done.warned} warned of expiry, "
            f"{done.expired} expired. {done.reviews} profile reviews opened; {done.reviews_opened} access reviews "
            f"opened, {done.reviews_escalated} overdue decisions sent up. {done.digests} digests written.\n"
            f"{done.verified} entries of the ledger verified. Checkpoint of {done.checkpoint} entries."
        )
        sent = outbox.deliver()
        self.stdout.write(f"{sent.sent} mails sent, {sent.again} to be tried again, {sent.failed} given up.")
        if done.failed:
            self.stderr.write(f"Not done: {', '.join(done.failed)}. The log says why.")
            raise SystemExit(1)
