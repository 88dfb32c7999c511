"""A departure: all of it before one confirms, then followed to its end, then the certificate."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.formats import date_format

from audit import clock
from credentials import closing, knowledge, platform_roles, rotation, vault, ways
from credentials.models import ClosingStep, Credential, Custody, Rotation, WayIn
from employees import departures
from employees import services as people
from employees.models import Employee, Office, Role
from tests.cast import City, client_of, designate, give_role
from tests.credentials.accounts import deposited, open_account, rotated

pytestmark = pytest.mark.django_db


@pytest.fixture
def zoo(city: City) -> Credential:
    """Helen holds a login that she set and a page on which she was seen; Priya is her designee."""
    credential = deposited(city.helen, open_account(city.dana, city.zoo))
    page = open_account(city.dana, city.zoo, "HutchinsonZoo", "facebook")
    platform_roles.confirm_role(actor=city.sam, custody=Custody.objects.get(account=page, person=city.helen))
    designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    return credential


def text(person: Employee, address: str) -> str:
    return " ".join(client_of(person).get(address, follow=True).content.decode().split())


def closed(actor: Employee, done: Rotation) -> None:
    """The whole closing list, ticked."""
    for step in closing.left(done):
        closing.tick(actor=actor, rotation=done, step=step, outcome="done")


def reported(city: City, credential: Credential) -> None:
    said = {"reason": "It stood in a shared document.", "version": 1}
    assert client_of(city.dana).post(f"/credentials/{credential.pk}/report/", said).status_code == 302


def open_tasks(person: Employee) -> list[str]:
    departure = departures.last(person)
    assert departure is not None
    return [task.what for task in departures.tasks([departure])[departure] if task.done_at is None]


def leave(city: City) -> None:
    client = client_of(city.sam)
    answer = client.post(
        f"/people/{city.helen.pk}/leaving/",
        {"last_day": clock.today().isoformat(), "reason": "Retires"},
        follow=True,
    )
    assert "Helen Okafor has left" in answer.content.decode()


def test_all_of_it_stands_there_before_one_confirms(city: City, zoo: Credential) -> None:
    page = text(city.sam, f"/people/{city.helen.pk}/leaving/")
    for part in (
        '<strong class="oa-whole">@HutchZoo</strong> <div class="oa-quiet">X</div>',
        '<strong class="oa-whole">@HutchZoo</strong> <div class="oa-quiet">X, password v1</div>',
        '<strong class="oa-whole">@HutchinsonZoo</strong> <div class="oa-quiet">Facebook</div>',
        "Role on the platform: Full control",
        "still present on Facebook until somebody confirms the removal",
        "password v1",
        "Director of Hutchinson Zoo",
        "Designation of Priya Nair",
        "Name an acting holder",
        "2 custodies end",
        "1 rotation becomes due",
        "1 seat is left vacant",
        "1 designation of somebody else lapses",
        "You get 3 tasks in order",
    ):
        assert part in page, part


def test_it_is_followed_to_the_end_and_certified(city: City, zoo: Credential) -> None:
    leave(city)
    address = f"/people/{city.helen.pk}/leaving/"
    assert open_tasks(city.helen) == [
        "@HutchZoo on X, password v1",
        "@HutchinsonZoo on Facebook, Full control",
        "Director of Hutchinson Zoo",
    ]
    assert "3 things are still open" in text(city.sam, f"{address}certificate/")
    done_by_sam = rotated(city.sam, zoo)
    assert "the rest of its list is open" in text(city.sam, address)
    closed(city.sam, done_by_sam)
    role = Custody.objects.get(person=city.helen, channel=Custody.Channel.PLATFORM_ROLE)
    done = client_of(city.sam).post(f"/custody/{role.pk}/removed/", {"leaving": "1"}, follow=True)
    assert done.redirect_chain[-1][0] == address
    assert open_tasks(city.helen) == ["Director of Hutchinson Zoo"]
    office = Office.objects.get(department=city.zoo)
    carla = client_of(city.carla)
    filled = {"holder": "noah@hutch.example", "start": clock.today().isoformat(), "instrument": "Letter 9"}
    assert carla.post(f"/people/offices/{office.pk}/fill/", filled).status_code == 302
    people.confirm_appointment(actor=city.ruth, appointment=office.appointments.get(holder=city.noah))
    assert open_tasks(city.helen) == []
    certificate = text(city.eleanor, f"{address}certificate/")
    for part in (
        "Certificate of off-boarding",
        "Version 2 took its place, by Sam Whitaker",
        "Sam Whitaker has seen that they are gone",
        "Noah Fischer holds it",
        "Priya Nair",
    ):
        assert part in certificate, part


def test_what_is_under_way_says_who_is_at_it(city: City, zoo: Credential) -> None:
    leave(city)
    rotation.start(actor=city.sam, credential=zoo)
    assert "Sam Whitaker is at it" in text(city.marcus, f"/people/{city.helen.pk}/leaving/")
    assert "Helen Okafor has left" in text(city.sam, "/today/")


def test_what_they_did_not_know_or_was_replaced_before_is_no_task(city: City, zoo: Credential) -> None:
    deposited(city.dana, open_account(city.dana, city.zoo, "HutchZooKids"))
    closed(city.sam, rotated(city.sam, zoo))
    with clock.moved_to(clock.now() + timedelta(days=3)):
        leave(city)
        assert not any("password" in task for task in open_tasks(city.helen))


def test_a_role_that_ended_before_is_listed_followed_and_holds_the_certificate_up(
    city: City, zoo: Credential
) -> None:
    page = Custody.objects.get(account__handle="HutchinsonZoo", person=city.priya)
    platform_roles.confirm_role(actor=city.sam, custody=page)
    people.end_designation(
        actor=city.helen,
        designation=city.priya.designations.get(),
        last_day=clock.today() - timedelta(days=1),
        reason="Other work",
    )
    with clock.moved_to(clock.now() + timedelta(days=40)):
        before = text(city.sam, f"/people/{city.priya.pk}/leaving/")
        assert "1 role that had ended is still to be removed" in before
        assert "Still present on Facebook until somebody confirms the removal" in before
        assert "You get one task" in before
        people.separate(actor=city.carla, employee=city.priya, last_day=clock.today(), reason="Left")
        address = f"/people/{city.priya.pk}/leaving/"
        assert open_tasks(city.priya) == ["@HutchinsonZoo on Facebook, Full control"]
        assert "1 thing is still open" in text(city.sam, f"{address}certificate/")
        client_of(city.sam).post(f"/custody/{page.pk}/removed/", {"leaving": "1"})
        assert open_tasks(city.priya) == []
        assert "Sam Whitaker has seen that they are gone" in text(city.sam, f"{address}certificate/")


def back(city: City, person: Employee) -> None:
    people.rehire(
        actor=city.carla,
        employee=person,
        email="again@hutch.example",
        title="Adviser",
        department=city.zoo,
        start=clock.today(),
    )


def test_an_earlier_departure_is_followed_to_its_end_after_a_rehire(city: City, zoo: Credential) -> None:
    leave(city)
    first = clock.today()
    address = f"/people/{city.helen.pk}/leaving/{first}/"
    with clock.moved_to(clock.now() + timedelta(days=30)):
        city.helen.refresh_from_db()
        back(city, city.helen)
        listed = text(city.sam, "/people/departures/")
        assert "Helen Okafor" in listed
        assert "3 of 3 open" in listed
        assert address in listed
        assert address in text(city.sam, f"/people/{city.helen.pk}/")
        assert "Helen Okafor had left" in text(city.sam, "/today/")
        page = text(city.sam, address)
        assert f"Helen Okafor left on {date_format(first)}" in page
        assert "Helen Okafor came back on" in page
        assert "@HutchZoo</strong>" in page
        assert "@HutchinsonZoo</strong>" in page
        assert "3 are open" in page
        before = text(city.sam, f"/people/{city.helen.pk}/leaving/")
        assert "1 role that had ended is still to be removed" in before
        assert "1 rotation is due already" in before
        assert "Nothing depends on this person" not in before


def test_a_second_departure_takes_over_what_the_first_left_and_each_has_its_certificate(
    city: City, zoo: Credential
) -> None:
    leave(city)
    first = clock.today()
    with clock.moved_to(clock.now() + timedelta(days=30)):
        city.helen.refresh_from_db()
        back(city, city.helen)
    with clock.moved_to(clock.now() + timedelta(days=40)):
        second = clock.today()
        kids = deposited(city.dana, open_account(city.dana, city.zoo, "HutchZooKids"))
        version = vault.current_version(vault.item_of(kids))
        assert version is not None
        knowledge.declare_told(actor=city.dana, version=version, person=city.helen)
        people.separate(actor=city.carla, employee=city.helen, last_day=second, reason="Left again")
        assert [one.last_day for one in departures.of_person(city.helen)] == [second, first]
        assert open_tasks(city.helen) == [
            "@HutchZoo on X, password v1",
            "@HutchZooKids on X, password v1",
            "@HutchinsonZoo on Facebook, Full control",
        ]
        role = Custody.objects.get(person=city.helen, channel=Custody.Channel.PLATFORM_ROLE)
        address = f"/people/{city.helen.pk}/leaving/{first}/"
        done = client_of(city.sam).post(
            f"/custody/{role.pk}/removed/", {"leaving": first.isoformat()}, follow=True
        )
        assert done.redirect_chain[-1][0] == address
        closed(city.sam, rotated(city.sam, zoo))
        office = Office.objects.get(department=city.zoo)
        made = people.record_appointment(
            actor=city.carla, office=office, holder=city.noah, start=second, end=None, instrument="Letter 9"
        )
        people.confirm_appointment(actor=city.ruth, appointment=made)
        certificate = text(city.sam, f"{address}certificate/")
        assert not re.search(r"[ap]\.m\.(</time>)?\.", certificate), "no sentence ends with two full stops"
        assert f'to <time datetime="{first}">' in certificate
        assert "They came back on" in certificate
        assert "HutchZooKids" not in certificate
        assert open_tasks(city.helen) == ["@HutchZooKids on X, password v1"]
        assert "1 thing is still open" in text(
            city.sam, f"/people/{city.helen.pk}/leaving/{second}/certificate/"
        )
    with clock.moved_to(clock.now() + timedelta(days=50)):
        # Who took the seat leaves it: that is the departure of somebody else.
        people.separate(actor=city.carla, employee=city.noah, last_day=clock.today(), reason="Left")
        assert "Noah Fischer held it" in text(city.sam, f"{address}certificate/")
        closed(city.sam, rotated(city.sam, kids))
        assert f'from <time datetime="{first + timedelta(days=30)}">' in text(
            city.sam, f"/people/{city.helen.pk}/leaving/{second}/certificate/"
        )


def test_who_holds_the_role_again_after_a_rehire_is_not_to_be_removed(city: City, zoo: Credential) -> None:
    leave(city)
    first = clock.today()
    with clock.moved_to(clock.now() + timedelta(days=30)):
        city.helen.refresh_from_db()
        back(city, city.helen)
        office = Office.objects.get(department=city.zoo)
        made = people.record_appointment(
            actor=city.carla,
            office=office,
            holder=city.helen,
            start=clock.today(),
            end=None,
            instrument="Letter 9",
        )
        people.confirm_appointment(actor=city.ruth, appointment=made)
        one = departures.on(city.helen, first)
        assert one is not None
        tasks = {task.what: task for task in departures.tasks([one])[one]}
        assert tasks["@HutchinsonZoo on Facebook, Full control"].done == "They hold it again, on a new ground"
        assert tasks["Director of Hutchinson Zoo"].done == "Helen Okafor holds it"
        assert tasks["@HutchZoo on X, password v1"].done_at is None, "regained access clears nothing"


def test_nobody_follows_their_own_departure(city: City, zoo: Credential) -> None:
    """Sam came back, to Information Technology: somebody else sees what he left."""
    vault.reveal(actor=city.priya, credential=zoo)
    first = clock.today()
    people.separate(actor=city.carla, employee=city.sam, last_day=first, reason="Left")
    city.sam.refresh_from_db()
    with clock.moved_to(clock.now() + timedelta(days=1)):
        back(city, city.sam)
        give_role(city.sam, Role.Name.INFORMATION_TECHNOLOGY, by=city.carla, confirmed_by=city.ruth)
        assert client_of(city.sam).get(f"/people/{city.sam.pk}/leaving/{first}/").status_code == 403
        assert client_of(city.marcus).get(f"/people/{city.sam.pk}/leaving/{first}/").status_code == 200
        assert client_of(city.marcus).get(f"/people/{city.sam.pk}/leaving/2020-01-31/").status_code == 404
        assert client_of(city.marcus).get(f"/people/{city.sam.pk}/leaving/2020-02-31/").status_code == 404
        assert "somebody else follows yours" in text(city.sam, "/people/departures/")


def test_an_unfinished_departure_stays_on_the_list_for_years(city: City, zoo: Credential) -> None:
    leave(city)
    people.separate(actor=city.carla, employee=city.joel, last_day=clock.today(), reason="Left")
    with clock.moved_to(clock.now() + timedelta(days=800)):
        page = text(city.sam, "/people/departures/")
        assert "One departure is not followed to its end." in page
        assert "Helen Okafor" in page
        assert "Joel" not in page, "it was done at once, and long ago"


def test_who_records_a_departure_is_told_whose_turn_it_is(city: City, zoo: Credential) -> None:
    """A registry clerk records it; the buttons for what is left are for those who may press them."""
    vault.reveal(actor=city.priya, credential=zoo)
    page = Custody.objects.get(account__handle="HutchinsonZoo", person=city.priya, closed_at=None)
    platform_roles.confirm_role(actor=city.sam, custody=page)
    people.separate(actor=city.carla, employee=city.priya, last_day=clock.today(), reason="Left")
    address = f"/people/{city.priya.pk}/leaving/"
    clerk, director, it = (text(one, address) for one in (city.carla, city.helen, city.sam))
    assert "Information Technology does this." in clerk
    assert "Who holds the account does this, or Information Technology." in clerk
    assert ("Confirm removal" in clerk, ">Rotate<" in clerk) == (False, False)
    assert "Confirm removal" in director
    assert "Information Technology does this." in director
    assert "Confirm removal" in it
    assert "does this" not in it


def test_one_look_at_the_platform_closes_every_row_of_a_role_that_ended_twice(
    city: City, zoo: Credential
) -> None:
    for _time in range(2):
        page = Custody.objects.get(account__handle="HutchinsonZoo", person=city.priya, closed_at=None)
        platform_roles.confirm_role(actor=city.sam, custody=page)
        people.end_designation(
            actor=city.helen,
            designation=city.priya.designations.get(ended_at=None),
            last_day=clock.today() - timedelta(days=1),
            reason="Other work",
        )
        designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    people.separate(actor=city.carla, employee=city.priya, last_day=clock.today(), reason="Left")
    present = Custody.objects.still_present().filter(person=city.priya)
    assert present.count() == 2
    assert open_tasks(city.priya) == ["@HutchinsonZoo on Facebook, Full control"]
    today = text(city.sam, "/today/")
    assert today.count("Remove Priya Nair there") == 1, today
    assert text(city.sam, "/custody/?show=present").count("Confirm removal") == 1
    sam = client_of(city.sam)
    sam.post(f"/custody/{present.latest('closed_at').pk}/removed/", {"leaving": "1"})
    assert not present.exists()
    assert open_tasks(city.priya) == []
    certificate = text(city.sam, f"/people/{city.priya.pk}/leaving/certificate/")
    assert certificate.count("has seen that they are gone") == 1


def test_a_rotation_that_is_not_finished_holds_the_certificate_up_whenever_it_was_begun(
    city: City, zoo: Credential
) -> None:
    """Who was signed in with the old password may be so still: nobody has ended the sessions."""
    vault.reveal(actor=city.priya, credential=zoo)
    done = rotated(city.sam, zoo)
    with clock.moved_to(clock.now() + timedelta(days=3)):
        before = text(city.sam, f"/people/{city.priya.pk}/leaving/")
        assert "1 rotation is to be finished" in before
        people.separate(actor=city.carla, employee=city.priya, last_day=clock.today(), reason="Left")
        assert "@HutchZoo on X, password v1" in open_tasks(city.priya)
        closed(city.sam, done)
        assert "@HutchZoo on X, password v1" not in open_tasks(city.priya)


def test_custody_that_had_run_out_closes_with_the_departure_not_with_the_next_daily_run(
    city: City, zoo: Credential
) -> None:
    designate(
        city.noah, city.zoo, by=city.helen, confirmed_by=city.carla, end=clock.today() + timedelta(days=1)
    )
    seen = Custody.objects.get(account__handle="HutchinsonZoo", person=city.noah)
    platform_roles.confirm_role(actor=city.sam, custody=seen)
    with clock.moved_to(clock.now() + timedelta(days=3)):
        assert Custody.objects.standing().filter(person=city.noah).count() == 2
        page = text(city.sam, f"/people/{city.noah.pk}/leaving/")
        assert "2 custodies end" in page
        people.separate(actor=city.carla, employee=city.noah, last_day=clock.today(), reason="Left")
        assert not Custody.objects.standing().filter(person=city.noah).exists()
        assert open_tasks(city.noah) == ["@HutchinsonZoo on Facebook, Full control"]


def test_a_secret_learnt_from_an_open_rotation_is_a_task_once_it_is_current(
    city: City, zoo: Credential
) -> None:
    """Sam, who saw the staged version, leaves; Marcus finishes."""
    started = rotation.start(actor=city.sam, credential=zoo)
    rotation.show(actor=city.sam, rotation=started)
    people.separate(actor=city.carla, employee=city.sam, last_day=clock.today(), reason="Left")
    city.sam.refresh_from_db()
    assert open_tasks(city.sam) == [
        "@HutchZoo on X, password v2, not in use yet",
        "@HutchZoo on X, password v1",
    ]
    rotation.show(actor=city.marcus, rotation=started)
    rotation.claim_changed(actor=city.marcus, rotation=started)
    rotation.verify(actor=city.marcus, rotation=started)
    assert open_tasks(city.sam) == ["@HutchZoo on X, password v1", "@HutchZoo on X, password v2"]
    closed(city.marcus, started)
    assert open_tasks(city.sam) == ["@HutchZoo on X, password v2"]


def test_what_they_have_in_hand_is_shown_before_and_followed_after(city: City, zoo: Credential) -> None:
    way = ways.add(
        actor=city.helen,
        account=zoo.account,
        kind=WayIn.Kind.RECOVERY_PHONE,
        detail="(620) 555-0142",
        holder=city.helen,
    )
    page = text(city.sam, f"/people/{city.helen.pk}/leaving/")
    assert "1 thing changes hands" in page
    assert "Reassign the number" in page
    leave(city)
    task = "Recovery phone (620) 555-0142 · @HutchZoo on X"
    assert task in open_tasks(city.helen)
    ways.end(actor=city.sam, way=way)
    assert task not in open_tasks(city.helen)
    assert "Sam Whitaker did it" in text(city.sam, f"/people/{city.helen.pk}/leaving/")


def test_a_last_day_is_through_that_day_and_a_gap_of_one_day_is_on_it(city: City, zoo: Credential) -> None:
    vault.reveal(actor=city.priya, credential=zoo)
    people.end_designation(
        actor=city.helen,
        designation=city.priya.designations.get(),
        last_day=clock.today() - timedelta(days=1),
        reason="Other work",
    )
    end = clock.today() + timedelta(days=20)
    designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla, end=end)
    mine = text(city.priya, "/credentials/")
    assert f'through <time datetime="{end}">' in mine
    assert "12:00 a.m." not in mine
    queue = text(city.sam, "/credentials/queue/")
    assert f"had no access on {date_format(clock.today())}. Having it again" in queue


def test_if_they_left_today(city: City, zoo: Credential) -> None:
    address = f"/people/{city.helen.pk}/if-left/"
    page = text(city.eleanor, address)
    assert "If Helen Okafor left today" in page
    assert "1 rotation becomes due" in page
    assert "nothing is recorded" in page
    city.helen.refresh_from_db()
    assert city.helen.is_active
    assert client_of(city.noah).get(address).status_code == 404


def test_what_is_due_already_is_said_with_since_when(city: City, zoo: Credential) -> None:
    """Helen knows two passwords. One was reported four days ago: her leaving makes only the other one due."""
    kids = deposited(city.helen, open_account(city.dana, city.zoo, "HutchZooKids"))
    reported(city, zoo)
    since = date_format(clock.today(), "DATE_FORMAT")
    with clock.moved_to(clock.now() + timedelta(days=4)):
        for address in (f"/people/{city.helen.pk}/if-left/", f"/people/{city.helen.pk}/leaving/"):
            page = text(city.sam, address)
            assert f"Rotation is due already, since {since}" in page
            assert page.count("Rotation becomes due<") == 1
            assert "1 rotation becomes due, 1 is due already" in page
        # Both are replaced all the same.
        assert "You get 4 tasks in order" in text(city.sam, f"/people/{city.helen.pk}/leaving/")

        reported(city, kids)
        page = text(city.sam, f"/people/{city.helen.pk}/if-left/")
        assert "2 rotations are due already" in page
        assert "becomes due" not in page

        for credential in (zoo, kids):
            rotated(city.sam, credential)
        page = text(city.sam, f"/people/{city.helen.pk}/if-left/")
        assert "due already" not in page, "she knows neither of the new ones"


def test_the_list_of_departures_costs_the_same_for_many(city: City, zoo: Credential) -> None:
    def cost() -> int:
        client = client_of(city.sam)
        client.get("/people/departures/")
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/people/departures/").status_code == 200
        return len(captured)

    vault.reveal(actor=city.priya, credential=zoo)
    people.separate(actor=city.carla, employee=city.helen, last_day=clock.today(), reason="Left")
    before = cost()
    for person in (city.priya, city.olive, city.joel, city.tom):
        people.separate(actor=city.carla, employee=person, last_day=clock.today(), reason="Left")
    assert cost() == before


def test_bulk_start_leads_through_what_a_departure_made_due(city: City, zoo: Credential) -> None:
    kids = deposited(city.helen, open_account(city.dana, city.zoo, "HutchZooKids"))
    leave(city)
    sam = client_of(city.sam)
    queue = " ".join(sam.get("/credentials/queue/").content.decode().split())
    assert "Start both, one after another" in queue
    first = sam.post("/credentials/queue/start/", {"left": city.helen.pk}, follow=True)
    assert "2 new passwords are made and sealed" in first.content.decode()
    assert Rotation.objects.filter(state=Rotation.State.STAGED).count() == 2
    assert not any(row.how == "rotation" for row in city.sam.knowledge.all())
    order = [int(first.redirect_chain[-1][0].split("/")[2])]
    order.append(({zoo.pk, kids.pk} - set(order)).pop())
    assert "1 of 2 after Helen Okafor left" in " ".join(first.content.decode().split())
    for pk, expected in zip(order, (f"/credentials/{order[1]}/rotate/", "/credentials/queue/"), strict=True):
        for step in ("show", "claim", "verify"):
            sam.post(f"/credentials/{pk}/rotate/{step}/")
        *others, last = ClosingStep.Step.values
        for line in others:
            sam.post(f"/credentials/{pk}/rotate/tick/", {"step": line, "outcome": "done"})
        answer = sam.post(f"/credentials/{pk}/rotate/tick/", {"step": last, "outcome": "not_offered"})
        assert answer["Location"] == expected
    assert "Nothing is due." in sam.get("/credentials/queue/").content.decode()


def test_a_run_is_of_this_person_alone_and_can_be_stopped(city: City, zoo: Credential) -> None:
    leave(city)
    assert client_of(city.helen).post("/credentials/queue/start/").status_code == 302
    assert client_of(city.dana).post("/credentials/queue/start/").status_code == 403
    sam = client_of(city.sam)
    sam.post("/credentials/queue/start/", {"left": city.helen.pk})
    assert "1 of 1" in sam.get(f"/credentials/{zoo.pk}/rotate/").content.decode()
    sam.post("/credentials/queue/stop/")
    assert "1 of 1" not in sam.get(f"/credentials/{zoo.pk}/rotate/").content.decode()
    assert Rotation.objects.filter(state=Rotation.State.STAGED).count() == 1


def test_a_vacant_seat_is_filled_by_a_registrar_and_takes_effect_when_confirmed(city: City) -> None:
    office = Office.objects.get(department=city.fire)
    address = f"/people/offices/{office.pk}/fill/"
    assert client_of(city.olive).get(address).status_code == 403
    filled = {"holder": "noah@hutch.example", "start": clock.today().isoformat(), "instrument": "Letter 9"}
    client_of(city.carla).post(address, {**filled, "acting": "on"})
    made = office.appointments.get()
    assert (made.holder, made.acting, made.waits) == (city.noah, True, True)
