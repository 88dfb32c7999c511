"""Every verb that the ledger knows, as `room.object.act`.

A verb that is not here cannot be recorded, and a test fails for one that no service records.
"""

from enum import StrEnum


class Verb(StrEnum):
    """What was done. Stored in entries for ever: a verb is added, never renamed or reused."""

    # audit
    INSTALLATION_CREATE = "audit.installation.create"
    ACCESS_DENY = "audit.access.deny"
    EXPORT_START = "audit.export.start"
    EXPORT_COMPLETE = "audit.export.complete"

    # employees
    DEPARTMENT_CREATE = "employees.department.create"
    OFFICE_CREATE = "employees.office.create"
    EMPLOYEE_HIRE = "employees.employee.hire"
    EMPLOYEE_REHIRE = "employees.employee.rehire"
    EMPLOYEE_CHANGE = "employees.employee.change"
    EMPLOYEE_TRANSFER = "employees.employee.transfer"
    EMPLOYEE_MISS = "employees.employee.miss"
    EMPLOYEE_SET_LAST_DAY = "employees.employee.set_last_day"
    EMPLOYEE_SEPARATE = "employees.employee.separate"
    APPOINTMENT_RECORD = "employees.appointment.record"
    APPOINTMENT_CONFIRM = "employees.appointment.confirm"
    APPOINTMENT_REFUSE = "employees.appointment.refuse"
    APPOINTMENT_END = "employees.appointment.end"
    DESIGNATION_RECORD = "employees.designation.record"
    DESIGNATION_CONFIRM = "employees.designation.confirm"
    DESIGNATION_REFUSE = "employees.designation.refuse"
    DESIGNATION_CARRY = "employees.designation.carry"
    DESIGNATION_END = "employees.designation.end"
    ROLE_RECORD = "employees.role.record"
    ROLE_CONFIRM = "employees.role.confirm"
    ROLE_REFUSE = "employees.role.refuse"
    ROLE_END = "employees.role.end"
    FACTOR_ASK_RESET = "employees.factor.ask_reset"
    FACTOR_RESET = "employees.factor.reset"
    SEATS_FIRST = "employees.seats.first"
    PERSONNEL_IMPORT = "employees.personnel.import"

    # accounts
    PLATFORM_SHIP = "accounts.platform.ship"
    ACCOUNT_IMPORT = "accounts.account.import"
    ACCOUNT_MERGE = "accounts.account.merge"
    ACCOUNT_OPEN = "accounts.account.open"
    ACCOUNT_ACTIVATE = "accounts.account.activate"
    ACCOUNT_ATTEST = "accounts.account.attest"
    ACCOUNT_DESCRIBE = "accounts.account.describe"
    DESIGNATION_NAME_ACCOUNTS = "accounts.designation.name_accounts"
    REGISTRY_IMPORT = "accounts.registry.import"

    # credentials
    CREDENTIAL_CREATE = "credentials.credential.create"
    CUSTODY_OPEN = "credentials.custody.open"
    CUSTODY_REGROUND = "credentials.custody.reground"
    CUSTODY_CLOSE = "credentials.custody.close"
    CUSTODY_CONFIRM_ROLE = "credentials.custody.confirm_role"
    CUSTODY_CONFIRM_REMOVAL = "credentials.custody.confirm_removal"
    GRANT_GIVE = "credentials.grant.give"
    GRANT_END = "credentials.grant.end"
    SECRET_DEPOSIT = "credentials.secret.deposit"  # noqa: S105
    SECRET_REVEAL = "credentials.secret.reveal"  # noqa: S105
    REVEAL_ALERT = "credentials.reveal.alert"
    KNOWLEDGE_DECLARE = "credentials.knowledge.declare"
    ROTATION_REPORT = "credentials.rotation.report"
    ROTATION_START = "credentials.rotation.start"
    ROTATION_SHOW = "credentials.rotation.show"
    ROTATION_CLAIM = "credentials.rotation.claim"
    ROTATION_VERIFY = "credentials.rotation.verify"
    ROTATION_CANCEL = "credentials.rotation.cancel"

    REVIEW_PLAN = "credentials.review.plan"
    REVIEW_OPEN = "credentials.review.open"
    REVIEW_LIST = "credentials.review.list"
    REVIEW_KEEP = "credentials.review.keep"
    REVIEW_REMOVE = "credentials.review.remove"
    REVIEW_ESCALATE = "credentials.review.escalate"
    REVIEW_WAIVE = "credentials.review.waive"
    REVIEW_CLOSE = "credentials.review.close"
    RECORDS_RECEIVE = "credentials.records.receive"
    RECORDS_ANSWER = "credentials.records.answer"
    HOLD_PLACE = "credentials.hold.place"
    HOLD_RELEASE = "credentials.hold.release"

    # approvals
    REQUEST_DRAFT = "approvals.request.draft"
    REQUEST_EDIT = "approvals.request.edit"
    REQUEST_SUBMIT = "approvals.request.submit"
    REQUEST_ENDORSE = "approvals.request.endorse"
    REQUEST_DECLINE = "approvals.request.decline"
    REQUEST_APPROVE = "approvals.request.approve"
    REQUEST_RETURN = "approvals.request.return"
    REQUEST_DENY = "approvals.request.deny"
    REQUEST_WITHDRAW = "approvals.request.withdraw"
    REQUEST_FULFIL = "approvals.request.fulfil"
    REQUEST_COMMENT = "approvals.request.comment"

    # config
    DAILY_RUN = "config.daily.run"
