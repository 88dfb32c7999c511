"""Access reviews: a frozen list, decided by who answers for it, closed when every removal has come to its end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from audit import clock
from audit.actions import Verb
from audit.errors import ConflictOfInterest, Invalid, NotPermitted, Refused, Stale
from audit.models import Entry
from audit.verification import verify
from config import daily
from credentials import grants, platform_roles, reviews, vault
from credentials.models import Campaign, Credential, Custody, Ground, ReviewItem
from credentials.reviews import Choice, Reviewers, deciding, opening, progress
from employees import services as people
from employees.models import Designation, Employee, Office
from tests.cast import City, appoint, designate, seat_of
from tests.credentials.accounts import deposited, open_account, rotated

pytestmark = pytest.mark.django_db


@pytest.fixture
def zoo(city: City) -> Credential:
    """The Zoo's account on X: Joel is designee and has revealed it; Priya has access by a request and never looked."""
    account = open_account(city.dana, city.zoo)
    credential = deposited(city.helen, account)
    designate(city.joel, city.zoo, by=city.helen, confirmed_by=city.carla)
    grants.give(
        actor=city.dana, account=account, people=[city.priya], request_id="7", request_text="Request 2026-0007",
        start=clock.today(),
    )  # fmt: skip
    vault.reveal(actor=city.joel, credential=credential)
    return credential


def opened(city: City, days: int = 14) -> Campaign:
    today = clock.today()
    return reviews.plan(actor=city.dana, title="Autumn", starts=today, due=today + timedelta(days=days))


def item(campaign: Campaign, person: Employee) -> ReviewItem:
    found = campaign.items.whole().get(person=person)
    assert isinstance(found, ReviewItem)
    return found


def say(actor: Employee, about: ReviewItem, act: str, note: str = "") -> ReviewItem:
    return reviews.decide(actor=actor, campaign=about.campaign, choices=[Choice(about.pk, act, note)])[0]


def decide_all(city: City, campaign: Campaign, but: tuple[ReviewItem, ...] = ()) -> None:
    reviewers = Reviewers()
    for one in campaign.items.whole().undecided().exclude(pk__in=[other.pk for other in but]):
        step = reviewers.of(one)
        assert step is not None
        say(step.people[0], one, "keep", "Still needed")


def test_the_list_is_frozen_as_it_stood_when_the_review_opened(city: City, zoo: Credential) -> None:
    campaign = opened(city)
    vault.reveal(actor=city.priya, credential=zoo)
    rotated(city.sam, zoo)
    joel, priya, dana = item(campaign, city.joel), item(campaign, city.priya), item(campaign, city.dana)
    assert {one.person for one in campaign.items.all()} == {
        city.dana, city.marcus, city.helen, city.joel, city.priya,
    }  # fmt: skip
    assert (joel.times_revealed, joel.last_revealed_version, joel.knows_current) == (1, 1, True)
    assert (priya.times_revealed, priya.knows_current, priya.never_used) == (0, False, True)
    assert (dana.mandated, joel.mandated, priya.mandated) == (True, False, False)
    assert [ground["authority"] for ground in priya.grounds] == ["Request 2026-0007"]


def test_what_the_policy_mandates_wants_no_note_and_what_was_never_used_does(
    city: City, zoo: Credential
) -> None:
    campaign = opened(city)
    marcus, priya, joel = (item(campaign, one) for one in (city.marcus, city.priya, city.joel))
    assert say(city.helen, marcus, "keep").decision == "kept"
    with pytest.raises(Invalid, match="never used"):
        say(city.helen, priya, "keep")
    assert say(city.helen, priya, "keep", "Takes over in spring").decision == "kept"
    with pytest.raises(Invalid, match="why it is removed"):
        say(city.helen, joel, "remove")
    assert say(city.helen, joel, "keep").decided_as == "Director of Hutchinson Zoo"


def test_all_of_a_person_or_nothing(city: City, zoo: Credential) -> None:
    campaign = opened(city)
    choices = [
        Choice(item(campaign, city.joel).pk, "keep"),
        Choice(item(campaign, city.priya).pk, "remove"),
    ]
    with pytest.raises(Invalid) as refused:
        reviews.decide(actor=city.helen, campaign=campaign, choices=choices)
    assert list(refused.value.fields) == [str(choices[1].item)]
    assert not item(campaign, city.joel).decision


