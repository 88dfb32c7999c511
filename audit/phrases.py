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
    Verb.PLATFORM_SHIP: _("Added a platform"),
    Verb.ACCOUNT_IMPORT: _("Imported an account"),
    Verb.ACCOUNT_MERGE: _("Merged an imported row into an account"),
    Verb.ACCOUNT_OPEN: _("Opened an account"),
    Verb.ACCOUNT_ACTIVATE: _("Activated an account"),
    Verb.ACCOUNT_ATTEST: _("Attested an account"),
    Verb.ACCOUNT_DESCRIBE: _("Changed an account's description"),
    Verb.DESIGNATION_NAME_ACCOUNTS: _("Named the accounts of a designation"),
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
    Verb.REVIEW_PLAN: _("Planned an access review"),
    Verb.REVIEW_OPEN: _("Opened an access review"),
    Verb.REVIEW_LIST: _("Listed somebody's access for review"),
    Verb.REVIEW_KEEP: _("Kept somebody's access in a review"),
    Verb.REVIEW_REMOVE: _("Removed somebody's access in a review"),
    Verb.REVIEW_ESCALATE: _("Escalated a decision in a review"),
    Verb.REVIEW_WAIVE: _("Waived the end of a removal"),
    Verb.REVIEW_CLOSE: _("Closed an access review"),
    Verb.RECORDS_RECEIVE: _("Recorded a request for public records"),
    Verb.RECORDS_ANSWER: _("Answered a request for public records"),
    Verb.HOLD_PLACE: _("Placed a legal hold"),
    Verb.HOLD_RELEASE: _("Released a legal hold"),
    Verb.REQUEST_DRAFT: _("Drafted a request"),
    Verb.REQUEST_EDIT: _("Edited a request"),
    Verb.REQUEST_COMMENT: _("Commented on a request"),
    Verb.REQUEST_SUBMIT: _("Submitted a request"),
    Verb.REQUEST_ENDORSE: _("Endorsed a request"),
    Verb.REQUEST_DECLINE: _("Declined a request"),
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
