"""At least one row of every table that replay covers, made through services in the tests' city."""

from __future__ import annotations

from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts import affiliations, designating, impostors, neighbours, profiles
from accounts.models import Platform
from approvals import deadlines, services
from approvals.models import Request
from audit import clock
from credentials import (
    breakglass,
    codes,
    holds,
    knowledge,
    receipts,
    records,
    reviews,
    stale,
    vault,
    ways,
)
from credentials.models import SecretItem
from employees import factors, policy
from tests.approvals.paths import approved, submitted
from tests.cast import City, designate, enrol
from tests.credentials.accounts import deposited, open_account, rotated


def fill(city: City) -> None:
    today = clock.today()
    text = policy.publish_policy(actor=city.dana, title="Policy", text="1. Be civil.", effective=today)
    policy.acknowledge(actor=city.helen, version=text)
    designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    _requests(city)

    account = open_account(city.dana, city.zoo)
    credential = deposited(city.helen, account)
    vault.deposit_item(
        actor=city.helen,
        credential=credential,
        kind=SecretItem.Kind.RECOVERY_CODES,
        typed="ab12-cd34\nef56-ab78",
    )
    codes.take(actor=city.priya, credential=credential)
    receipts.acknowledge(actor=city.marcus)
    version = vault.current_version(vault.item_of(credential))
    assert version is not None
    knowledge.report(actor=city.helen, version=version, reason="It stood on a slip of paper.")
    rotated(city.sam, credential)
    stale.report(actor=city.priya, credential=credential, reason="The platform forced a new one.")
    breakglass.open_glass(
        actor=city.sam, credential=credential, reason="Nobody of the Zoo can be reached at night."
    )
    ways.add(actor=city.sam, account=account, kind="carrier", detail="The City")
    designating.designate(
        actor=city.helen, account=account, designee=city.joel, start=today, instrument="Zoo memo 4"
    )

    profiles.begin(actor=None, account=account, kind="yearly")
    affiliations.record_affiliation(
        actor=city.helen,
        account=account,
        kind="page",
        name="Fair",
        url="https://x.com/fair",
        purpose="Events",
    )
    impostors.report(actor=None, address="https://x.com/HutchZ00")
    neighbours.add(
        actor=city.tom, platform=Platform.objects.get(slug="x"), address="renocounty", owner="Reno County"
    )
    holds.place(actor=city.mona, accounts=[account], matter="Case 1")
    records.receive(actor=city.eleanor, number="1", received_on=today, subject="All", account=account)
    reviews.plan(actor=city.dana, title="Autumn", starts=today, due=today + timedelta(days=14))
    enrol(city.priya)
    factors.ask_reset(actor=city.sam, person=city.priya, reason="A lost telephone")


def _requests(city: City) -> None:
    """One that was approved, and one with a file that waits until somebody is reminded of it."""
    approved(city)
    waits: Request = submitted(city, handle="@hutchzoowaits")
    services.attach(actor=city.priya, request=waits, file=SimpleUploadedFile("form.pdf", b"%PDF-1.4 a form"))
    due = deadlines.due_on(waits)
    assert due is not None
    with clock.moved_to(clock.start_of(due) + timedelta(days=3, hours=9)):
        deadlines.run()
