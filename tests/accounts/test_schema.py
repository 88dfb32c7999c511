"""The API does what its OpenAPI document says, whatever it is asked."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, settings

from accounts import services
from accounts.models import Account
from tests.accounts.made import active, imported
from tests.cast import City

pytestmark = pytest.mark.django_db


@pytest.fixture
def data(city: City, monkeypatch: pytest.MonkeyPatch) -> City:
    monkeypatch.setattr(django_settings, "ALLOWED_HOSTS", ["localhost", "127.0.0.1"])
    services.attest(actor=city.dana, accounts=imported(city, 12))
    active(city, "HutchZoo", purposes=["events"], also_for=[city.parks])
    return city


@pytest.mark.parametrize("count", [12, pytest.param(400, marks=pytest.mark.soak)])
def test_every_answer_is_as_the_document_says(data: City, count: int) -> None:
    """Examples inside and outside what the document allows: statuses, content types, bodies, headers, methods."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    schema.config.generation.update(modes=list(schemathesis.GenerationMode))
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) >= 9
    known = str(Account.objects.public()[0].pk)
    for operation in operations:
        check(operation, count, known)


def check(operation: Any, count: int, known: str) -> None:
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @schemathesis_given(operation)
    def run(case: Any) -> None:
        case.call_and_validate()

    run()


def schemathesis_given(operation: Any) -> Any:
    from hypothesis import given
    from hypothesis import strategies as st

    modes = [operation.as_strategy(generation_mode=mode) for mode in schemathesis.GenerationMode]
    return given(st.one_of(*modes))
