"""Importing a registry's list: one act for the whole file, so that it is in or it is not."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import Account, Platform
from accounts.planning import BATCH, Known, Plan, Progress, plan
from accounts.rows import Item, fold
from accounts.services import Draft, write
from accounts.signals import accounts_opened
from accounts.tables import Table
from audit import clock
from audit.actions import Verb
from audit.errors import Invalid
from audit.ledger import Ref, record, service
from employees import authority
from employees.models import Department, Employee, Role
from employees.services import create_departments


class Rejected(Invalid):
    """Rows cannot be imported, and nothing was. `plan.problems` says which and why."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        super().__init__(
            f"{len(plan.rejected)} of {plan.rows} rows cannot be imported; nothing was.",
            fields={f"line {problem.line}, {problem.field}": problem.reason for problem in plan.problems},
        )


@service
def import_rows(
    *, actor: Employee | None, table: Table, skip_invalid: bool = False, progress: Progress | None = None
) -> Plan:
    """Bring the accounts of `table` into the registry: active, and awaiting the PI Director's attestation.

    Agencies become departments where they don't exist; the first is responsible, the account is also for the others.
    A row about an account that is there adds what was empty and changes nothing else. Done again, it changes nothing
    and records nothing. Raises Rejected (unless `skip_invalid`), NotPermitted.
    """
    if actor is not None:
        authority.require(
            authority.is_officer(actor) or authority.has_role(actor, Role.Name.PUBLIC_INFORMATION),
            "Lists of accounts are imported by a city-wide officer or by Public Information.",
        )
    made = plan(table.rows, progress=progress)
    if made.problems and not skip_invalid:
        raise Rejected(made)
    if made.nothing:
        return made
    if made.departments:
        create_departments(actor=actor, departments=made.departments)
    departments = {fold(key): row for row in Department.objects.all() for key in (row.code, row.name)}
    opened = _open(actor, made.new, departments)
    _complete(actor, made.changed, departments)
    record(
        Verb.REGISTRY_IMPORT,
        actor=actor,
        obj=Ref("accounts.registry", table.sha256[:40], table.name),
        sha256=table.sha256,
        rows=made.rows,
        opened=len(opened),
        completed=len(made.changed),
        merged=len(made.merged),
        rejected=len(made.rejected),
        departments=len(made.departments),
    )
    if opened:
        accounts_opened.send(Account, actor=actor, accounts=opened, reason=f"Imported from {table.name}")
    return made


def _open(actor: Employee | None, items: Sequence[Item], departments: dict[str, Department]) -> list[Account]:
    platforms = {platform.slug: platform for platform in Platform.objects.all()}
    now = clock.now()
    drafts = [
        Draft(
            Account(
                platform=platforms[item.spec.slug],
                handle=item.identity.handle,
                key=item.identity.key,
                url=item.identity.url,
                platform_account_id=item.platform_account_id,
                name=item.name,
                department=departments[fold(item.agencies[0])],
                contacts=item.contacts,
                tags=item.tags,
                listed_at=item.listed_at,
                changed_at=item.changed_at,
                state=Account.State.ACTIVE,
                origin=Account.Origin.IMPORT,
                activated_at=now,
                created_at=now,
                **item.texts,
            ),
            [departments[fold(agency)] for agency in item.agencies[1:]],
        )
        for item in items
    ]
    written = write(drafts)
    for item, (account, handle) in zip(items, written, strict=True):
        record(
            Verb.ACCOUNT_IMPORT,
            actor=actor,
            obj=account,
            facts=[account, handle],
            lines=item.lines,
            department=account.department.name,
            also_for=[departments[fold(agency)].name for agency in item.agencies[1:]],
        )
    return [account for account, _handle in written]


def _complete(actor: Employee | None, changed: Sequence[Known], departments: dict[str, Department]) -> None:
    """Write what the file adds to accounts that are there, in batches."""
    for known in changed:
        for column, content in known.changes.items():
            setattr(known.account, column, content)
    columns = sorted({column for known in changed for column in known.changes})
    if columns:
        Account.objects.bulk_update([known.account for known in changed], columns, batch_size=BATCH // 4)
    Account.also_for.through.objects.bulk_create(
        Account.also_for.through(account_id=known.account.pk, department_id=departments[fold(agency)].pk)
        for known in changed
        for agency in known.also_for
    )
    for known in changed:
        record(
            Verb.ACCOUNT_MERGE,
            actor=actor,
            obj=known.account,
            facts=[known.account],
            lines=known.lines,
            fields=sorted(known.changes),
            also_for=known.also_for,
        )
