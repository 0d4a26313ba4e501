from dataclasses import fields
from threading import Barrier, Thread

import pytest
from django.db import connection

from detection import TrainOptions
from inspector.core import work
from inspector.core.errors import Conflict, Refused
from inspector.core.jobs import State
from inspector.core.models import Event
from inspector.training.models import TrainingRun
from inspector.training.options import CHOICES, DEFAULT_METHOD, RANGES, checked
from inspector.training.selectors import open_runs
from inspector.training.submit import refuse_second_run, submit, usual_method
from tests.factories import CategoryFactory, SampleFactory, TrainingRunFactory, UserFactory

SAMPLES = 6


@pytest.mark.django_db
def test_a_run_waits_on_the_samples_as_they_are(category, person, nudges, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        run = submit(category=category, by=person("Admin"), method="unet", options={"epochs": 3})
    assert (run.state, run.method, run.options) == (State.WAITING, "unet", {"epochs": 3})
    assert nudges == [(work.TASK, ("training", run.pk))]
    items = run.snapshot.items
    assert len(items) == SAMPLES
    SampleFactory.create(category=category)
    run.snapshot.refresh_from_db()
    assert run.snapshot.items == items
    assert Event.objects.get(kind="run.requested").subject_id == run.pk


@pytest.mark.django_db
def test_equal_samples_have_equal_snapshots(category):
    first = submit(category=category, by=None)
    TrainingRun.objects.filter(pk=first.pk).update(state=State.DONE)
    second = submit(category=category, by=None)
    TrainingRun.objects.filter(pk=second.pk).update(state=State.DONE)
    SampleFactory.create(category=category)
    third = submit(category=category, by=None)
    assert first.snapshot.sha256 == second.snapshot.sha256 != third.snapshot.sha256


@pytest.mark.django_db
def test_a_second_run_is_refused_and_the_first_one_named(category, person, nudges):
    submit(category=category, by=person("Admin"))
    with pytest.raises(Conflict) as refused:
        submit(category=category, by=None)
    assert refused.value.code == "run_open"
    assert refused.value.message.startswith("admin started a training of Nut at ")
    assert TrainingRun.objects.count() == 1
    submit(category=SampleFactory.create().category, by=None)  # another category is free


@pytest.mark.django_db
def test_without_good_photos_there_is_nothing_to_learn(person):
    category = CategoryFactory.create()
    SampleFactory.create(category=category, split="test")
    with pytest.raises(Refused) as refused:
        submit(category=category, by=None)
    assert refused.value.code == "too_few_samples"


@pytest.mark.parametrize(
    "options",
    [
        {"epoch": 3},
        {"device": "cuda"},
        {"size": 100},
        {"size": 16},
        {"epochs": 0},
        {"epochs": 2.5},
        {"epochs": "many"},
        {"epochs": True},
        {"epochs": None},
        {"learning_rate": float("nan")},
        {"learning_rate": float("inf")},
        {"held_back": 0.9},
        ["epochs"],
        {"threshold": "lucky"},
        {"threshold": ["f1"]},
        {"weights": "/etc/passwd"},
        {"review": 0.6},
    ],
)
def test_nonsense_is_refused_at_the_door(options):
    with pytest.raises(Refused) as refused:
        checked(options)
    assert refused.value.code == "bad_options"


@pytest.mark.django_db
def test_an_unknown_method_is_refused(category):
    with pytest.raises(Refused, match=r"methods are: auto, .*unet"):
        submit(category=category, by=None, method="magic")


def test_every_option_of_a_training_is_checked():
    mine = {"method", "device", "weights"}  # a column of its own, and what the installation chooses
    assert set(RANGES) | set(CHOICES) == {field.name for field in fields(TrainOptions)} - mine
    assert checked({"size": 128.0, "minutes": 2}) == {"size": 128, "minutes": 2.0}


@pytest.mark.django_db
def test_without_options_it_is_trained_as_last_time(category):
    TrainingRunFactory.create(category=category, state=State.DONE, options={"size": 64})
    TrainingRunFactory.create(category=category, state=State.FAILED, options={"size": 1024})
    assert submit(category=category, by=None).options == {"size": 64}


@pytest.mark.django_db
def test_the_method_is_that_of_last_time_too_and_the_default_at_first(category):
    assert usual_method(category) == DEFAULT_METHOD
    TrainingRunFactory.create(category=category, state=State.DONE, method="padim", options={"size": 64})
    TrainingRunFactory.create(category=category, state=State.FAILED, method="unet")
    run = submit(category=category, by=None)
    assert (run.method, run.options) == ("padim", {"size": 64})


@pytest.mark.django_db
def test_what_the_first_start_trained_by_is_nobodys_choice(category):
    first = {"method": "unet", "options": {"size": 64}, "promote_when_done": True}
    TrainingRunFactory.create(category=category, state=State.DONE, **first)
    assert usual_method(category) == DEFAULT_METHOD
    assert submit(category=category, by=None, method="unet").options == {}


@pytest.mark.django_db
def test_another_method_has_its_own_last_time(category):
    TrainingRunFactory.create(category=category, state=State.DONE, method="unet", options={"size": 64})
    assert submit(category=category, by=None, method="padim").options == {}


@pytest.mark.django_db
def test_no_options_given_on_purpose_means_the_method_s_own(category):
    TrainingRunFactory.create(category=category, state=State.DONE, options={"size": 64})
    assert submit(category=category, by=None, options={}).options == {}


@pytest.mark.django_db(transaction=True)
def test_of_two_people_at_the_same_moment_one_starts_and_the_other_is_told(monkeypatch):
    """Both have looked and seen no open run; only the database can tell them apart."""
    category = SampleFactory.create().category
    people = UserFactory.create_batch(2)
    both_looked = Barrier(2)
    outcomes = []
    looked = []

    def look_and_wait(category):
        refuse_second_run(category)
        if len(looked) < 2:
            looked.append(category)
            both_looked.wait(timeout=120)

    monkeypatch.setattr("inspector.training.submit.refuse_second_run", look_and_wait)

    def ask(someone):
        try:
            outcomes.append(submit(category=category, by=someone))
        except Exception as error:
            outcomes.append(error)
        finally:
            connection.close()

    threads = [Thread(target=ask, args=(someone,)) for someone in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=240)
    run = open_runs().get()
    refused = next(outcome for outcome in outcomes if isinstance(outcome, Exception))
    assert isinstance(refused, Conflict)
    assert refused.code == "run_open"
    assert str(run.requested_by) in refused.message
