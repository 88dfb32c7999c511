"""The kinds of request. What each brings about is in `approvals.effects`, its form in `approvals.steps`."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    NEW_ACCOUNT = "new_account", _("New account")
    ADOPT = "adopt", _("Adopt imported accounts")
    RENAME = "rename", _("Rename a handle")
    TRANSFER = "transfer", _("Transfer to another department")
    SUSPEND = "suspend", _("Suspend an account")
    REINSTATE = "reinstate", _("Reinstate an account")
    CLOSE = "close", _("Close an account")
    ACCESS = "access", _("Access for one more person")


CHANGES = (Kind.RENAME, Kind.TRANSFER, Kind.SUSPEND, Kind.REINSTATE, Kind.CLOSE)
"""Change one account: one such request at a time is open for it."""

ABOUT_ONE = (*CHANGES, Kind.ACCESS)
"""About one account that is in the registry."""

HELP = {
    Kind.NEW_ACCOUNT: _("An account that does not exist on the platform yet."),
    Kind.ADOPT: _("Accounts that came from a list: your department answers for them, all in one request."),
    Kind.RENAME: _("An account gets another handle; the earlier one is kept with its dates."),
    Kind.TRANSFER: _("Another department answers for an account from now on."),
    Kind.SUSPEND: _("An account rests for a while and is not in the directory."),
    Kind.REINSTATE: _("A suspended account is used again."),
    Kind.CLOSE: _("An account ends for good; all custody of it ends."),
    Kind.ACCESS: _("Somebody who is no designee gets access through a stated day."),
}
"""What each kind is for, in a sentence."""
