"""What happens by itself once a day; twice or late does no harm, and lengthens nobody's access."""

from __future__ import annotations

from datetime import timedelta

import pytest

from audit import clock
from audit.actions import Verb
from audit.models import Entry
from audit.verification import verify
from config import daily
from credentials.models import Custody
from employees import services as people
from tests.cast import City, designate
from tests.credentials.accounts import open_account

pytestmark = pytest.mark.django_db


def test_twice_changes_nothing_but_the_heartbeat(city: City) -> None:
    open_account(city.dana, city.zoo)
    daily.run()
    before = Custody.objects.values_list("pk", "closed_at")
    told = list(before)
    done = daily.run()
    assert (done.separated, done.opened, done.regrounded, done.closed) == (0, 0, 0, 0)
    assert list(before.all()) == told
    assert Entry.objects.filter(verb=Verb.DAILY_RUN).count() == 2
    assert verify().sound


def test_whose_last_day_is_over_is_separated(city: City) -> None:
    open_account(city.dana, city.zoo)
    people.set_last_day(actor=city.carla, employee=city.helen, last_day=clock.today())
    with clock.moved_to(clock.end_of(clock.today()) + timedelta(hours=3)):
        done = daily.run()
    city.helen.refresh_from_db()
    assert done.separated == 1
    assert not city.helen.is_active
    assert not Custody.objects.standing().filter(person=city.helen).exists()


def test_whose_paper_ran_out_since_the_last_run_is_signed_out(city: City) -> None:
    open_account(city.dana, city.zoo)
    designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla, end=clock.today())
    daily.run()
    assert daily.whose_papers_ran_out() == set()
    with clock.moved_to(clock.end_of(clock.today()) + timedelta(hours=3)):
        assert daily.whose_papers_ran_out() == {city.priya.pk}
        daily.run()
        assert daily.whose_papers_ran_out() == set()
