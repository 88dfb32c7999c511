"""`manage.py export_entries`: entries of the ledger as a file, found as on the page."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import when
from audit.actions import Verb
from audit.errors import Invalid
from credentials import entryfiles, entrysearch
from credentials.management import delivery


class Command(BaseCommand):
    help = (
        "Write what happened: entries of the ledger in their order, each with its text and its leaf, as a table. The "
        "export is recorded in the ledger, and a manifest lies beside the file. What a checkpoint signs is written by "
        "export_ledger."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        delivery.add_arguments(parser)
        parser.add_argument(
            "--actor", metavar="WHO", default="", help="work e-mail, employee number, name, or `system`"
        )
        parser.add_argument(
            "--object",
            metavar="WHAT",
            default="",
            help="platform:handle, a person as above, or a part of a name",
        )
        parser.add_argument(
            "--act",
            choices=[verb.value for verb in Verb],
            metavar="VERB",
            default="",
            help="as it is in entries",
        )
        parser.add_argument("--since", metavar="WHEN", help="at or after this time; a day means its start")
        parser.add_argument("--until", metavar="WHEN", help="at or before this time; a day means its end")

    def handle(self, *args: Any, **options: Any) -> None:
        since, until = options["since"], options["until"]
        try:
            wanted = entrysearch.Wanted(
                actor=options["actor"].strip(),
                object=options["object"].strip(),
                verb=options["act"],
                since=when.parse(since, edge="start", field="--since") if since else None,
                until=when.parse(until, edge="end", field="--until") if until else None,
            )
        except Invalid as error:
            raise CommandError(str(error), returncode=2) from None
        if wanted.since and wanted.until and wanted.until < wanted.since:
            raise CommandError("--until lies before --since.", returncode=2)
        found = entrysearch.search(wanted)
        delivery.deliver(
            write=partial(
                entryfiles.write, actor=None, found=found, filters=wanted.as_data(), form=options["format"]
            ),
            count=found.count,
            form=options["format"],
            output=options["output"],
            say=self.stdout.write,
        )
