"""The login name of a credential: plain, without versions, and half of what opens the account."""

from __future__ import annotations

from audit.actions import Verb
from audit.errors import Invalid, NotPermitted
from audit.ledger import record, service
from credentials import entitlement
from credentials.models import Credential
from employees.models import Employee

LONGEST = 254


def checked(login: str) -> str:
    """`login` without spaces around it. Raises Invalid."""
    name = login.strip()
    if not name or len(name) > LONGEST or not name.isprintable():
        raise Invalid(
            "Type the login name of the account.",
            fields={"login": f"one line, at most {LONGEST} characters"},
        )
    return name


@service
def rename(*, actor: Employee, credential: Credential, login: str) -> bool:
    """Put the login name right, or write down the one that it has on the platform now. Gives whether it changed.

    It replaces no secret, so it settles nothing that is due, and it may be done while a rotation is open. Raises
    NotPermitted, Invalid.
    """
    if not (entitlement.may_rotate(actor) or entitlement.holds_account(actor, credential.account)):
        raise NotPermitted(
            "Only who holds this account, or Information Technology, can change its login name."
        )
    name = checked(login)
    credential = Credential.objects.select_for_update(no_key=True).get(pk=credential.pk)
    if credential.login == name:
        return False
    credential.login = name
    credential.save(update_fields=["login"])
    record(Verb.LOGIN_CHANGE, actor=actor, obj=credential)
    return True
