"""Verbs as people say them: “Revealed the password”. A test holds that every verb has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from audit.actions import Verb

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PHRASES: dict[Verb, StrOrPromise] = {
    Verb.INSTALLATION_CREATE: _("Installed the system"),
    Verb.ACCESS_DENY: _("Was turned away"),
    Verb.EXPORT_START: _("Began an export"),
    Verb.EXPORT_COMPLETE: _("Completed an export"),
    Verb.DEPARTMENT_CREATE: _("Added a department"),
    Verb.OFFICE_CREATE: _("Added an office"),
    Verb.EMPLOYEE_HIRE: _("Recorded that somebody was hired"),
    Verb.EMPLOYEE_REHIRE: _("Recorded that somebody was hired again"),
    Verb.EMPLOYEE_CHANGE: _("Changed what is recorded of somebody"),
    Verb.EMPLOYEE_TRANSFER: _("Recorded a transfer"),
    Verb.EMPLOYEE_MISS: _("Found somebody missing from the personnel file"),
    Verb.EMPLOYEE_SET_LAST_DAY: _("Recorded a last day"),
    Verb.EMPLOYEE_SEPARATE: _("Separated somebody"),
    Verb.APPOINTMENT_RECORD: _("Recorded an appointment"),
    Verb.APPOINTMENT_CONFIRM: _("Confirmed an appointment"),
    Verb.APPOINTMENT_REFUSE: _("Refused an appointment"),
    Verb.APPOINTMENT_END: _("Ended an appointment"),
    Verb.DESIGNATION_RECORD: _("Recorded a designation"),
    Verb.DESIGNATION_CONFIRM: _("Confirmed a designation"),
    Verb.DESIGNATION_REFUSE: _("Refused a designation"),
    Verb.DESIGNATION_CARRY: _("Carried a designation over"),
    Verb.DESIGNATION_END: _("Ended a designation"),
    Verb.ROLE_RECORD: _("Recorded a role"),
    Verb.ROLE_CONFIRM: _("Confirmed a role"),
    Verb.ROLE_REFUSE: _("Refused a role"),
    Verb.ROLE_END: _("Ended a role"),
    Verb.FACTOR_ASK_RESET: _("Asked to reset a second factor"),
    Verb.FACTOR_RESET: _("Reset a second factor"),
    Verb.SEATS_FIRST: _("Seated the first officers"),
    Verb.PERSONNEL_IMPORT: _("Imported a personnel file"),
    Verb.MAIL_REQUEUE: _("Put failed mails back into the queue"),
    Verb.POLICY_PUBLISH: _("Published a version of the policy"),
    Verb.POLICY_ACKNOWLEDGE: _("Acknowledged the policy"),
    Verb.PLATFORM_SHIP: _("Added a platform"),
    Verb.ACCOUNT_IMPORT: _("Imported an account"),
    Verb.ACCOUNT_MERGE: _("Merged an imported row into an account"),
    Verb.ACCOUNT_OPEN: _("Opened an account"),
    Verb.ACCOUNT_ACTIVATE: _("Activated an account"),
    Verb.ACCOUNT_ATTEST: _("Attested an account"),
    Verb.ACCOUNT_DESCRIBE: _("Changed an account's description"),
    Verb.PROFILE_BEGIN: _("Began a profile review"),
    Verb.PROFILE_ANSWER: _("Said how a profile looks"),
    Verb.PROFILE_COMPLETE: _("Confirmed that a profile follows the policy"),
    Verb.AFFILIATION_RECORD: _("Recorded a group or page"),
    Verb.AFFILIATION_ORDER: _("Ordered a group or page undone"),
    Verb.AFFILIATION_UNDO: _("Confirmed a group or page undone"),
    Verb.AFFILIATION_SEE: _("Looked at the week's groups and pages"),
    Verb.ACCOUNT_ADOPT: _("Adopted an imported account"),
    Verb.ACCOUNT_RENAME: _("Renamed an account"),
    Verb.ACCOUNT_TRANSFER: _("Transferred an account to another department"),
    Verb.ACCOUNT_SUSPEND: _("Suspended an account"),
    Verb.ACCOUNT_REINSTATE: _("Reinstated an account"),
    Verb.ACCOUNT_RETIRE: _("Closed an account"),
    Verb.DESIGNATION_NAME_ACCOUNTS: _("Named the accounts of a designation"),
    Verb.NEIGHBOUR_ADD: _("Listed somebody else’s account as a known neighbour"),
    Verb.NEIGHBOUR_REMOVE: _("Took an account off the list of known neighbours"),
    Verb.IMPOSTOR_REPORT: _("Received a report of an account that poses as the City"),
    Verb.IMPOSTOR_DECIDE: _("Answered a report of an account that poses as the City"),
    Verb.REGISTRY_IMPORT: _("Imported a list of accounts"),
    Verb.CREDENTIAL_CREATE: _("Opened a place in the vault"),
    Verb.CUSTODY_OPEN: _("Opened custody"),
    Verb.CUSTODY_REGROUND: _("Put custody on other grounds"),
    Verb.CUSTODY_CLOSE: _("Closed custody"),
    Verb.CUSTODY_CONFIRM_ROLE: _("Confirmed a role on the platform"),
    Verb.CUSTODY_CONFIRM_REMOVAL: _("Confirmed a removal on the platform"),
    Verb.GRANT_GIVE: _("Gave access by an approved request"),
    Verb.GRANT_END: _("Ended access by an approved request"),
    Verb.SECRET_DEPOSIT: _("Deposited a password"),
    Verb.SECRET_REVEAL: _("Revealed a password"),
    Verb.REVEAL_ALERT: _("Revealed passwords of many accounts: an alert"),
    Verb.KNOWLEDGE_DECLARE: _("Declared that somebody was told a password"),
    Verb.ROTATION_REPORT: _("Reported a password"),
    Verb.ROTATION_START: _("Started a rotation"),
    Verb.ROTATION_SHOW: _("Was shown the passwords of a rotation"),
    Verb.ROTATION_CLAIM: _("Said that the password is changed on the platform"),
    Verb.ROTATION_VERIFY: _("Verified a rotation"),
    Verb.ROTATION_CANCEL: _("Cancelled a rotation"),
    Verb.REQUEST_DRAFT: _("Drafted a request"),
    Verb.REQUEST_EDIT: _("Edited a request"),
    Verb.REQUEST_REMIND: _("Reminded of a request that is due"),
    Verb.REQUEST_ESCALATE: _("Escalated an overdue request"),
    Verb.REQUEST_WARN: _("Warned that a request expires"),
    Verb.REQUEST_EXPIRE: _("Let a request expire"),
    Verb.REQUEST_COMMENT: _("Commented on a request"),
    Verb.REQUEST_ATTACH: _("Attached a file to a request"),
    Verb.REQUEST_SUBMIT: _("Submitted a request"),
    Verb.REQUEST_ENDORSE: _("Endorsed a request"),
    Verb.REQUEST_DECLINE: _("Declined a request"),
    Verb.REQUEST_TAKE: _("Took the review of a request"),
    Verb.REQUEST_APPROVE: _("Approved a request"),
    Verb.REQUEST_RETURN: _("Returned a request for changes"),
    Verb.REQUEST_DENY: _("Denied a request"),
    Verb.REQUEST_WITHDRAW: _("Withdrew a request"),
    Verb.REQUEST_FULFIL: _("Fulfilled a request"),
    Verb.DAILY_RUN: _("Ran the daily work"),
}


def spoken(verb: str) -> str:
    """`verb` as people say it; itself where this version of the software doesn't know it any more."""
    try:
        return str(PHRASES[Verb(verb)])
    except (ValueError, KeyError):
        return verb
