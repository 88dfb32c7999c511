"""`manage.py run_daily`: what happens by itself once a day."""

from typing import Any

from django.core.management.base import BaseCommand

from config import daily


class Command(BaseCommand):
    help = (
        "Separate people whose last day is over, bring custody up to date with papers that ran out or began, and leave "
        "a heartbeat. Run it once a day; twice or late does no harm."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        done = daily.run()
        self.stdout.write(
            f"{done.separated} people separated; {done.opened} custodies opened, {done.regrounded} put on other "
            f"grounds, {done.closed} closed; {done.pruned} old counts of the security log thrown away; "
            f"{done.checkpoint}."
        )
