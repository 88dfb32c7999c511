"""How an account's profile must look before it is public, and every year after: the same list, answered anew.

Policy, Administrative Policy: the City's branding shall be used (second bullet); a site should make clear that the City
maintains it and that it follows this policy (second); it should link back to the City's website wherever possible
(fifth); a link to the policy is displayed whenever possible (seventh).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Exists, F, Max, OuterRef, Q
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import holding
from accounts.keeping import ProfileFinding, ProfileReview
from accounts.models import Account
from accounts.signals import profile_completed
from audit import clock
from audit.actions import Verb
from audit.errors import Invalid, NotPermitted, Stale
from audit.ledger import record, service
from audit.text import clean_line
from employees import workdays
from employees.models import Employee

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Answer = ProfileFinding.Answer


@dataclass(frozen=True)
class Item:
    """One thing that the policy wants of a profile. `shall`: it must be so; no reason makes up for it."""

    code: str
    text: StrOrPromise
    shall: bool = False

    @property
    def answers(self) -> list[str]:
        return [Answer.YES, Answer.NO] if self.shall else [Answer.YES, Answer.NO, Answer.NOT_POSSIBLE]


ITEMS = (
    Item("branding", gettext_lazy("It carries the City's logo or branding"), shall=True),
    Item(
        "maintained_by",
        gettext_lazy("It says that the City maintains it and that it follows the City's Social Media Policy"),
    ),
    Item("policy_link", gettext_lazy("It shows a link to the Social Media Policy")),
    Item("website_link", gettext_lazy("It links back to the City's official website")),
)
BY_CODE = {item.code: item for item in ITEMS}


@dataclass(frozen=True)
class Given:
    """An answer as somebody gives it."""

    answer: str
    reason: str = ""


@dataclass(frozen=True)
class Line:
    """An item of a review with the finding that counts, if there is one."""

    item: Item
    finding: ProfileFinding | None

    @property
    def satisfied(self) -> bool:
        if self.finding is None or self.finding.answer == Answer.NO:
            return False
        return self.finding.answer == Answer.YES or not self.item.shall


# Asking


def open_review(account: Account) -> ProfileReview | None:
    """The review of `account` that is under way."""
    return ProfileReview.objects.filter(account=account, completed_at=None).first()


def lines(review: ProfileReview) -> list[Line]:
    """Every item with what was last seen of it. One query."""
    latest = {
        one.item: one for one in review.findings.select_related("person", "person__department").order_by("pk")
    }
    return [Line(item, latest.get(item.code)) for item in ITEMS]


def unsatisfied(account: Account) -> list[Item]:
    """Items that stand between an account being set up and its being public."""
    review = open_review(account)
    if review is None or review.kind != ProfileReview.Kind.SET_UP:
        return []
    return [line.item for line in lines(review) if not line.satisfied]


def last_confirmed(accounts: Iterable[Account]) -> dict[int, date]:
    """By account id the day on which its profile was last confirmed to follow the policy. One query."""
    done = ProfileReview.objects.filter(account__in=[one.pk for one in accounts]).exclude(completed_at=None)
    latest = done.order_by().values("account").annotate(at=Max("completed_at"))
    return {pk: clock.day_of(at) for pk, at in latest.values_list("account", "at")}


# Answering


@service
def begin(
    *, actor: Employee | None, account: Account, kind: str, due: date | None = None
) -> ProfileReview | None:
    """Begin a review of `account`; None where one is under way."""
    if open_review(account) is not None:
        return None
    review = ProfileReview.objects.create(account=account, kind=kind, opened_at=clock.now(), due=due)
    record(Verb.PROFILE_BEGIN, actor=actor, obj=review, facts=[review])
    return review


@service
def answer(*, actor: Employee, review: ProfileReview, given: Mapping[str, Given]) -> bool:
    """Say how items look now; gives whether that completes the review. What is unchanged is not written again.

    Raises NotPermitted (holds nothing of it), Stale (completed by now), Invalid (an unknown item or answer, “not
    possible” of what must be or without a reason).
    """
    review.refresh_from_db()
    if not holding.keeps(actor, review.account):
        raise NotPermitted(
            _("Who holds the account, Public Information or Information Technology says how it looks.")
        )
    if review.completed_at is not None:
        raise Stale(_("This review was completed by somebody else just now."))
    cleaned = {code: _clean(code, one) for code, one in given.items()}
    before = {line.item.code: line.finding for line in lines(review)}
    made = []
    for code, one in cleaned.items():
        known = before[code]
        if known is None or (known.answer, known.reason) != (one.answer, one.reason):
            made.append(
                ProfileFinding.objects.create(
                    review=review,
                    item=code,
                    answer=one.answer,
                    reason=one.reason,
                    person=actor,
                    at=clock.now(),
                )
            )
    if made:
        record(Verb.PROFILE_ANSWER, actor=actor, obj=review, facts=made)
    if not all(line.satisfied for line in lines(review)):
        return False
    now = clock.now()
    done = ProfileReview.objects.filter(pk=review.pk, completed_at=None).update(
        completed_at=now, completed_by=actor
    )
    review.refresh_from_db()
    if done != 1:
        raise Stale(_("This review was completed by somebody else just now."))
    record(Verb.PROFILE_COMPLETE, actor=actor, obj=review, facts=[review])
    profile_completed.send(Account, actor=actor, account=review.account)
    return True


def _clean(code: str, given: Given) -> Given:
    item = BY_CODE.get(code)
    if item is None or given.answer not in Answer.values:
        raise Invalid(_("Choose an answer."), fields={code: _("Choose an answer.")})
    reason = clean_line(given.reason, field=f"{code}_reason", max_length=400, blank=True)
    if given.answer != Answer.NOT_POSSIBLE:
        return Given(given.answer)
    if item.shall:
        text = _("The policy says that it shall be so; it cannot be left out.")
        raise Invalid(text, fields={code: text})
    if not reason:
        text = _("Say why it is not possible there.")
        raise Invalid(text, fields={f"{code}_reason": text})
    return Given(given.answer, reason)


# The daily run's part


def begin_yearly() -> int:
    """Begin the yearly review of active accounts that were last confirmed, or became official, a year ago."""
    now = clock.now()
    since = now - timedelta(days=settings.PROFILE_REVIEW_DAYS)
    reviews = ProfileReview.objects.filter(account=OuterRef("pk"))
    official = Greatest(Coalesce("activated_at", "attested_at"), Coalesce("attested_at", "activated_at"))
    due = (
        Account.objects.public()
        .annotate(official=official)
        .exclude(Exists(reviews.filter(Q(completed_at=None) | Q(completed_at__gt=since))))
        .filter(Q(official__lte=since))
    )
    last_day = workdays.after(clock.today(), settings.PROFILE_REVIEW_WITHIN_DAYS)
    count = 0
    for account in due.select_related("platform").order_by("pk"):
        begun = begin(actor=None, account=account, kind=ProfileReview.Kind.YEARLY, due=last_day)
        count += begun is not None
    return count


def to_keep(accounts: Any, departments: Iterable[int]) -> list[ProfileReview]:
    """Reviews under way of those accounts (ids, or a query of them) of one of the departments, the oldest first."""
    rows = ProfileReview.objects.filter(
        completed_at=None, account__in=accounts, account__department__in=departments
    )
    return list(
        rows.select_related("account__platform", "account__department").order_by(
            F("due").asc(nulls_first=True), "pk"
        )
    )
