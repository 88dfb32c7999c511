"""What is kept up in the demonstration city: the policy and who acknowledged it, profiles, groups and pages."""

from __future__ import annotations

from pathlib import Path

from post_office.models import STATUS, Email

from accounts import affiliations, profiles
from accounts.models import Account, ProfileReview
from accounts.profiles import Answer, Given
from config import daily
from config.demonstration.stage import Stage
from employees import policy
from employees.models import PolicyVersion

POLICY = Path(__file__).with_name("policy.txt")
LATER = "(o) comments that may interfere with an investigation, with police tactics, or with the safety of officers\n"
"""The item that the second version added."""


def first_policy(stage: Stage) -> None:
    """The policy as it was adopted, and everybody with an account under their hands acknowledges it."""
    text = POLICY.read_text(encoding="utf-8").replace(LATER, "")
    with stage.on(591):
        version = policy.publish_policy(
            actor=stage["ruth"], title="Social Media Policy", text=text, effective=stage.day(590)
        )
    with stage.on(588, "11:00"):
        for key in (
            "ruth",
            "marcus",
            "mona",
            "helen",
            "grace",
            "henry",
            "walter",
            "ray",
            "sam",
            "nina",
            "lena",
        ):
            policy.acknowledge(actor=stage[key], version=version)
        for key in ("joel", "curtis", "alma", "omar", "luis", "noah"):
            policy.acknowledge(actor=stage[key], version=version)


def second_policy(stage: Stage) -> None:
    """A clause was added; most have read it by now."""
    with stage.on(45):
        version = policy.publish_policy(
            actor=stage["dana"],
            title="Social Media Policy",
            text=POLICY.read_text(encoding="utf-8"),
            effective=stage.day(30),
        )
    for before, keys in (
        (29, ("dana", "marcus", "grace", "luis")),
        (22, ("helen", "olive", "omar", "nina", "sam")),
        (15, ("mona", "henry", "carla", "ellis", "eleanor", "lena", "paula")),
    ):
        with stage.on(before, "13:20"):
            for key in keys:
                policy.acknowledge(actor=stage[key], version=version)
    assert PolicyVersion.objects.count() == 2


YES = {item.code: Given(Answer.YES) for item in profiles.ITEMS}


def check_profile(stage: Stage, by: str, account: Account, **other: Given) -> None:
    """`by` looks at the account's profile and finds everything in order, but for `other`."""
    review = profiles.open_review(account)
    if review is not None:
        profiles.answer(actor=stage[by], review=review, given={**YES, **other})


def yearly_reviews(stage: Stage) -> None:
    """A daily run began them; most departments have looked, the Fire Department has not finished."""
    directors = {
        "public-information": "dana",
        "police": "grace",
        "public-works": "henry",
        "parks": "olive",
        "zoo": "helen",
    }
    with stage.on(70, "10:00"):
        for review in ProfileReview.objects.filter(completed_at=None).select_related("account__department"):
            code = review.account.department.code
            if review.kind != ProfileReview.Kind.YEARLY or code not in directors:
                continue
            one_link = Given(Answer.NOT_POSSIBLE, "Instagram has room for one link: the City’s website")
            other = {"policy_link": one_link} if review.account.platform.slug == "instagram" else {}
            check_profile(stage, directors[code], review.account, **other)
    with stage.on(60, "09:10"):
        fire = stage.account("x:HutchFireDept")
        check_profile(stage, "ray", fire, policy_link=Given(Answer.NO))


def groups_and_pages(stage: Stage) -> None:
    """Recorded by holders: one seen, one ordered undone, two that the PI Director has not seen."""
    with stage.on(16, "09:40"):
        seen = affiliations.record_affiliation(
            actor=stage["priya"],
            account=stage.account("x:HutchZoo"),
            kind="page",
            name="Kansas State Fair",
            url="https://x.com/kansasstatefair",
            purpose="The Zoo’s animals are at the fair; we repeat its opening hours.",
        )
    with stage.on(14, "08:50"):
        affiliations.see(actor=stage["dana"], affiliations=[seen])
    with stage.on(4, "10:30"):
        paving = affiliations.record_affiliation(
            actor=stage["omar"],
            account=stage.account("x:HutchWorks"),
            kind="page",
            name="Prairie Paving Company",
            url="https://x.com/prairiepaving",
            purpose="They repave Main Street for us.",
        )
    with stage.on(3, "08:40"):
        affiliations.order_undone(
            actor=stage["dana"],
            affiliation=paving,
            reason="Following one contractor reads as an endorsement. Link to our own notice instead.",
        )
    with stage.on(2, "14:10"):
        affiliations.record_affiliation(
            actor=stage["luis"],
            account=stage.account("facebook:HutchPoliceDept"),
            kind="group",
            name="Reno County Neighborhood Watch",
            url="https://www.facebook.com/groups/renocountywatch",
            purpose="Residents ask about patrols there; officers answer with the official numbers.",
        )
    with stage.on(1, "11:25"):
        affiliations.record_affiliation(
            actor=stage["olive"],
            account=stage.account("instagram:hutchrecreation"),
            kind="page",
            name="Kansas Recreation and Park Association",
            url="https://www.instagram.com/krpa",
            purpose="Dates of trainings and of regional events.",
        )


def forgotten_request(stage: Stage) -> None:
    """One that was returned and forgotten: warned of after 83 days, expired after 90."""
    for before in (48, 41):
        with stage.on(before, "02:00"):
            daily.run()


def mail_went_out() -> None:
    """What the story mailed was sent in the story; nothing of it waits for today's mail server."""
    Email.objects.filter(status=STATUS.queued).update(status=STATUS.sent)
