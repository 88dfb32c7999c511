"""What changes accounts, and who may."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from accounts import canonical, health, sections, services
from accounts.capabilities import OFFERS
from accounts.catalogue import CATALOGUE
from accounts.models import Account, Capability, Platform
from accounts.shipping import ship
from audit import clock
from audit.actions import Verb
from audit.errors import ConflictOfInterest, Invalid, NotPermitted, Refused, Stale
from audit.models import Entry
from audit.states import AssignedDirectly
from audit.verification import verify
from employees import services as people
from employees.models import Designation
from tests.accounts.made import imported, opened
from tests.cast import City, appoint

pytestmark = pytest.mark.django_db


def test_the_catalogue_is_shipped_once() -> None:
    assert set(Platform.objects.values_list("slug", flat=True)) == set(CATALOGUE)
    assert Capability.objects.count() == sum(len(offers) for offers in OFFERS.values())
    assert Entry.objects.filter(verb=Verb.PLATFORM_SHIP).count() == len(CATALOGUE)
    assert ship(actor=None) == []
    Platform.objects.filter(slug="x").update(hosts=["x.com"])
    assert [platform.slug for platform in ship(actor=None)] == ["x"]
    assert "twitter.com" in Platform.objects.get(slug="x").hosts


def test_capability_is_what_the_house_says() -> None:
    now = {
        slug: Capability.objects.filter(platform__slug=slug, since__lte=clock.today()).latest("since")
        for slug in ("x", "instagram", "youtube", "facebook", "linkedin", "mastodon")
    }
    assert [slug for slug, row in now.items() if row.owner_login] == ["x", "instagram", "youtube", "mastodon"]
    assert [slug for slug, row in now.items() if row.roles] == [
        "x",
        "instagram",
        "youtube",
        "facebook",
        "linkedin",
    ]
    assert all(any(role["full_control"] for role in row.roles) for row in now.values() if row.roles)


def test_an_account_opens_in_provisioning_and_becomes_active_once(city: City) -> None:
    account = opened(city, "@HutchZoo")
    assert (account.state, account.key, account.reference) == ("provisioning", "hutchzoo", "x:HutchZoo")
    assert not Account.objects.public().exists()
    services.activate(actor=city.helen, account=account)
    assert Account.objects.public().get() == account
    with pytest.raises(Stale):
        services.activate(actor=city.helen, account=account)
    with pytest.raises(AssignedDirectly):
        account.state = "retired"
    assert verify().sound


@pytest.mark.parametrize("name", ["helen", "priya", "tom", "marcus", "rex", "carla"])
def test_only_who_decides_opens(city: City, name: str) -> None:
    with pytest.raises(NotPermitted):
        opened(city, "HutchZoo", actor=getattr(city, name))


def test_the_alternate_authority_opens_too(city: City) -> None:
    assert opened(city, "HutchZoo", actor=city.mona).origin == "request"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"handle": "hutch zoo"}, "handle"),
        ({"handle": "https://facebook.com/hutchzoo"}, "handle"),
        ({"name": ""}, "name"),
        ({"name": "Zoo\u202e"}, "name"),
        ({"purposes": ["fun"]}, "purposes"),
    ],
)
def test_bad_input_names_its_field(city: City, changes: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        opened(city, **{"handle": "hutchzoo", **changes})  # type: ignore[arg-type]
    assert field in refused.value.fields
    assert not Account.objects.exists()


def test_one_live_account_a_handle(city: City) -> None:
    account = opened(city, "HutchZoo")
    with pytest.raises(Invalid, match="@HutchZoo on X is in the registry already, for Hutchinson Zoo"):
        opened(city, "https://twitter.com/HUTCHZOO")
    twin = Account(
        platform=account.platform,
        handle="hutchzoo",
        key=account.key,
        url=account.url,
        name="Twin",
        department=city.parks,
        state="active",
        origin="import",
        created_at=clock.now(),
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()
    Account.objects.filter(pk=account.pk).update(state="retired")
    twin.save()
    assert services.find("x:hutchzoo") == twin


def test_the_database_holds_the_platforms_number_too(city: City) -> None:
    one, other = opened(city, "one"), opened(city, "other")
    Account.objects.filter(pk=one.pk).update(platform_account_id="42")
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.filter(pk=other.pk).update(platform_account_id="42")


def test_attesting_is_the_pi_directors(city: City) -> None:
    accounts = imported(city, 3)
    for person in (city.helen, city.tom, city.marcus, city.mona, city.rex):
        with pytest.raises(NotPermitted):
            services.attest(actor=person, accounts=accounts)
    with pytest.raises(Invalid):
        services.attest(actor=city.dana, accounts=[])
    services.attest(actor=city.dana, accounts=accounts[:2])
    assert list(Account.objects.public().order_by("pk")) == accounts[:2]
    with pytest.raises(Stale, match="2 of these 3 accounts"):
        services.attest(actor=city.dana, accounts=accounts)
    assert services.awaiting_attestation().get() == accounts[2]
    entries = Entry.objects.filter(verb=Verb.ACCOUNT_ATTEST)
    assert [entry.object_text for entry in entries] == [account.display for account in accounts[:2]]
    assert '"acting":false' in entries[0].canonical
    assert verify().sound


def test_the_acting_pi_director_attests(city: City) -> None:
    from employees.models import Office

    office = Office.objects.get(kind=Office.Kind.PI_DIRECTOR)
    appoint(city.tom, office, by=city.carla, confirmed_by=city.ruth, acting=True)
    services.attest(actor=city.tom, accounts=imported(city, 1))
    assert '"acting":true' in Entry.objects.get(verb=Verb.ACCOUNT_ATTEST).canonical


def paper(city: City, *, whole: bool = False) -> Designation:
    return people.record_designation(
        actor=city.helen,
        department=city.zoo,
        designee=city.priya,
        start=date(2024, 1, 8),
        instrument="Memo 7",
        whole_department=whole,
    )


def test_a_designation_names_accounts_before_it_is_confirmed(city: City) -> None:
    zoo, parks = opened(city, "hutchzoo"), opened(city, "hutchparks", department=city.parks)
    designation = paper(city)
    with pytest.raises(NotPermitted):
        services.name_accounts(actor=city.olive, designation=designation, accounts=[zoo])
    with pytest.raises(ConflictOfInterest):
        services.name_accounts(actor=city.priya, designation=designation, accounts=[zoo])
    for accounts in ([], [parks]):
        with pytest.raises(Invalid):
            services.name_accounts(actor=city.helen, designation=designation, accounts=accounts)
    services.name_accounts(actor=city.helen, designation=designation, accounts=[zoo])
    services.name_accounts(actor=city.helen, designation=designation, accounts=[zoo])
    assert [row.account for row in designation.named_accounts.all()] == [zoo]
    people.confirm_designation(actor=city.carla, designation=designation)
    with pytest.raises(Refused, match="new designation"):
        services.name_accounts(actor=city.helen, designation=designation, accounts=[zoo])
    assert verify().sound


def test_a_designation_for_the_department_names_none(city: City) -> None:
    with pytest.raises(Refused, match="whole department"):
        services.name_accounts(
            actor=city.helen, designation=paper(city, whole=True), accounts=[opened(city, "hutchzoo")]
        )


def test_descriptions_are_edited_by_public_information(city: City) -> None:
    account = opened(city, "hutchzoo")
    for person in (city.priya, city.olive, city.sam, city.rex):
        with pytest.raises(NotPermitted):
            services.describe(actor=person, account=account, audience="Families")
    services.describe(actor=city.tom, account=account, audience=" Families ", long_description="a\r\nb")
    services.describe(actor=city.helen, account=account, audience="Families")
    account.refresh_from_db()
    assert (account.audience, account.long_description) == ("Families", "a\nb")
    assert Entry.objects.filter(verb=Verb.ACCOUNT_DESCRIBE).count() == 1
    with pytest.raises(Invalid):
        services.describe(actor=city.tom, account=account, state="retired")


def test_accounts_are_found_by_reference(city: City) -> None:
    account = opened(city, "HutchZoo")
    texts = (
        "x:HutchZoo",
        "twitter:@hutchzoo",
        "X: hutchzoo",
        f"{account.pk}",
        "x:https://twitter.com/hutchzoo/",
    )
    assert {services.find(text) for text in texts} == {account}
    account.handles.create(handle="HutchinsonZoo", key="hutchinsonzoo", until=date(2024, 5, 1))
    assert services.find("x:hutchinsonzoo") == account


@pytest.mark.parametrize(
    "text", ["", "hutchzoo", "x:", "x:hutchzoo", "9999999", "myspace:zoo", "x:a b", "²", "9" * 40]
)
def test_what_names_no_account_is_said(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        services.find(text)
    assert refused.value.fields["account"]


def test_health_and_sections_come_from_other_rooms(city: City) -> None:
    account = opened(city, "hutchzoo")
    assert "Helen Okafor" in health.of([account])[account.pk].custodians
    assert [section.title for section in sections.of(account, city.dana)]


def test_a_display_names_the_handle_or_the_name(city: City) -> None:
    facebook = Platform.objects.get(slug="facebook")
    numbered = opened(city, "facebook.com/profile.php?id=61550000000001", platform=facebook)
    assert numbered.display == "Hutch Zoo on Facebook"
    assert canonical.identify("facebook", numbered.handle).url == numbered.url