def test_nobody_decides_about_themselves_and_a_vacant_seat_goes_up(city: City, zoo: Credential) -> None:
    campaign = opened(city)
    helen, dana, joel = (item(campaign, one) for one in (city.helen, city.dana, city.joel))
    with pytest.raises(ConflictOfInterest):
        say(city.helen, helen, "keep")
    assert Reviewers().waits_for(helen).startswith("Dana Whitfield")
    assert say(city.dana, helen, "keep").decided_by == city.dana
    with pytest.raises(NotPermitted, match="Helen Okafor"):
        say(city.dana, joel, "keep")
    people.end_appointment(
        actor=city.carla,
        appointment=seat_of(city.helen),
        last_day=clock.today() - timedelta(days=1),
        reason="x",
    )
    assert Reviewers().waits_for(dana).startswith("Mona Castillo")
    for stranger in (city.sam, city.eleanor, city.olive, city.rex, city.joel):
        with pytest.raises(NotPermitted):
            say(stranger, dana, "keep")
    assert say(city.mona, dana, "keep").decision == "kept"


def test_the_database_refuses_a_review_of_oneself(city: City, zoo: Credential) -> None:
    one = item(opened(city), city.joel)
    with pytest.raises(IntegrityError):
        ReviewItem.objects.filter(pk=one.pk).update(decided_by=city.joel)


def test_an_acting_director_decides_too(city: City, zoo: Credential) -> None:
    appoint(
        city.noah, Office.objects.get(department=city.zoo), by=city.carla, confirmed_by=city.ruth, acting=True
    )
    joel = item(opened(city), city.joel)
    assert say(city.noah, joel, "keep").decided_as == "Acting Director of Hutchinson Zoo"


def test_what_is_sent_up_is_decided_above(city: City, zoo: Credential) -> None:
    campaign = opened(city)
    joel = item(campaign, city.joel)
    with pytest.raises(Invalid):
        say(city.helen, joel, "escalate")
    say(city.helen, joel, "escalate", "He is my brother")
    with pytest.raises(NotPermitted, match="Dana Whitfield"):
        say(city.helen, joel, "keep")
    for above in (city.dana, city.mona):
        say(above, joel, "escalate", "Not mine")
    with pytest.raises(Refused, match="Nobody stands above you"):
        say(city.marcus, joel, "escalate", "Not mine either")
    assert say(city.marcus, joel, "keep").decided_by == city.marcus


def test_overdue_decisions_go_a_step_up_once_a_week(city: City, zoo: Credential) -> None:
    campaign = opened(city, days=3)
    joel = item(campaign, city.joel)
    for days, level in ((3, 0), (4, 1), (5, 1), (12, 2)):
        with clock.moved_to(clock.now() + timedelta(days=days)):
            daily.run()
        joel.refresh_from_db()
        assert joel.level == level, days


def test_removing_a_grant_ends_it_at_once_and_what_was_known_becomes_due(city: City, zoo: Credential) -> None:
    vault.reveal(actor=city.priya, credential=zoo)
    campaign = opened(city)
    priya = say(city.helen, item(campaign, city.priya), "remove", "The festival is over")
    assert priya.custody.closed_at is not None
    assert not Custody.objects.in_force().filter(person=city.priya).exists()
    decide_all(city, campaign)
    standing = progress.standings([priya])[priya.pk]
    assert [one.kind for one in standing.left] == ["rotation"]
    with pytest.raises(Refused, match="1 removal has not come to its end"):
        reviews.close(actor=city.dana, campaign=campaign)
    rotated(city.sam, zoo)
    reviews.close(actor=city.dana, campaign=campaign)
    assert progress.standings([priya])[priya.pk].state == "removed"
    assert verify().sound


def test_removing_a_designee_waits_for_the_paper_to_end(city: City, zoo: Credential) -> None:
    campaign = opened(city)
    joel = say(city.helen, item(campaign, city.joel), "remove", "Back in Parks")
    assert {one.kind for one in progress.standings([joel])[joel.pk].left} == {"designation"}
    paper = Designation.objects.in_force().get(designee=city.joel)
    yesterday = clock.today() - timedelta(days=1)
    people.end_designation(actor=city.helen, designation=paper, last_day=yesterday, reason="Review")
    joel.custody.refresh_from_db()
    assert {one.kind for one in progress.standings([joel])[joel.pk].left} == {"rotation"}
    rotated(city.sam, zoo)
    assert progress.standings([joel])[joel.pk].state == "removed"


def test_a_role_on_the_platform_waits_for_its_confirmed_removal(city: City) -> None:
    page = open_account(city.dana, city.zoo, "HutchinsonZoo", "facebook")
    grants.give(
        actor=city.dana, account=page, people=[city.priya], request_id="8", request_text="Request 8",
        start=clock.today(),
    )  # fmt: skip
    custody = Custody.objects.get(account=page, person=city.priya)
    platform_roles.confirm_role(actor=city.sam, custody=custody)
    priya = say(city.helen, item(opened(city), city.priya), "remove", "Left the team")
    assert [one.kind for one in progress.standings([priya])[priya.pk].left] == ["presence"]
    platform_roles.confirm_removal(actor=city.sam, custody=Custody.objects.get(pk=custody.pk))
    again = item(priya.campaign, city.priya)
    assert progress.standings([again])[again.pk].state == "removed"


