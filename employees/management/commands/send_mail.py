"""`manage.py send_mail`: send what lies in the outbox."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from employees import outbox


class Command(BaseCommand):
    help = (
        "Send the mails that wait. Run it every minute, or once with --every and let it run. What the mail server "
        "refuses is tried again later; exit 1 says that mails were given up."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--every", type=int, metavar="SECONDS", help="keep running, and look again after so many seconds"
        )
        parser.add_argument(
            "--again", action="store_true", help="first put back into the queue what was given up"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["again"]:
            self.stdout.write(f"{outbox.try_again(actor=None)} mails put back into the queue.")
        while True:
            done = outbox.deliver()
            if done.busy:
                self.stdout.write("Another process is sending already.")
            elif done.sent or done.again or done.failed or not options["every"]:
                self.stdout.write(
                    f"{done.sent} mails sent; {done.again} refused, to be tried again; {done.failed} given up."
                )
            if not options["every"]:
                break
            time.sleep(options["every"])
            close_old_connections()
        if done.failed:
            raise SystemExit(1)
