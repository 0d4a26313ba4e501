"""Samples and explorations from when `categories` had them, snapshots from when `training` had them."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, connection, transaction

from inspector.accounts.models import User
from inspector.core import work
from inspector.core.jobs import State
from inspector.core.models import Event
from inspector.registry.models import Judgement
from inspector.samples.models import DatasetSnapshot, Exploration, Sample
from inspector.training.models import TrainingRun
from tests.factories import SampleFactory, digest
from tests.former.rows import category, version
from tests.former.walk import SAMPLES_IN_CATEGORIES, STANDINGS, at

GRANTED = {"view_sample", "add_sample", "view_exploration", "view_datasetsnapshot"}


@at(STANDINGS)
def explorations_stay_and_can_be_cancelled(former):
    latch, make = category(former, "Latch"), former("categories.Exploration").create
    make(category=latch, digest="x", state="done", description={"counts": {}}, errors=2)
    make(category=latch, digest="y", state="running", progress={"done": 2, "total": 5}, attempts=1)
    yield
    running, done = Exploration.objects.filter(category=latch.pk)
    assert (done.state, done.description, done.errors) == (State.DONE, {"counts": {}}, 2)
    assert (running.progress, running.cancel_requested) == ({"done": 2, "total": 5}, False)
    assert work.cancel(running)
    assert (running.state, running.cancel_requested) == (State.RUNNING, True)


def photo(former, name):
    """A test photo that a version judged, an exploration and a run on a snapshot."""
    of = category(former, name)
    place = {"category": of, "split": "test", "label": "blot", "filename": "a.png", "image": "samples/a.png"}
    sample = former("categories.Sample").create(**place, sha256=digest(1), width=8, height=8, bytes=9)
    judge = version(former, of)
    said = {"sha256": digest(1), "label": "blot", "score": 1, "threshold": 0.5, "verdict": "ANOMALY"}
    former("registry.Judgement").create(version=judge, sample=sample, **said)
    former("categories.Exploration").create(category=of, digest="x", state="waiting")
    snapshot = former("training.DatasetSnapshot").create(category=of, items=[{"id": sample.pk}], sha256="y")
    former("training.TrainingRun").create(category=of, snapshot=snapshot, version=judge, state="done")
    about = {"subject_type": "category", "subject_id": of.pk, "subject_name": name}
    former("core.Event").create(kind="samples.added", category_id=of.pk, **about)
    return sample


@at(SAMPLES_IN_CATEGORIES)
def rows_and_what_refers_to_them_are_there(former):
    row = photo(former, "Cap")
    yield
    sample = Sample.objects.get(category__slug="cap")
    assert (sample.pk, sample.filename, sample.sha256) == (row.pk, "a.png", digest(1))
    assert Judgement.objects.get(version__category=sample.category).sample == sample
    run = TrainingRun.objects.get(category=sample.category)
    assert run.snapshot == DatasetSnapshot.objects.get(items=[{"id": row.pk}])
    assert sample.category.explorations.get() == Exploration.objects.get(category=sample.category)
    assert Event.objects.get(subject_name="Cap").subject_id == sample.category_id
    former_tables = {"categories_sample", "categories_exploration", "training_datasetsnapshot"}
    assert former_tables.isdisjoint(connection.introspection.table_names())


@at(SAMPLES_IN_CATEGORIES)
def what_was_refused_still_is(former):
    row = photo(former, "Hook")
    yield
    category = Sample.objects.get(pk=row.pk).category
    with pytest.raises(IntegrityError), transaction.atomic():
        SampleFactory.create(category=category, split="test", label="blot", sha256=digest(1))
    with pytest.raises(IntegrityError), transaction.atomic():
        SampleFactory.create(category=category, label="blot")
    with pytest.raises(IntegrityError), transaction.atomic():
        Exploration.objects.create(category=category, digest="z")
    with pytest.raises(IntegrityError), transaction.atomic():
        of_none = DatasetSnapshot.objects.latest("pk").pk + 1
        TrainingRun.objects.filter(category=category).update(snapshot=of_none)
        connection.check_constraints()
    with pytest.raises(IntegrityError), transaction.atomic():
        of_none = Sample.objects.latest("pk").pk + 1
        Judgement.objects.filter(version__category=category).update(sample=of_none)
        connection.check_constraints()
    assert SampleFactory.create(category=category).pk > row.pk
    Sample.objects.filter(pk=row.pk).delete()
    assert Judgement.objects.get(version__category=category).sample is None


@at(SAMPLES_IN_CATEGORIES)
def groups_people_and_the_panel_s_log_keep_what_they_had(former):
    assert not former("contenttypes.ContentType").filter(app_label="samples").exists()
    permissions = former("auth.Permission")
    group = former("auth.Group").create(name="Photographers")
    group.permissions.set(permissions.filter(codename__in=GRANTED))
    eve = former("accounts.User").create(username="eve")
    eve.user_permissions.add(permissions.get(codename="delete_sample"))
    eve.groups.add(group)
    sample_type = former("contenttypes.ContentType").get(app_label="categories", model="sample")
    values = {"content_type": sample_type, "object_repr": "a.png", "action_flag": 1}
    log = former("admin.LogEntry").create(user=eve, **values)
    yield
    granted = User.objects.get(pk=eve.pk).get_all_permissions()
    assert granted == {f"samples.{name}" for name in {*GRANTED, "delete_sample"}}
    assert LogEntry.objects.get(pk=log.pk).content_type == ContentType.objects.get_for_model(Sample)
    assert not ContentType.objects.filter(app_label="categories").exclude(model="category").exists()
