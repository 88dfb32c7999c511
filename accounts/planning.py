"""What an import would do: which rows are new accounts, which are known, which contradict. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from django.db.models import Q

from accounts.agencies import Agencies
from accounts.models import Account
from accounts.rows import Item, Problem, understand
from accounts.tables import Row

T = TypeVar("T")
BATCH = 400
"""Keys asked for in one query: far below SQLite's limit of parameters."""

Progress = Callable[[int], None]


@dataclass
class Known:
    """An account of the registry that rows of the file speak of, and what they add to it."""

    account: Account
    changes: dict[str, object] = field(default_factory=dict)
    also_for: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


Slot = Item | Known


@dataclass
class Plan:
    """What an import would do.

    `repeated` counts rows about accounts of the registry; `merged` are sentences, by line, about rows that repeat an
    earlier row of the file, or name an account of the registry otherwise than it does.
    """

    rows: int = 0
    repeated: int = 0
    new: list[Item] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)
    merged: list[tuple[int, str]] = field(default_factory=list)
    departments: list[tuple[str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def changed(self) -> list[Known]:
        """Accounts of the registry to which the file adds something."""
        return [known for known in self.known if known.changes or known.also_for]

    @property
    def rejected(self) -> set[int]:
        """Lines of the rows that cannot be imported."""
        return {problem.line for problem in self.problems}

    @property
    def nothing(self) -> bool:
        """Whether the import would change nothing."""
        return not self.new and not self.changed


def plan(rows: Sequence[Row], *, progress: Progress | None = None) -> Plan:
    """Compare `rows` with one another and with the registry. Queries grow by batches of rows."""
    made = Plan(rows=len(rows))
    items = []
    for place, row in enumerate(rows, 1):
        understood = understand(row)
        if isinstance(understood, Item):
            items.append(understood)
        else:
            made.problems.extend(understood)
        if progress:
            progress(place)
    departments = Agencies()
    registry = _Registry(items, departments)
    for item in items:
        problem = registry.place(item, made)
        if problem:
            made.problems.append(problem)
    made.departments = departments.missing(agency for item in made.new for agency in item.agencies)
    made.departments += departments.missing(agency for known in made.known for agency in known.also_for)
    made.problems.sort()
    return made


class _Registry:
    """The accounts that rows may speak of, by key and by the platform's own number."""

    def __init__(self, items: Sequence[Item], departments: Agencies) -> None:
        self._departments = departments
        self._by_key: dict[tuple[str, str], Slot] = {}
        self._by_number: dict[tuple[str, str], Slot] = {}
        self._load("key", {item.identity.key for item in items})
        self._load("platform_account_id", {item.platform_account_id for item in items} - {""})

    def _load(self, column: str, values: Iterable[str]) -> None:
        seen = {slot.account.pk: slot for slot in self._by_key.values() if isinstance(slot, Known)}
        accounts = Account.objects.select_related("platform", "department").prefetch_related("also_for")
        for some in chunks(sorted(values), BATCH):
            # A live account goes before a retired one with the same handle.
            for account in accounts.filter(Q(**{f"{column}__in": some})).order_by("pk"):
                known = seen.setdefault(account.pk, Known(account))
                slot = self._by_key.get((account.platform.slug, account.key))
                if not isinstance(slot, Known) or slot.account.state == Account.State.RETIRED:
                    self._by_key[account.platform.slug, account.key] = known
                if account.platform_account_id and account.state != Account.State.RETIRED:
                    self._by_number[account.platform.slug, account.platform_account_id] = known

    def place(self, item: Item, made: Plan) -> Problem | None:
        """Let `item` be a new account or join the one it speaks of; or the reason why it can't."""
        slug = item.spec.slug
        same = self._by_key.get((slug, item.identity.key))
        number = (slug, item.platform_account_id)
        twin = self._by_number.get(number) if item.platform_account_id else None
        slot = same or twin
        if slot is None:
            made.new.append(item)
            self._by_key[slug, item.identity.key] = item
        else:
            problem = self._contradiction(item, slot, same, twin)
            if problem:
                return problem
            self._join(item, slot, made)
        if item.platform_account_id:
            self._by_number[number] = slot or item
        return None

    def _contradiction(self, item: Item, slot: Slot, same: Slot | None, twin: Slot | None) -> Problem | None:
        line, where = item.row.line, _whence(slot)
        if isinstance(slot, Known) and slot.account.state == Account.State.RETIRED:
            return Problem(line, "account_url", f"{slot.account.display} is retired in the registry.")
        if same is not None and twin is not None and same is not twin:
            reason = f"The address is that of one account ({_whence(same)}), the number another's ({_whence(twin)})."
            return Problem(line, "platform_account_id", reason)
        number = _number(slot)
        if number and item.platform_account_id and number != item.platform_account_id:
            reason = (
                f"{where} gives this account the number {number}, this row {item.platform_account_id}: "
                "either the number is wrong or somebody else has taken the handle."
            )
            return Problem(line, "platform_account_id", reason)
        owner = _owner(slot)
        if self._departments.key(owner) != self._departments.key(item.agencies[0]):
            name = f"{item.identity.handle} on {item.spec.name}"
            return Problem(
                line, "agencies", f"{where} gives {name} to {owner}, this row to {item.agencies[0]}."
            )
        return None

    def _join(self, item: Item, slot: Slot, made: Plan) -> None:
        handle = slot.identity.handle if isinstance(slot, Item) else slot.account.handle
        if isinstance(slot, Item) or slot.account.key != item.identity.key:
            sentence = f"{_whence(slot)} has {item.identity.url} already, as {handle}."
            made.merged.append((item.row.line, sentence))
        if isinstance(slot, Item):
            _fill(slot, item)
            held = [slot.agencies[0], *slot.agencies[1:]]
            slot.agencies += self._further(item.agencies, held)
            return
        made.repeated += 1
        if not slot.lines:
            made.known.append(slot)
        slot.lines.append(item.row.line)
        _add(slot, item)
        held = [
            slot.account.department.name,
            *(one.name for one in slot.account.also_for.all()),
            *slot.also_for,
        ]
        slot.also_for += self._further(item.agencies, held)

    def _further(self, agencies: Iterable[str], held: Iterable[str]) -> list[str]:
        keys = {self._departments.key(name) for name in held}
        return [agency for agency in agencies if self._departments.key(agency) not in keys]


def _whence(slot: Slot) -> str:
    return f"Line {slot.lines[0]}" if isinstance(slot, Item) else "The registry"


def _owner(slot: Slot) -> str:
    return slot.agencies[0] if isinstance(slot, Item) else slot.account.department.name


def _number(slot: Slot) -> str:
    if isinstance(slot, Item):
        return slot.platform_account_id
    return str(slot.changes.get("platform_account_id", slot.account.platform_account_id))


def _fill(first: Item, later: Item) -> None:
    """Let a later row of the file fill what the first left empty."""
    first.lines.append(later.row.line)
    for column, content in later.texts.items():
        first.texts[column] = first.texts[column] or content
    first.contacts += [contact for contact in later.contacts if contact not in first.contacts]
    first.platform_account_id = first.platform_account_id or later.platform_account_id


def _add(known: Known, item: Item) -> None:
    """Let a row fill what the registry has empty; what is there stays."""
    wanted = {**item.texts, "platform_account_id": item.platform_account_id}
    for column, content in wanted.items():
        if content and not known.changes.get(column, getattr(known.account, column)):
            known.changes[column] = content
    held = known.changes.get("contacts", known.account.contacts)
    assert isinstance(held, list)
    more = [contact for contact in item.contacts if contact not in held]
    if more:
        known.changes["contacts"] = [*held, *more]


def chunks(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """`values` in lists of at most `size`."""
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some
