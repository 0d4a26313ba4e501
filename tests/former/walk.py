"""A walk through the states that databases were in, from an empty one to today's.

Most of the time of a migration goes into Django's models of each state, however few rows there are. So there
is one walk for all scenarios: it stops at the states that they need, and each writes its rows there.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

Stop = Sequence[tuple[str, str]]
# The models of a stop: former("registry.ModelVersion") is its manager.
Former = Callable[[str], Any]
# Writes rows and yields; it goes on in a database of today. One with several stops yields at each of them,
# and is given the models of the next.
Scenario = Callable[[Former], Generator[None, Former, None]]
Begun = dict[Scenario, Generator[None, Former, None]]

NAMES_WITHOUT_KEYS = (
    ("categories", "0002_exploration"),
    ("registry", "0001_initial"),
    ("admin", "0003_logentry_add_action_flag_choices"),
)
REASONS_AS_SENTENCES = (("registry", "0004_words"),)
STANDINGS = (
    ("core", "0006_words"),
    ("registry", "0005_reasons"),
    ("inspections", "0011_dismissed_index"),
    ("training", "0004_words"),
)
TRAIL_SEALED_AND_SAMPLES_MOVED = (
    ("core", "0011_sealed"),
    ("categories", "0008_samples"),
    ("training", "0006_samples"),
)
SAMPLES_IN_CATEGORIES = (
    ("core", "0009_delivery"),
    ("registry", "0008_no_standing"),
    ("categories", "0006_exploration_cancel"),
    ("training", "0004_words"),
)
STATISTICS = (("inspections", "0025_statistics"), ("reviews", "0007_marks"))
LOTS_WITHOUT_CATEGORY = (("inspections", "0024_demo_source"), ("reviews", "0007_marks"))
# Twice it goes back a little: over the migrations that undo by code of their own what they did.
WAY: Sequence[Stop] = (
    NAMES_WITHOUT_KEYS,
    REASONS_AS_SENTENCES,
    STANDINGS,
    TRAIL_SEALED_AND_SAMPLES_MOVED,
    SAMPLES_IN_CATEGORIES,
    STATISTICS,
    LOTS_WITHOUT_CATEGORY,
)


def at(*stops: Stop) -> Callable[[Scenario], Scenario]:
    """Where on the way a scenario stops. All are in one database: what one writes has names of its own."""

    def mark(scenario: Scenario) -> Scenario:
        scenario.stops = stops  # type: ignore[attr-defined]
        return scenario

    return mark


def walk(scenarios: Sequence[Any]) -> Begun:
    """Migrate all the way. Each scenario writes its rows at its stops, and can go on after the last."""
    begun: Begun = {}
    state = None
    for stop in WAY:
        state = _migrate(stop, state)
        former = _models(state.apps)
        for scenario in scenarios:
            if stop not in scenario.stops:
                continue
            if scenario in begun:
                begun[scenario].send(former)
            else:
                begun[scenario] = scenario(former)
                next(begun[scenario])
    _migrate(MigrationExecutor(connection).loader.graph.leaf_nodes(), state)
    return begun


def _models(apps: Any) -> Former:
    return lambda label: apps.get_model(label).objects


def _migrate(stop: Stop, state: Any) -> Any:
    """As `manage.py migrate` does it; gives the state after it."""
    state = MigrationExecutor(connection).migrate(stop, state=state)
    state.clear_delayed_apps_cache()
    emit_post_migrate_signal(verbosity=0, interactive=False, db=connection.alias, apps=state.apps)
    return state


@contextmanager
def empty_database() -> Iterator[None]:
    """In the place of the tests' own, which nobody touches meanwhile."""
    settings, creation = connection.settings_dict, connection.creation
    name, test = settings["NAME"], settings["TEST"]
    settings["TEST"] = test | {"NAME": f"{name}_former"}
    former = creation._create_test_db(verbosity=0, autoclobber=True)
    connection.close()
    settings.update(NAME=former, TEST=test)
    try:
        yield
    finally:
        creation.destroy_test_db(name, verbosity=0)
        ContentType.objects.clear_cache()
