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
    MAIL_REQUEUE = "employees.mail.requeue"
    POLICY_PUBLISH = "employees.policy.publish"
    POLICY_ACKNOWLEDGE = "employees.policy.acknowledge"

    # accounts
    PLATFORM_SHIP = "accounts.platform.ship"
    ACCOUNT_IMPORT = "accounts.account.import"
    ACCOUNT_MERGE = "accounts.account.merge"
    ACCOUNT_OPEN = "accounts.account.open"
    ACCOUNT_ACTIVATE = "accounts.account.activate"
    ACCOUNT_ATTEST = "accounts.account.attest"
    ACCOUNT_DESCRIBE = "accounts.account.describe"
    PROFILE_BEGIN = "accounts.profile.begin"
    PROFILE_ANSWER = "accounts.profile.answer"
    PROFILE_COMPLETE = "accounts.profile.complete"
    AFFILIATION_RECORD = "accounts.affiliation.record"
    AFFILIATION_ORDER = "accounts.affiliation.order"
    AFFILIATION_UNDO = "accounts.affiliation.undo"
    AFFILIATION_SEE = "accounts.affiliation.see"
    DESIGNATION_NAME_ACCOUNTS = "accounts.designation.name_accounts"
    NEIGHBOUR_ADD = "accounts.neighbour.add"
    NEIGHBOUR_REMOVE = "accounts.neighbour.remove"
    IMPOSTOR_REPORT = "accounts.impostor.report"
    IMPOSTOR_DECIDE = "accounts.impostor.decide"
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
    REQUEST_REMIND = "approvals.request.remind"
    REQUEST_ESCALATE = "approvals.request.escalate"
    REQUEST_WARN = "approvals.request.warn"
    REQUEST_EXPIRE = "approvals.request.expire"
    REQUEST_COMMENT = "approvals.request.comment"

    # config
    DAILY_RUN = "config.daily.run"
