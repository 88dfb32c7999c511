"""The demonstration city's requests: one in every state."""

from __future__ import annotations

from typing import Any

from django.core.files.base import ContentFile

from accounts import services as accounts
from accounts.models import Account, Platform
from accounts.profiles import Answer, Given
from approvals import services as approvals
from approvals.asked import Asked
from approvals.kinds import Kind
from approvals.models import Request
from config.demonstration import keeping
from config.demonstration.cast import DOMAIN
from config.demonstration.stage import Stage

RELEASE = b"""%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] >> endobj
trailer << /Root 1 0 R >>
%%EOF
"""
"""An empty page: the form that parents sign."""


def _draft(
    stage: Stage, by: str, department: str, platform: str, handle: str, name: str, **more: Any
) -> Request:
    values: dict[str, Any] = {
        "purposes": ("events", "photos"),
        "audience": "Residents and visitors",
        "justification": "No account of the City reaches these readers where they are.",
        "poster": stage[by],
        "backup": None,
        "login_email": f"{department}-social@{DOMAIN}",
        **more,
    }
    asked = Asked(
        department=stage.departments[department],
        platform=Platform.objects.get(slug=platform),
        handle=handle,
        name=name,
        **values,
    )
    return approvals.create_draft(actor=stage[by], asked=asked)


def _submitted(stage: Stage, by: str, *args: str, **more: Any) -> Request:
    request = _draft(stage, by, *args, **more)
    approvals.submit(actor=stage[by], request=request)
    return request


def long_ago(stage: Stage) -> None:
    """Denied, declined and withdrawn ones."""
    with stage.on(168, "09:40"):
        second = _submitted(
            stage, "alma", "parks", "instagram", "hutchpools", "Hutchinson Pools", backup=stage["olive"]
        )
    with stage.on(166, "11:00"):
        approvals.endorse(actor=stage["olive"], request=second, text="The pools have readers of their own.")
    with stage.on(163, "14:30"):
        approvals.deny(
            actor=stage["dana"],
            request=second,
            reasons=("existing_serves",),
            text="@hutchrecreation serves both. One account that is kept up beats two that are not.",
        )
    with stage.on(137, "10:10"):
        near = _submitted(
            stage, "alma", "parks", "nextdoor", "hutchinson-parks", "Hutchinson Parks", backup=stage["olive"]
        )
    with stage.on(135, "15:20"):
        approvals.endorse(actor=stage["olive"], request=near)
    with stage.on(131, "09:30"):
        approvals.return_for_changes(
            actor=stage["dana"],
            request=near,
            reasons=("unclear",),
            text="Which neighborhoods would it serve that the City's own page does not?",
        )
    with stage.on(130, "10:10"):
        video = _submitted(
            stage,
            "alma",
            "parks",
            "youtube",
            "@HutchRecreation",
            "Hutchinson Recreation",
            backup=stage["olive"],
        )
    with stage.on(128, "16:20"):
        approvals.decline(
            actor=stage["olive"],
            request=video,
            reasons=("nobody_answers",),
            text="We have nobody who films. Let us come back to it next season.",
        )
    with stage.on(120, "13:00"):
        short = _submitted(
            stage, "priya", "zoo", "tiktok", "hutchzoo", "Hutchinson Zoo", backup=stage["helen"]
        )
    with stage.on(118, "08:50"):
        approvals.withdraw(
            actor=stage["priya"], request=short, text="The keepers would rather not be filmed."
        )


def lately(stage: Stage) -> None:
    """Those of these weeks: fulfilled, returned, waiting at each step, approved, a draft."""
    _fulfilled(stage)
    with stage.on(26, "09:00"):
        works = _submitted(
            stage, "paula", "public-works", "nextdoor", "hutchinson-public-works", "Hutchinson Public Works",
            backup=stage["henry"],
        )  # fmt: skip
    with stage.on(25, "15:00"):
        approvals.endorse(actor=stage["henry"], request=works)
    with stage.on(20, "10:30"):
        approvals.return_for_changes(
            actor=stage["dana"],
            request=works,
            reasons=("unclear",),
            text="Please say which notices go here and which stay on X.",
        )
    with stage.on(12, "09:00"):
        police = _submitted(
            stage, "luis", "police", "instagram", "hutchpolicedept", "Hutchinson Police Department",
            backup=stage["grace"],
        )  # fmt: skip
    with stage.on(11, "08:30"):
        approvals.endorse(actor=stage["grace"], request=police)
    with stage.on(3, "14:10"):
        approvals.approve(actor=stage["dana"], request=police, reasons=("city_purpose", "enough_people"))
    with stage.on(9, "08:50"):
        _submitted(
            stage, "luis", "police", "nextdoor", "hutchinson-police", "Hutchinson Police Department",
            backup=stage["grace"], purposes=("announcements", "residents"),
        )  # fmt: skip
    with stage.on(2, "09:15"):
        keeping.check_profile(
            stage, "luis", stage.account("instagram:hutchpolicedept"),
            policy_link=Given(Answer.NOT_POSSIBLE, "Instagram has room for one link: the City’s website"),
            website_link=Given(Answer.NO),
        )  # fmt: skip
    with stage.on(7, "09:24"):
        kids = _submitted(
            stage, "priya", "zoo", "instagram", "hutchzookids", "Hutchinson Zoo Kids",
            backup=stage["helen"], audience="Families with children",
            justification="Class dates and photos of the children's programs drown among the animals' posts.",
        )  # fmt: skip
        approvals.comment(
            actor=stage["priya"],
            request=kids,
            text="We would like one account for the children's programs, so that families find class dates "
            "without reading all of the Zoo's posts.",
        )
    with stage.on(6, "08:03"):
        approvals.comment(
            actor=stage["helen"],
            request=kids,
            text="I support this. Priya posts; I answer for it when she is away.",
        )
        approvals.endorse(actor=stage["helen"], request=kids, reasons=("city_purpose", "enough_people"))
    with stage.on(4, "14:10"):
        approvals.comment(
            actor=stage["dana"],
            request=kids,
            text="Will photos of children be posted? Who signs the release?",
        )
    with stage.on(3, "10:45"):
        approvals.comment(
            actor=stage["priya"], request=kids, text="Only with a signed release. The form is attached."
        )
        approvals.attach(
            actor=stage["priya"], request=kids, file=ContentFile(RELEASE, name="photo-release-2026.pdf")
        )
    with stage.on(2, "13:00"):
        _submitted(
            stage, "omar", "public-works", "instagram", "hutchstreets", "Hutchinson Streets",
            backup=stage["paula"], purposes=("news", "residents"),
        )  # fmt: skip
    with stage.on(1, "16:45"):
        _draft(
            stage, "noah", "fire", "tiktok", "hutchfiredept", "Hutchinson Fire Department",
            justification="", backup=None,
        )  # fmt: skip


