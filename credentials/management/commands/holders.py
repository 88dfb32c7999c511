"""`manage.py holders`: who was entitled, who had revealed, who knew the password, at a moment."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import services as accounts
from accounts.models import Account
from audit import canonical, clock, when
from audit.errors import Invalid
from credentials import history, posting
from credentials.history import AsOf, Item
from employees.models import Department, Employee


class Command(BaseCommand):
    help = (
        "Print three columns for an account, or for each account of a person: who was entitled, who had revealed the "
        "password, and who knew the version current then, each with the authority."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--account", metavar="REF", help="platform:handle (x:cityparks) or the account's id"
        )
        parser.add_argument("--employee", metavar="EMAIL", help="work e-mail or employee number")
        parser.add_argument("--department", metavar="CODE", help="every account of a department")
        parser.add_argument(
            "--on", metavar="WHEN", help="2026-11-23 (its end) or 2026-11-23T14:10; now when left out"
        )
        parser.add_argument("--format", choices=("table", "json"), default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (options["account"] or options["employee"] or options["department"]):
            raise CommandError("Give --account, --employee, --department, or several of them.", returncode=2)
        try:
            at = when.parse(options["on"], edge="end", field="--on") if options["on"] else clock.now()
            account = accounts.find(options["account"]) if options["account"] else None
            person = Employee.objects.by_reference(options["employee"]) if options["employee"] else None
            department = _department(options["department"]) if options["department"] else None
        except (Invalid, Employee.DoesNotExist) as error:
            raise CommandError(str(error), returncode=2) from None
        if department is not None:
            self._department(department, account, person, options["on"], at, options["format"])
            return
        if person is not None:
            self._person(person, account, options["on"], at, options["format"])
            return
        assert account is not None
        answer = history.as_of(account, at)
        if options["format"] == "json":
            could = posting.could_have(account, at)
            data = {
                **answer.as_data(),
                "on": options["on"] or canonical.moment(at),
                "could_have_posted": [_able(one) for one in could.able],
            }
            self.stdout.write(_json(data))
            return
        self._table(answer)
        self._posting(posting.could_have(account, at))

    def _posting(self, found: posting.Posting) -> None:
        self.stdout.write(f"\n  Could have written a post ({len(found.able)})")
        for one in found.able:
            later = ", recorded later" if one.learnt_later else ""
            self.stdout.write(
                f"    {one.person.name} {one.person.employee_number}: {', '.join(one.ways)}{later}; "
                f"{one.authority or 'no authority'}"
            )
        if not found.able:
            self.stdout.write("    nobody, as far as is known here")

    def _department(
        self,
        department: Department,
        account: Account | None,
        person: Employee | None,
        on: str | None,
        at: Any,
        form: str,
    ) -> None:
        accounts = Account.objects.filter(department=department).select_related("platform", "department")
        if account is not None:
            accounts = accounts.filter(pk=account.pk)
        answers = history.as_of_accounts(list(accounts.order_by("name", "pk")), at, person=person)
        if form == "json":
            data = {
                "department": department.code,
                "on": on or canonical.moment(at),
                "accounts": [_columns(answer) for answer in answers],
            }
            self.stdout.write(_json(data))
            return
        if not answers:
            self.stdout.write(f"{department.name} has no account that this asks for.")
        for answer in answers:
            self._table(answer)

    def _person(self, person: Employee, account: Account | None, on: str | None, at: Any, form: str) -> None:
        chosen = [account] if account else list(history.accounts_of(person))
        answers = history.as_of_accounts(chosen, at, person=person)
        touched = [
            answer for answer in answers if answer.entitled or answer.revealed or answer.knew or account
        ]
        if form == "json":
            data = {
                "employee": person.email or person.employee_number,
                "on": on or canonical.moment(at),
                "accounts": [_columns(answer) for answer in touched],
            }
            self.stdout.write(_json(data))
            return
        if not touched:
            self.stdout.write(f"{person.name} held, had revealed and knew nothing then.")
        for answer in touched:
            self._table(answer)

    def _table(self, answer: AsOf) -> None:
        version = f"password version {answer.version.number}" if answer.version else "no shared password"
        self.stdout.write(f"{answer.account.display} at {canonical.moment(answer.at)}: {version}")
        for title, items in (
            ("Entitled", answer.entitled),
            ("Had revealed (any version)", answer.revealed),
            ("Knew the version current then", answer.knew),
            ("Held at any time that day", answer.held_that_day),
        ):
            self.stdout.write(f"\n  {title} ({len(items)})")
            for item in items:
                self.stdout.write(f"    {_line(item)}")
            if not items:
                self.stdout.write("    nobody")
        if answer.corrections:
            self.stdout.write("\n  Recorded later")
            for correction in answer.corrections:
                self.stdout.write(
                    f"    {correction.text} (recorded {canonical.moment(correction.recorded_at)})"
                )


def _department(code: str) -> Department:
    found = Department.objects.filter(code__iexact=code).first()
    if found is None:
        known = ", ".join(Department.objects.order_by("code").values_list("code", flat=True)[:40])
        raise Invalid(f"There is no department {code!r}. Known codes: {known}.")
    return found


def _able(one: posting.Able) -> dict[str, Any]:
    return {
        "employee_number": one.person.employee_number,
        "name": one.person.name,
        "ways": one.ways,
        "authority": one.authority or "no authority",
        "recorded_later": one.learnt_later,
    }


def _columns(answer: AsOf) -> dict[str, Any]:
    data = answer.as_data()
    return {
        key: data[key] for key in ("account", "entitled", "revealed", "knew", "held_that_day", "corrections")
    }


def _line(item: Item) -> str:
    since = clock.day_of(item.since).isoformat()
    return f"{item.person.name} <{item.email}> {item.person.employee_number}: {item.authority}, since {since}"


def _json(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2)
