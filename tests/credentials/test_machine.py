"""Long random stories over hiring, papers, secrets and departures: the code and a simple model agree after every step.

What is compared: custody, grounds, permissions, knowledge, due rotations with who causes them, receipts owed, and the
ledger's replay. The model (`simple_model`) remembers; the code works everything out anew from what it stores.
"""

from __future__ import annotations

import os
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from audit import ledger
from tests.cast import City
from tests.credentials.stories.agreement import Story
from tests.credentials.stories.simple_model import CITY

pytestmark = pytest.mark.django_db


def tell(city: City, examples: int, steps: int) -> None:
    """Run that many stories of so many steps."""
    # One moment for all: a story that is told again, to be shrunk, must meet the same midnights.
    tomorrow = timezone.now().astimezone(CITY).date() + timedelta(days=1)
    begins = datetime.combine(tomorrow, time(9), tzinfo=CITY)
    machine: Any = type("StoryOfThisCity", (Story,), {"city": city, "begins": begins})
    assert not ledger.in_act()
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=not os.environ.get("SOAK"),
            # Shrinking a failing story takes minutes; the long run has them.
            phases=list(Phase) if os.environ.get("SOAK") else [Phase.generate],
            database=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )


def test_code_and_model_agree_after_every_step(city: City) -> None:
    tell(city, examples=7, steps=25)


@pytest.mark.soak
def test_code_and_model_agree_in_two_thousand_stories(city: City) -> None:
    tell(city, examples=2000, steps=40)
