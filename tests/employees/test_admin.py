"""The admin by seat: read by those who have one, written by nobody."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse

from audit import clock
from employees import services
from employees.models import Appointment, Department, Employee
from tests.cast import City, client_of, designate

MODELS = ("department", "employee", "appointment", "designation", "role")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("dana", 200),
        ("carla", 200),
        ("eleanor", 200),
        ("sam", 200),
        ("helen", 403),
        ("noah", 403),
        ("rex", 403),
    ],
)
def test_seats_open_the_lists_and_nothing_else_does(city: City, name: str, code: int) -> None:
    person = getattr(city, name)
    person.user_permissions.set(Permission.objects.filter(content_type__app_label="employees"))
    client = client_of(person)
    for model in MODELS:
        assert client.get(reverse(f"admin:employees_{model}_changelist")).status_code == code, model


def test_nothing_is_written_there(city: City) -> None:
    designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    client = client_of(city.dana)
    rows = {
        "employee": city.noah.pk,
        "department": city.zoo.pk,
        "appointment": Appointment.objects.all()[0].pk,
    }
    before = list(Employee.objects.order_by("pk").values())
    for model, pk in rows.items():
        assert client.get(reverse(f"admin:employees_{model}_add")).status_code == 403
        assert client.get(reverse(f"admin:employees_{model}_delete", args=[pk])).status_code == 403
        change = reverse(f"admin:employees_{model}_change", args=[pk])
        page = client.get(change)
        assert page.status_code == 200
        assert b'name="_save"' not in page.content
        assert client.post(change, {"name": "Changed", "is_superuser": "on"}).status_code == 403
        listing = reverse(f"admin:employees_{model}_changelist")
        assert b"delete_selected" not in client.get(listing).content
        client.post(listing, {"action": "delete_selected", "_selected_action": [pk], "post": "yes"})
    assert list(Employee.objects.order_by("pk").values()) == before
    assert Department.objects.filter(name="Changed").count() == 0
    assert not LogEntry.objects.exists()


def test_a_person_shows_no_password_and_no_flag(city: City) -> None:
    page = client_of(city.dana).get(reverse("admin:employees_employee_change", args=[city.noah.pk]))
    text = page.content.decode()
    assert city.noah.password not in text
    assert "superuser" not in text.lower()
    assert reverse("employees:person", args=[city.noah.pk]) in text


@pytest.mark.parametrize(
    "query",
    [
        "password__startswith=md5",
        "employments__title__startswith=F",
        "email__startswith=n",
        "is_superuser__exact=1",
    ],
)
def test_the_address_is_no_oracle(city: City, query: str) -> None:
    response = client_of(city.dana).get(reverse("admin:employees_employee_changelist") + "?" + query)
    assert response.status_code == 400


def test_the_filters_work(city: City) -> None:
    services.separate(actor=city.carla, employee=city.noah, last_day=clock.today(), reason="Left")
    listing = reverse("admin:employees_employee_changelist")
    page = client_of(city.dana).get(listing + f"?is_active__exact=0&department__id__exact={city.fire.pk}")
    assert page.status_code == 200
    assert [row.name for row in page.context["cl"].result_list] == ["Noah Fischer"]


def test_a_superuser_without_a_seat_is_offered_no_list_of_people(city: City) -> None:
    page = client_of(city.rex).get(reverse("admin:index")).content.decode()
    assert "/admin/employees/" not in page
