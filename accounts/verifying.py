"""Is this account really the City's? One answer to whatever somebody pastes.

Always the same four queries, whatever is asked and whatever is found: a draft and a missing account take the same path.
Only what the strict reading (`accounts.canonical`) names can be official; likeness only ever warns.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from django.db.models import Q, QuerySet
from django.db.models.functions import Length

from accounts import asking, canonical, platforms, resemblance
from accounts.asking import Question
from accounts.asking import visible as visible
from accounts.models import Account, Handle, ImpostorReport, Neighbour


class Answer(StrEnum):
    """The four answers, as data carries them."""

    OFFICIAL = "official"
    FORMERLY_OFFICIAL = "formerly_official"
    LOOK_ALIKE = "look_alike"
    NOT_REGISTERED = "not_registered"


class How(StrEnum):
    """In which way something looks like an account of the City."""

    SAME_ELSEWHERE = "same_elsewhere"  # the very handle, on another platform or host
    DRAWN_ALIKE = "drawn_alike"  # characters that look alike
    ONE_OFF = "one_off"  # one letter put in, left out, changed, or two swapped
    CLAIMS = "claims"  # the handle and a word such as “official”


@dataclass
class Verdict:
    """The answer, with the account that it speaks of. `also` are further accounts with the same handle elsewhere.

    `handle` is the row that was found, current or former; `word` what was asked for, where it resembles one.
    """

    question: Question
    answer: Answer
    account: Account | None = None
    handle: Handle | None = None
    also: list[Account] = field(default_factory=list)
    resembles: Account | None = None
    how: How | None = None
    word: str = ""
    neighbour: Neighbour | None = None
    confirmed: bool = False
    """The PI Director has found it to pose as the City."""

    @property
    def identity(self) -> tuple[str, str] | None:
        """Platform and key, where what was asked names one account."""
        found = self.question.identities
        return (found[0][0], found[0][1].key) if len(found) == 1 else None

    @property
    def shown(self) -> str:
        """What was asked, as a person would name it."""
        found = self.question.identities
        if len(found) == 1 and platforms.spec(found[0][0]).hosts:
            slug, identity = found[0]
            handle = canonical.shown(slug, identity.handle) or identity.handle
            return f"{handle} on {platforms.spec(slug).name}"
        return self.question.text


def verify(asked: str) -> Verdict:
    """The answer to whatever somebody typed or pasted. Four queries; never fails; fetches nothing."""
    question = asking.read(asked)
    exact = list(_exact(question))
    near = list(_near(question))
    neighbour = _of_identities(Neighbour.objects.filter(removed_at=None), question).first()
    confirmed = _of_identities(
        ImpostorReport.objects.filter(outcome=ImpostorReport.Outcome.CONFIRMED), question
    ).first()
    current = [row for row in exact if row.until is None and row.account.state == Account.State.ACTIVE]
    if current:
        first, *others = sorted(current, key=lambda row: (row.account.platform.name, row.account_id))
        return Verdict(
            question,
            Answer.OFFICIAL,
            account=first.account,
            handle=first,
            also=[row.account for row in others],
        )
    if neighbour is not None:
        return Verdict(question, Answer.NOT_REGISTERED, neighbour=neighbour)
    if exact:
        latest = max(exact, key=lambda row: (row.until is None, row.until or row.since, row.pk))
        return Verdict(
            question,
            Answer.FORMERLY_OFFICIAL,
            account=latest.account,
            handle=latest,
            confirmed=confirmed is not None,
        )
    best = _best(question, near)
    if best is not None:
        row, how, word = best
        return Verdict(
            question,
            Answer.LOOK_ALIKE,
            resembles=row.account,
            handle=row,
            how=how,
            word=word,
            confirmed=confirmed is not None,
        )
    return Verdict(question, Answer.NOT_REGISTERED, confirmed=confirmed is not None)


def once_public(handles: QuerySet[Handle]) -> QuerySet[Handle]:
    """Handles of accounts that are or were official in public: attested, or approved and set up. No drafts."""
    return handles.filter(
        Q(account__attested_at__isnull=False)
        | Q(account__origin=Account.Origin.REQUEST, account__activated_at__isnull=False)
    )


def _exact(question: Question) -> QuerySet[Handle]:
    """The City's handles, of today or of before, that the question names. An earlier name of another's is no match."""
    named = Q(account__platform__slug="", key="")  # keeps the query there where nothing is named
    for slug, identity in question.identities:
        named |= Q(account__platform__slug=slug, key=identity.key)
    return once_public(Handle.objects.filter(named)).select_related(
        "account__platform", "account__department"
    )


def _near(question: Question) -> QuerySet[Handle]:
    """Handles of today that might look like one of the words. A letter off leaves one half of a word as it is."""
    folded = {word for word in map(resemblance.skeleton, question.words) if word}
    folded |= {resemblance.unclaimed(word) for word in folded}
    likely = Q(skeleton__in=[*sorted(folded), "-"])
    for word in sorted(folded):
        if len(word) < resemblance.SHORTEST:
            continue
        half = len(word) // 2
        likely |= Q(skeleton__startswith=word[:half], long__range=(len(word) - 1, len(word) + 1))
        likely |= Q(skeleton__endswith=word[half:], long__range=(len(word) - 1, len(word) + 1))
    rows = Handle.objects.annotate(long=Length("skeleton")).filter(
        likely, until=None, account__state=Account.State.ACTIVE
    )
    return once_public(rows).select_related("account__platform", "account__department")


def _best(question: Question, near: Iterable[Handle]) -> tuple[Handle, How, str] | None:
    """The handle that one of the words looks like most, how, and the word."""
    found = []
    for place, word in enumerate(question.words):
        folded = resemblance.skeleton(word)
        for row in near:
            how = _how(word, folded, row)
            if how is not None:
                elsewhere = question.spec is not None and row.account.platform.slug != question.spec.slug
                rank = (list(How).index(how), elsewhere, place, row.pk)
                found.append((rank, row, how, word))
    if not found:
        return None
    _rank, row, how, word = min(found, key=lambda one: one[0])
    return row, how, word


def _how(word: str, folded: str, row: Handle) -> How | None:
    if not folded or not row.skeleton:
        return None
    if folded == row.skeleton:
        bare = row.handle.partition("@")[0].rpartition("/")[2].casefold()
        return How.SAME_ELSEWHERE if word.casefold() == bare else How.DRAWN_ALIKE
    if not resemblance.alike(folded, row.skeleton):
        return None
    return How.ONE_OFF if resemblance.one_off(folded, row.skeleton) else How.CLAIMS


def _of_identities(rows: QuerySet, question: Question) -> QuerySet:  # type: ignore[type-arg]
    """Those of `rows` (which have a platform and a key) that the question names."""
    named = Q(platform__slug="", key="-")
    for slug, identity in question.identities:
        named |= Q(platform__slug=slug, key=identity.key)
    return rows.filter(named).select_related("platform").order_by("pk")
