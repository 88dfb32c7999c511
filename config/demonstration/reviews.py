"""Two access reviews, a request for records and a legal hold. Numbers are days before today."""

from __future__ import annotations

from datetime import timedelta

from audit import clock
from config.demonstration.stage import Stage
from credentials import holds, records, reviews
from credentials.models import Campaign, ReviewItem
from credentials.reviews import Choice, Reviewers
from employees.models import Employee

NEVER_USED = "Stands in for holidays and storms"


def in_summer(stage: Stage) -> None:
    """The first review: everything is decided in two weeks, and closed."""
    with stage.on(139, "09:00") as day:
        campaign = reviews.plan(
            actor=stage["dana"], title="Summer access review", starts=day, due=day + timedelta(days=14)
        )
    removed: list[ReviewItem] = []
    with stage.on(134, "10:15"):
        for item in _undecided(campaign):
            turn = _whose_turn(item)
            assert turn is not None
            if item.person_id == stage["noah"].pk and item.account == stage.account("x:HutchFireDept"):
                choice = Choice(item.pk, "remove", "Posts for the Fire Department no more")
                removed = reviews.decide(actor=turn, campaign=campaign, choices=[choice])
            else:
                _keep(turn, item)
    with stage.on(128, "11:05"):
        reviews.waive(
            actor=stage["dana"],
            item=removed[0],
            reason="His designation ends by itself in two months; he stands in.",
        )
    with stage.on(127, "14:30"):
        reviews.close(actor=stage["mona"], campaign=campaign)


def these_days(stage: Stage) -> None:
    """The second one: open, half decided, with a designation that a Director wants ended."""
    with stage.on(6, "09:00") as day:
        campaign = reviews.plan(
            actor=stage["dana"],
            title="Autumn access review",
            starts=day,
            due=day + timedelta(days=21),
        )
    with stage.on(5, "13:40"):
        for who in ("ray", "henry"):
            for item in _undecided(campaign):
                if _whose_turn(item) == stage[who]:
                    _keep(stage[who], item)
        for item in _undecided(campaign):
            if _whose_turn(item) == stage["grace"] and item.person_id == stage["luis"].pk:
                choice = Choice(item.pk, "remove", "Moves to patrol; posts nothing any more")
                reviews.decide(actor=stage["grace"], campaign=campaign, choices=[choice])


def papers(stage: Stage) -> None:
    """What the public asks, and what the courts do."""
    with stage.on(3, "16:20"):
        holds.place(
            actor=stage["mona"],
            accounts=[stage.account("x:HutchZoo")],
            matter="Case 2026-CV-0112, claim of a visitor",
        )
    with stage.on(1, "08:50"):
        records.receive(
            actor=stage["eleanor"],
            number=f"ORR-{clock.today():%Y}-031",
            received_on=clock.today(),
            subject="Everybody who had access to the Zoo's accounts this year, and when it ended.",
            department=stage.departments["zoo"],
            since=clock.today().replace(month=1, day=1),
        )


def _undecided(campaign: Campaign) -> list[ReviewItem]:
    return list(campaign.items.whole().undecided())


def _whose_turn(item: ReviewItem) -> Employee | None:
    step = Reviewers().of(item)
    return step.people[0] if step else None


def _keep(actor: Employee, item: ReviewItem) -> None:
    note = NEVER_USED if item.note_to_keep else ""
    reviews.decide(actor=actor, campaign=item.campaign, choices=[Choice(item.pk, "keep", note)])