def _about(
    stage: Stage, by: str, kind: Kind, reference: str, why: str, *, submit: bool = True, **more: Any
) -> Request:
    """A request about an account that is in the registry."""
    account = accounts.find(reference)
    asked = Asked(department=account.department, kind=kind, account=account, justification=why, **more)
    request = approvals.create_draft(actor=stage[by], asked=asked)
    return approvals.submit(actor=stage[by], request=request) if submit else request


def of_every_kind(stage: Stage) -> None:
    """One of each other kind, each in another state."""
    with stage.on(44, "09:10"):
        fire = stage.departments["fire"]
        listed = list(Account.objects.to_adopt().filter(department=fire).values_list("pk", flat=True))
        adopted = approvals.create_draft(
            actor=stage["ray"],
            asked=Asked(
                department=fire,
                kind=Kind.ADOPT,
                listed=listed,
                justification="Calls, burn bans and open houses. The Chief's office keeps them up.",
            ),
        )
        approvals.submit(actor=stage["ray"], request=adopted)
    with stage.on(43, "13:20"):
        approvals.approve(actor=stage["dana"], request=adopted, reasons=("city_purpose", "enough_people"))
    with stage.on(36, "10:05"):
        rest = _about(
            stage, "olive", Kind.SUSPEND, "instagram:hutchrecreation",
            "The pools are closed and nobody posts until the season begins.",
        )  # fmt: skip
    with stage.on(35, "08:50"):
        approvals.approve(actor=stage["dana"], request=rest, reasons=("city_purpose",))
    with stage.on(33, "16:00"):
        back = _about(
            stage, "olive", Kind.REINSTATE, "instagram:hutchrecreation",
            "The indoor season began early; registration is announced there.",
        )  # fmt: skip
    with stage.on(32, "09:30"):
        approvals.approve(actor=stage["dana"], request=back, reasons=("city_purpose",))
    with stage.on(9, "11:15"):
        transfer = _about(
            stage, "omar", Kind.TRANSFER, "x:HutchWorks",
            "Notices of closed streets come from Public Information since October.",
            to_department=stage.departments["public-information"],
        )  # fmt: skip
    with stage.on(8, "10:00"):
        approvals.endorse(actor=stage["henry"], request=transfer, reasons=("organisation",))
    with stage.on(5, "15:40"):
        approvals.return_for_changes(
            actor=stage["dana"],
            request=transfer,
            reasons=("incomplete",),
            text="Who answers messages about closed streets on weekends? Please say so.",
            note="Talk to Henry first: his crew answers them today.",
        )
    with stage.on(5, "09:00"):
        rename = _about(
            stage, "priya", Kind.RENAME, "x:HutchZoo",
            "The Zoo is “Hutchinson Zoo” everywhere else; visitors look for it by that name.",
            handle="@HutchinsonZoo",
        )  # fmt: skip
    with stage.on(4, "08:20"):
        approvals.endorse(actor=stage["helen"], request=rename, reasons=("city_purpose",))
    with stage.on(3, "09:00"):
        approvals.take(actor=stage["dana"], request=rename)
    with stage.on(2, "10:30"):
        _about(
            stage, "noah", Kind.ACCESS, "x:HutchFireDept",
            "She films the open house and posts from it.",
            poster=stage["rosa"], access_until=stage.day(-45),
        )  # fmt: skip
    with stage.on(1, "14:00"):
        _about(stage, "luis", Kind.CLOSE, "facebook:HutchPoliceDept", "", submit=False)


def _fulfilled(stage: Stage) -> None:
    """A Marketing Specialist gets access for a stated time; it has run out, and he knows the password."""
    with stage.on(64, "09:00"):
        events = _submitted(
            stage, "alma", "parks", "x", "HutchEvents", "Hutchinson Events",
            poster=stage["tom"], backup=stage["alma"], access_until=stage.day(8),
        )  # fmt: skip
    with stage.on(62, "10:20"):
        approvals.endorse(actor=stage["olive"], request=events)
    with stage.on(60, "11:30"):
        approvals.approve(actor=stage["dana"], request=events, reasons=("city_purpose", "branding_planned"))
    with stage.on(59, "14:00"):
        keeping.check_profile(stage, "alma", stage.account("x:HutchEvents"))
    with stage.on(58, "09:15"):
        stage.deposit("olive", "x:HutchEvents", f"parks-events@{DOMAIN}", "Demo-set-by-the-director-9")
    for before in (50, 41, 26):
        with stage.on(before, "13:05"):
            stage.reveal("tom", "x:HutchEvents")
