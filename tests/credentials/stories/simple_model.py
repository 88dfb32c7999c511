"""A simple model of who holds and who knows, written from the house's rules and without a look at the code it checks.

People are first names, accounts are handles, papers are spans of time. Nothing is worked out from stored rows: taints
are remembered, which the code never does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

CITY = ZoneInfo("America/Chicago")
EVERYWHERE = ("pi", "it")


def midnight_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=CITY)


@dataclass
class Paper:
    """`what`: an office (`pi`, `it`, a department), a designation's department, a role, or an account granted.

    `last` is when the last day of its holder's employment is over, where one is known.
    """

    who: str
    what: str
    begins: datetime
    ends: datetime | None = None
    under: Paper | None = None
    last: datetime | None = None

    @property
    def until(self) -> datetime | None:
        return min((end for end in (self.ends, self.last) if end is not None), default=None)

    def holds(self, at: datetime) -> bool:
        in_time = self.begins <= at and (self.until is None or at < self.until)
        return in_time and (self.under is None or self.under.holds(at))

    def comes_or_holds(self, at: datetime) -> bool:
        over = self.until is not None and self.until <= at
        return not over and (self.under is None or self.under.comes_or_holds(at))

    def cut(self, at: datetime) -> None:
        self.ends = at if self.ends is None else min(self.ends, at)


@dataclass
class Account:
    department: str
    shared: bool = True
    current: int = 0
    last: int = 0
    current_from: datetime | None = None
    staged: int = 0
    step: str = ""


@dataclass
class Simple:
    """The whole city, as simply as it can be said."""

    active: dict[str, bool]
    offices: list[Paper] = field(default_factory=list)
    designations: list[Paper] = field(default_factory=list)
    roles: list[Paper] = field(default_factory=list)
    grants: list[Paper] = field(default_factory=list)
    lasts: dict[str, datetime] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    knows: set[tuple[str, int, str, str]] = field(default_factory=set)
    rotated: dict[tuple[str, int, str], datetime] = field(default_factory=dict)
    tainted: set[tuple[str, int, str]] = field(default_factory=set)
    reported: set[tuple[str, int]] = field(default_factory=set)
    noted: set[tuple[str, int, str]] = field(default_factory=set)
    changed: dict[tuple[str, str], bool] = field(default_factory=dict)
    """Who changed a password on the platform and has not deposited it; whether they lost the right to know it since."""

    # Who holds

    def grounds(self, account: str, at: datetime) -> set[tuple[str, str]]:
        """Who holds the account, and by what."""
        department = self.accounts[account].department
        found = {
            (paper.who, "appointment")
            for paper in self.offices
            if paper.holds(at) and paper.what in (*EVERYWHERE, department)
        }
        found |= {
            (paper.who, "designation")
            for paper in self.designations
            if paper.holds(at) and paper.what == department
        }
        found |= {
            (paper.who, "request") for paper in self.grants if paper.holds(at) and paper.what == account
        }
        return {one for one in found if self.active[one[0]]}

    def holders(self, account: str, at: datetime) -> set[str]:
        return {who for who, _ground in self.grounds(account, at)}

    def is_it(self, who: str, at: datetime) -> bool:
        return self.has(who, "it", at)

    def has(self, who: str, what: str, at: datetime) -> bool:
        """Whether somebody has an office or a role."""
        papers = [*self.roles, *self.offices]
        return self.active[who] and any(
            paper.who == who and paper.what == what and paper.holds(at) for paper in papers
        )

    # Who knows

    def learns(self, account: str, number: int, who: str, how: str, at: datetime) -> None:
        self.knows.add((account, number, who, how))
        if how in ("rotation", "verified", "set"):
            self.rotated.setdefault((account, number, who), at)

    def may_know(self, account: str, number: int, who: str, at: datetime) -> bool:
        if who in self.holders(account, at):
            return True
        return (account, number, who) in self.rotated and self.is_it(who, at)

    def look(self, at: datetime) -> None:
        """Whoever knows a version and may not at this moment taints it for as long as it is current."""
        for account, number, who, _how in self.knows:
            if not self.may_know(account, number, who, at):
                self.tainted.add((account, number, who))
        for account, who in self.changed:
            if who not in self.holders(account, at) and not self.is_it(who, at):
                self.changed[account, who] = True

    def time_passes(self, before: datetime, after: datetime) -> None:
        """Dated papers end at midnight, so every midnight on the way is looked at."""
        day = before.astimezone(CITY).date()
        while midnight_after(day) <= after:
            self.look(midnight_after(day))
            day += timedelta(days=1)
        self.look(after)

    def due(self) -> dict[str, set[str]]:
        """Accounts whose current version is due, with whoever taints it."""
        found = {}
        for name, account in self.accounts.items():
            who = {person for one, number, person in self.tainted if (one, number) == (name, account.current)}
            if account.current and (who or (name, account.current) in self.reported):
                found[name] = who
        return found

    # Versions

    def becomes_current(self, account: str, number: int, at: datetime) -> None:
        self.accounts[account].current = number
        self.accounts[account].current_from = at

    def deposited(self, account: str, at: datetime) -> None:
        """What is in the vault now is what they set."""
        for who in [who for one, who in self.changed if one == account]:
            number = self.accounts[account].current
            self.learns(account, number, who, "set", at)
            if self.changed.pop((account, who)):
                self.tainted.add((account, number, who))

    def forget_changes(self, account: str) -> None:
        """A rotation was verified: what they set is no password any more."""
        for key in [key for key in self.changed if key[0] == account]:
            del self.changed[key]

    def owes(self, at: datetime) -> set[tuple[str, str]]:
        """Who owes a receipt for which account."""
        found = set()
        for name, account in self.accounts.items():
            if not account.current or not account.shared:
                continue
            # Who holds by an approved request alone fills no seat.
            for who in {one for one, ground in self.grounds(name, at) if ground != "request"}:
                opened = any(one[:3] == (name, account.current, who) for one in self.knows)
                if not opened and (name, account.current, who) not in self.noted:
                    found.add((who, name))
        return found

    # People

    def papers(self) -> list[Paper]:
        return [*self.offices, *self.designations, *self.roles, *self.grants]

    def employed(self, who: str, at: datetime) -> bool:
        """Still here: between the last day and the daily run somebody is not, though nobody has recorded that yet."""
        return self.active[who] and (who not in self.lasts or at < self.lasts[who])

    def gets(self, papers: list[Paper], paper: Paper) -> None:
        paper.last = self.lasts.get(paper.who)
        papers.append(paper)

    def has_last_day(self, who: str, last: datetime | None, at: datetime) -> None:
        """A last day becomes known, or known otherwise: it bounds what is not over yet."""
        if last is None:
            self.lasts.pop(who, None)
        else:
            self.lasts[who] = last
        for paper in self.papers():
            if paper.who == who and paper.comes_or_holds(at):
                paper.last = last

    def leaves(self, who: str, at: datetime) -> None:
        self.active[who] = False
        self.lasts.pop(who, None)
        for paper in self.papers():
            if paper.who == who:
                paper.cut(at)