def test_a_waiver_is_signed_by_an_officer_and_never_by_whom_it_concerns(city: City, zoo: Credential) -> None:
    campaign = opened(city)
    joel = say(city.helen, item(campaign, city.joel), "remove", "Back in Parks")
    decide_all(city, campaign)
    for stranger in (city.helen, city.eleanor, city.rex):
        with pytest.raises(NotPermitted):
            reviews.waive(actor=stranger, item=joel, reason="Season ends in a week")
    reviews.waive(actor=city.dana, item=joel, reason="Season ends in a week")
    with pytest.raises(NotPermitted):
        reviews.close(actor=city.helen, campaign=campaign)
    reviews.close(actor=city.mona, campaign=campaign)
    assert campaign.state == Campaign.State.CLOSED
    with pytest.raises(Stale):
        reviews.close(actor=city.mona, campaign=campaign)
    told = Entry.objects.get(verb=Verb.REVIEW_CLOSE).canonical
    assert '"waived":1' in told
    assert "Season ends" not in "".join(Entry.objects.values_list("canonical", flat=True))


def test_what_ended_by_something_else_needs_no_decision(city: City, zoo: Credential) -> None:
    campaign = opened(city)
    people.separate(actor=city.carla, employee=city.joel, last_day=clock.today(), reason="Left")
    joel = item(campaign, city.joel)
    assert progress.standings([joel])[joel.pk].state == "ended"
    with pytest.raises(Stale, match="ended meanwhile"):
        say(city.helen, joel, "keep")
    decide_all(city, campaign)
    reviews.close(actor=city.dana, campaign=campaign)


def test_the_cadence_opens_a_review_every_half_year(city: City, zoo: Credential) -> None:
    daily.run()
    assert not Campaign.objects.exists()
    with clock.moved_to(clock.now() + timedelta(days=190)):
        daily.run()
        daily.run()
        campaign = Campaign.objects.get()
        assert campaign.by_cadence
        assert campaign.state == Campaign.State.OPEN
        next_day = opening.next_by_cadence()
        assert next_day is not None
        assert 178 <= (next_day - campaign.starts).days <= 185


def test_a_planned_review_opens_on_its_day_and_only_officers_plan(city: City, zoo: Credential) -> None:
    soon = clock.today() + timedelta(days=5)
    for stranger in (city.helen, city.eleanor, city.carla, city.rex):
        with pytest.raises(NotPermitted):
            reviews.plan(actor=stranger, title="Mine", starts=soon, due=soon + timedelta(days=9))
    with pytest.raises(Invalid):
        reviews.plan(actor=city.dana, title="Late", starts=clock.today(), due=clock.today())
    campaign = reviews.plan(actor=city.dana, title="Winter", starts=soon, due=soon + timedelta(days=9))
    daily.run()
    assert not campaign.items.exists()
    with clock.moved_to(clock.now() + timedelta(days=5)):
        daily.run()
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.OPEN
    assert campaign.items.count() == 5


def test_opening_and_looking_cost_the_same_for_any_number(city: City) -> None:
    def cost(count: int) -> tuple[int, int]:
        for number in range(count):
            open_account(city.dana, city.zoo, f"Zoo{Account.objects.count()}x{number}")
        with CaptureQueriesContext(
            connection,
        ) as opening_cost:
            campaign = opened(city)
        with CaptureQueriesContext(connection) as looking:
            progress.standings(campaign.items.whole())
            progress.mine(campaign.pk, city.helen.pk, Reviewers())
        Campaign.objects.filter(pk=campaign.pk).update(state="closed")
        return len(opening_cost), len(looking)

    few, many = cost(1), cost(30)
    assert few[1] == many[1]
    assert many[0] <= few[0] + 2  # entries are inserted by hundreds


def test_grounds_of_another_custody_do_not_hold_a_removal_up(city: City, zoo: Credential) -> None:
    campaign = opened(city)
    priya = say(city.helen, item(campaign, city.priya), "remove", "Over")
    grants.give(
        actor=city.dana, account=zoo.account, people=[city.priya], request_id="9", request_text="Request 9",
        start=clock.today(),
    )  # fmt: skip
    assert Ground.objects.in_force().filter(custody__person=city.priya).exists()
    assert progress.standings([priya])[priya.pk].state == "removed"
    assert deciding.KEEP == "keep"
