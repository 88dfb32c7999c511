"""The API does what its OpenAPI document says, whatever it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings

from accounts import services
from tests.accounts.made import active, imported
from tests.cast import City

pytestmark = pytest.mark.django_db


@pytest.fixture
def data(city: City, monkeypatch: pytest.MonkeyPatch) -> Iterator[City]:
    # As Django's own test client does: the connection is the test's.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    monkeypatch.setattr(django_settings, "ALLOWED_HOSTS", ["localhost", "127.0.0.1"])
    services.attest(actor=city.dana, accounts=imported(city, 12))
    active(city, "HutchZoo", purposes=["events"], also_for=[city.parks])
    yield city
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("count", [12, pytest.param(400, marks=pytest.mark.soak)])
def test_every_answer_is_as_the_document_says(data: City, count: int) -> None:
    """Examples inside and outside what the document allows: statuses, content types, bodies, headers, methods."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    schema.config.generation.update(modes=list(schemathesis.GenerationMode))
    operations: list[Any] = [found.ok() for found in schema.get_all_operations()]  # type: ignore[union-attr]
    assert len(operations) >= 9
    for operation in operations:
        check(operation, count)


def check(operation: Any, count: int) -> None:
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @schemathesis_given(operation)  # type: ignore[untyped-decorator]
    def run(case: Any) -> None:
        case.call_and_validate(headers={"Accept-Encoding": "identity"})

    run()


def schemathesis_given(operation: Any) -> Any:
    from hypothesis import given
    from hypothesis import strategies as st

    modes = [operation.as_strategy(generation_mode=mode) for mode in schemathesis.GenerationMode]
    return given(st.one_of(*modes))
