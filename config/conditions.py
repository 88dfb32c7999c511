"""The lines of Status that this room knows: database and role, mail, the daily run, the vault's keys, the backup."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audit import checkpoints, clock, condition, guards, roles, verified
from audit.actions import Verb
from audit.condition import Condition
from audit.models import Checkpoint, Entry
from credentials import keyring, startup
from employees import outbox

DAILY_AT_LEAST = timedelta(hours=26)
VERIFIED_AT_LEAST = timedelta(days=7)


def connect() -> None:
    """Register the lines."""
    condition.register("database", gettext_lazy("Database"), database, place=10)
    condition.register("database_role", gettext_lazy("Role in the database"), database_role, place=15)
    condition.register("mail", gettext_lazy("Mail"), mail, place=20)
    condition.register("daily", gettext_lazy("Daily run"), daily, place=30)
    condition.register("vault", gettext_lazy("Keys of the vault"), vault, place=40)
    condition.register("checkpoint", gettext_lazy("Checkpoint of the ledger"), checkpoint, place=50)
    condition.register("verified", gettext_lazy("Verification of the ledger"), verification, place=55)
    condition.register("backup", gettext_lazy("Backup"), backup, place=60)


def database() -> Condition:
    try:
        count = Entry.objects.order_by("-index").values_list("index", flat=True).first() or 0
    except DatabaseError:
        return Condition("does not answer", _("It does not answer."), _("Is its server running?"), fine=False)
    kind = "PostgreSQL" if connection.vendor == "postgresql" else "SQLite"
    return Condition(
        "ok", _("%(kind)s answers; %(count)d entries in the ledger.") % {"kind": kind, "count": count}
    )


def database_role() -> Condition:
    """Whether the service may do what it must to every table, and to append-only ones no more than add."""
    if connection.vendor != "postgresql":
        return Condition("ok", _("SQLite has no roles: whoever can write the file can change it."))
    role = roles.current()
    mend = _("Run `manage.py database_roles --app-role NAME --apply` as the role that migrates.")
    if missing := roles.too_little(role):
        text = _("The role %(role)s cannot work with these tables: %(tables)s.")
        return Condition("too little", text % {"role": role, "tables": ", ".join(missing)}, mend, fine=False)
    if list(roles.too_much(role)):
        text = _(
            "The role %(role)s could change what the ledger holds: nothing but checkpoints would show it."
        )
        # No outage, so no monitor is called: the page says it.
        return Condition("too much", text % {"role": role}, mend)
    return Condition(
        "ok", _("The role %(role)s reads and adds to append-only tables, and no more.") % {"role": role}
    )


def mail() -> Condition:
    state = outbox.state()
    if state.given_up:
        text = ngettext(
            "%(count)d mail was given up: the mail server refused it for a week, or its address.",
            "%(count)d mails were given up: the mail server refused them for a week, or their addresses.",
            state.given_up,
        ) % {"count": state.given_up}
        return Condition("failed", text, _("See below why, mend it, and send them again."), fine=False)
    if state.late:
        text = ngettext(
            "%(count)d mail waits although it could have gone.",
            "%(count)d mails wait although they could have gone.",
            state.late,
        ) % {"count": state.late}
        mend = _("Does `manage.py send_mail` run every minute? Does the mail server answer?")
        return Condition("late", text, mend, fine=False, since=state.oldest)
    if state.waiting:
        text = ngettext("%(count)d mail is on its way.", "%(count)d mails are on their way.", state.waiting)
        return Condition("ok", text % {"count": state.waiting}, since=state.oldest)
    return Condition("ok", _("Every mail has gone."))


def daily() -> Condition:
    last = Entry.objects.filter(verb=Verb.DAILY_RUN).order_by("-index").only("at", "canonical").first()
    if last is None:
        mend = _("Run `manage.py run_daily` once a day, by cron or a systemd timer.")
        return Condition("never ran", _("It has never run."), mend)
    failed = json.loads(last.canonical).get("data", {}).get("failed", [])
    if failed:
        text = _("Its last run could not do: %(steps)s.") % {"steps": ", ".join(failed).replace("_", " ")}
        mend = _("The log says why. Run it again when that is mended.")
        return Condition("failed", text, mend, fine=False, since=last.at)
    if clock.now() - last.at >= DAILY_AT_LEAST:
        mend = _("Does cron or the systemd timer call `manage.py run_daily`? Run it now: late does no harm.")
        return Condition("late", _("It has not run for more than a day."), mend, fine=False, since=last.at)
    return Condition("ok", _("It ran, and every step was done."), since=last.at)


def vault() -> Condition:
    try:
        startup.require_keys()
    except keyring.WrongKey as error:
        # Which keys are missing, by their ids; those tell nothing.
        mend = _("Put the right key file where VAULT_KEYS_FILE says, and run `manage.py check_vault`.")
        text = _("No password can be read: a key that sealed some is missing. %(which)s") % {"which": error}
        return Condition("wrong key", text, mend, fine=False)
    except keyring.VaultUnavailable:
        mend = _("Put the key file where VAULT_KEYS_FILE says; without it no password can be read.")
        return Condition("no keys", _("The key file is missing or cannot be used."), mend, fine=False)
    return Condition("ok", _("The key file is there, and it holds every key that sealed something."))


def checkpoint() -> Condition:
    """The last signed checkpoint: there, of these days, and continued by the ledger of now."""
    last = Checkpoint.objects.last()
    if why := next(guards.differences(), ""):
        mend = _("Find out who lifted it. Run `manage.py verify_ledger`.")
        return Condition("unguarded", _("In the database, %(why)s.") % {"why": why}, mend, fine=False)
    if last is None:
        return Condition("not watched", _("None was signed yet."), _("Run `manage.py checkpoint`."))
    if why := checkpoints.trouble():
        return Condition("wrong", why, _("Run `manage.py verify_ledger`."), fine=False, since=last.made_at)
    said = _("%(count)d entries are signed.") % {"count": last.size}
    if clock.now() - last.made_at > DAILY_AT_LEAST:
        return Condition("late", said, _("Does `manage.py run_daily` run?"), fine=False, since=last.made_at)
    return Condition("ok", said, since=last.made_at)


def verification() -> Condition:
    """When the whole ledger was last verified, and whether it was sound. The daily run does it."""
    last = verified.last()
    mend = _("Run `manage.py verify_ledger`, with a checkpoint that was kept outside.")
    if last is None:
        return Condition("never", _("It was never verified."), mend)
    if not last.sound:
        text = ngettext(
            "%(count)d finding in %(entries)d entries: something was changed behind this system, or a key is missing.",
            "%(count)d findings in %(entries)d entries: something was changed behind this system, or a key is missing.",
            last.findings,
        ) % {"count": last.findings, "entries": last.entries}
        return Condition(
            "unsound",
            text,
            _("Run `manage.py verify_ledger`: it names the first one."),
            fine=False,
            since=last.at,
        )
    said = _("%(count)d entries were verified, and they were sound.") % {"count": last.entries}
    if clock.now() - last.at > VERIFIED_AT_LEAST:
        return Condition("late", said, mend, fine=False, since=last.at)
    return Condition("ok", said, since=last.at)


def backup() -> Condition:
    """By the time of a file that the City's backup touches when it is done; this system makes no backup itself."""
    if not settings.BACKUP_STAMP_FILE:
        mend = _("Let the backup touch a file when it is done, and name it in BACKUP_STAMP_FILE.")
        return Condition("not watched", _("Nobody tells this system of backups."), mend)
    path = Path(settings.BACKUP_STAMP_FILE)
    mend = _("Look at the backup's own log.")
    if not path.exists():
        return Condition("missing", _("No backup has left its mark yet."), mend, fine=False)
    at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    if clock.now() - at >= timedelta(hours=settings.BACKUP_WITHIN_HOURS):
        return Condition("late", _("The last one is too old."), mend, fine=False, since=at)
    return Condition("ok", _("It was made."), since=at)
