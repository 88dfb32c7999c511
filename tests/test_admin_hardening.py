"""The admin gives nothing away and changes nothing; guardian's rows are asked once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.db import models
from django.test import Client
from django.urls import NoReverseMatch, reverse
from guardian.exceptions import GuardianError
from guardian.shortcuts import assign_perm

from credentials import entitlement
from credentials.models import CredentialUserObjectPermission
from employees.admin import SeatedAdmin
from employees.models import Employee
from tests.cast import City, client_of
from tests.credentials.accounts import deposited, open_account
from tests.permission_scene import Scene

ADMINS = sorted(admin.site._registry.items(), key=lambda pair: pair[0]._meta.label)
pytestmark = pytest.mark.django_db
each_admin = pytest.mark.parametrize(("model", "one"), ADMINS, ids=[model._meta.label for model, _ in ADMINS])


@each_admin
def test_only_seated_admins_without_actions_or_editable_lists(
    city: City, rf: Any, model: type[models.Model], one: Any
) -> None:
    assert isinstance(one, SeatedAdmin)
    for person in (city.dana, city.marcus, city.sam, city.rex):
        request = rf.get("/")
        request.user = person
        several = {"decide_several"} if model._meta.label == "approvals.Request" else set()
        assert set(one.get_actions(request)) == several  # leads to a page that asks who may
        assert not one.has_add_permission(request)
        assert not one.has_change_permission(request)
        assert not one.has_delete_permission(request)
    assert not one.list_editable
    assert one.autocomplete_fields == ()


@each_admin
def test_no_plain_column_can_be_guessed_at(city: City, model: type[models.Model], one: Any) -> None:
    """`?column__startswith=a` would answer with a number of rows, one letter after another."""
    person = city.sam
    listing = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    client = client_of(person)
    assert client.get(listing).status_code == 200
    for column in model._meta.concrete_fields:
        for guess in ("startswith", "regex", "gte"):
            if guess == "gte" and column.name == one.date_hierarchy:
                continue
            answer = client.get(listing, {f"{column.name}__{guess}": "a"})
            allowed = one.lookup_allowed(f"{column.name}__{guess}", "a")
            assert answer.status_code == 400 or (allowed and guess == "gte"), (column.name, guess)
    for field in model._meta.related_objects:
        name = field.get_accessor_name() or field.name
        assert client.get(listing, {f"{name}__pk__gte": "0"}).status_code in (302, 400), name


def test_stock_addresses_that_tell_too_much_are_absent(city: City) -> None:
    dana = client_of(city.dana)
    asked = {"app_label": "employees", "model_name": "appointment", "field_name": "holder", "term": "a"}
    assert dana.get("/admin/autocomplete/", asked).status_code == 404
    assert dana.get(f"/admin/r/1/{city.noah.pk}/").status_code == 404
    assert dana.get("/admin/password_change/").status_code == 404


@each_admin
def test_states_are_read_only(city: City, rf: Any, model: type[models.Model], one: Any) -> None:
    """And everything else: no form of the admin has a field."""
    request = rf.get("/")
    request.user = city.dana
    assert dict(one.get_form(request, None, change=True).base_fields) == {}


def test_a_superuser_is_offered_no_admin_of_libraries(city: City) -> None:
    assert not admin.site.is_registered(Group)
    assert client_of(city.rex).get("/admin/auth/group/").status_code == 403
    assert client_of(city.dana).get("/admin/auth/group/").status_code == 404


def test_the_admin_of_people_makes_nobody_a_superuser(city: City) -> None:
    for person in (city.dana, city.marcus, city.carla, city.rex):
        person.user_permissions.set(Permission.objects.all())
        client = client_of(person)
        for target in (person, city.noah):
            address = reverse("admin:employees_employee_change", args=[target.pk])
            data = {"is_superuser": "on", "is_active": "on", "password": "x", "user_permissions": ["1"]}
            assert client.post(address, data).status_code == 403
            assert client.post(f"{address}../password/", {"password1": "x"}).status_code in (302, 403, 404)
    assert list(Employee.objects.filter(is_superuser=True)) == [city.rex]


def test_djangos_own_log_stays_empty(scene: Scene) -> None:
    for who in ("dana", "helen", "marcus"):
        client = scene.client(who)
        for model, _one in ADMINS:
            opts = model._meta
            names = [
                f"admin:{opts.app_label}_{opts.model_name}_{page}" for page in ("add", "delete", "change")
            ]
            for name in names:
                with suppress(NoReverseMatch):  # the admin of requests has fewer pages
                    address = reverse(name, args=[] if name.endswith("add") else [1])
                    client.post(address, {"_save": "1", "post": "yes"})
        things = scene.things["zoo"]
        client.post(
            f"/admin/approvals/request/{things['request_id']}/endorse/", {"seen": things["request_seen"]}
        )
    assert not LogEntry.objects.exists()


def test_a_signed_out_visitor_can_be_given_no_object_permission(city: City) -> None:
    credential = deposited(city.sam, open_account(city.dana, city.zoo))
    with pytest.raises((GuardianError, ObjectDoesNotExist, FieldDoesNotExist, ValueError, AttributeError)):
        assign_perm(entitlement.REVEAL, AnonymousUser(), credential)
    assert set(CredentialUserObjectPermission.objects.values_list("user__email", flat=True)) == {
        f"{name}@hutch.example" for name in ("dana", "marcus", "helen")
    }


def test_may_somebody_reveal_is_one_statement(
    city: City, django_assert_num_queries: Callable[[int], Any]
) -> None:
    credential = deposited(city.sam, open_account(city.dana, city.zoo))
    for person, ground in ((city.helen, True), (city.noah, False), (city.rex, False), (city.sam, False)):
        with django_assert_num_queries(1):
            assert bool(entitlement.ground_to_reveal(person, credential)) is ground


def test_a_list_of_credentials_costs_the_same_however_long(
    city: City, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    client: Client = client_of(city.helen)
    for number in range(30):
        deposited(city.sam, open_account(city.dana, city.zoo, f"HutchZoo{number}"))
    with django_assert_max_num_queries(22):
        assert client.get("/credentials/").status_code == 200
