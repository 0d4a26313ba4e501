"""Databases of former times, migrated to today: the scenarios of each app are in the files beside this one.

The tests are in one file because each of pytest's processes takes whole files: so there is one walk.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from tests.former import categories, core, registry, reviews, samples
from tests.former.walk import Begun, Scenario, empty_database, walk

MODULES = (categories, core, registry, reviews, samples)
SCENARIOS = [one for module in MODULES for one in vars(module).values() if hasattr(one, "stops")]


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of all scenarios."""
    return tmp_path_factory.mktemp("media")


@pytest.fixture(scope="module")
def begun(django_db_setup: None, django_db_blocker: Any, storage: Path) -> Iterator[Begun]:
    with django_db_blocker.unblock(), empty_database():
        with override_settings(MEDIA_ROOT=storage):
            begun = walk(SCENARIOS)
        with django_db_blocker.block():
            yield begun
        for scenario in begun.values():
            scenario.close()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_migrated(begun: Begun, db: None, settings: Any, storage: Path, scenario: Scenario) -> None:
    settings.MEDIA_ROOT = storage
    for _ in begun[scenario]:
        pytest.fail("It yields more often than it has stops.")
