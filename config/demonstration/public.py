"""What residents bring into the story: accounts of others that they mistake for the City's, and what they report."""

from __future__ import annotations

from accounts import impostors, neighbours
from accounts.models import ImpostorReport, Platform
from config.demonstration.stage import Stage


def tell(stage: Stage) -> None:
    """Lena keeps the list of neighbours; Dana answers reports, and one waits for her."""
    with stage.on(120, "09:40"):
        for slug, address, owner in (
            ("facebook", "https://www.facebook.com/RenoCountyKS", "Reno County"),
            ("x", "https://x.com/HutchUSD308", "Unified School District 308"),
            (
                "facebook",
                "https://www.facebook.com/amsel4hutch",
                "Victor Amsel, council member, his own page",
            ),
        ):
            platform = Platform.objects.get(slug=slug)
            neighbours.add(actor=stage["lena"], platform=platform, address=address, owner=owner)
    with stage.on(33, "21:12"):
        impostors.report(
            actor=None,
            address="https://x.com/HutchFlreDept",
            said="It asks for donations after the fire on Main Street, by gift card.",
        )
        impostors.report(actor=None, address="https://x.com/HutchPotholes", said="It makes fun of the City.")
    with stage.on(32, "08:25"):
        confirmed, harmless = ImpostorReport.objects.order_by("pk")
        impostors.decide(actor=stage["dana"], report=confirmed, outcome=ImpostorReport.Outcome.CONFIRMED)
        impostors.decide(actor=stage["dana"], report=harmless, outcome=ImpostorReport.Outcome.HARMLESS)
    with stage.on(1, "19:47"):
        impostors.report(
            actor=None,
            address="https://www.instagram.com/hutchinsonzoo_official/",
            said="It says that I have won an annual pass and wants my address.",
        )
