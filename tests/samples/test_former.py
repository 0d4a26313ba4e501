"""A database of when samples were in `categories`, snapshots in `training`: all of it is there afterwards."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from inspector.core.models import Event
from inspector.registry.models import Judgement
from inspector.samples.models import DatasetSnapshot, Exploration, Sample
from inspector.training.models import TrainingRun
from tests.factories import SampleFactory, UserFactory, digest

pytestmark = pytest.mark.django_db(transaction=True)
FORMER = [("categories", "0006_exploration_cancel"), ("training", "0004_words"), ("core", "0009_delivery")]
GRANTED = {"view_sample", "add_sample", "view_exploration", "view_datasetsnapshot"}


def migrate(targets=None):
    executor = MigrationExecutor(connection)
    executor.migrate(targets or executor.loader.graph.leaf_nodes())
    ContentType.objects.clear_cache()
    return executor.loader


@pytest.fixture
def former():
    """The models of before by their names, in a database as it was."""
    state = migrate(FORMER).project_state([*FORMER, ("registry", "0008_no_standing")]).apps
    yield lambda label: state.get_model(label).objects
    migrate()


@pytest.fixture
def photo(former):
    """A test photo that a version judged, an exploration and a run on a snapshot."""
    nut = former("categories.Category").create(name="Nut", slug="nut", key="nut")
    place = {"category": nut, "split": "test", "label": "blot", "filename": "a.png", "image": "samples/a.png"}
    sample = former("categories.Sample").create(**place, sha256=digest(1), width=8, height=8, bytes=9)
    version = former("registry.ModelVersion").create(
        category=nut, number=1, method="unet", artifact="1.zip", threshold=0.5, map_low=0.4, map_high=2
    )
    said = {"sha256": digest(1), "label": "blot", "score": 1, "threshold": 0.5, "verdict": "ANOMALY"}
    former("registry.Judgement").create(version=version, sample=sample, **said)
    former("categories.Exploration").create(category=nut, digest="x", state="waiting")
    snapshot = former("training.DatasetSnapshot").create(category=nut, items=[{"id": sample.pk}], sha256="y")
    former("training.TrainingRun").create(category=nut, snapshot=snapshot, version=version, state="done")
    former("core.Event").create(
        kind="samples.added",
        subject_type="category",
        subject_id=nut.pk,
        category_id=nut.pk,
        subject_name="Nut",
    )
    return sample


def test_rows_and_what_refers_to_them_are_there(photo):
    migrate()
    sample = Sample.objects.get()
    assert (sample.pk, sample.filename, sample.sha256) == (photo.pk, "a.png", digest(1))
    assert Judgement.objects.get().sample == sample
    assert TrainingRun.objects.get().snapshot == DatasetSnapshot.objects.get(items=[{"id": photo.pk}])
    assert sample.category.explorations.get() == Exploration.objects.get()
    assert Event.objects.get().subject_id == sample.category_id
    tables = connection.introspection.table_names()
    former = {"categories_sample", "categories_exploration", "training_datasetsnapshot"}
    assert former.isdisjoint(tables)


def test_what_was_refused_still_is(photo):
    migrate()
    category = Sample.objects.get().category
    with pytest.raises(IntegrityError), transaction.atomic():
        SampleFactory.create(category=category, split="test", label="blot", sha256=digest(1))
    with pytest.raises(IntegrityError), transaction.atomic():
        SampleFactory.create(category=category, label="blot")
    with pytest.raises(IntegrityError), transaction.atomic():
        Exploration.objects.create(category=category, digest="z")
    with pytest.raises(IntegrityError), transaction.atomic():
        TrainingRun.objects.update(snapshot=DatasetSnapshot.objects.get().pk + 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Judgement.objects.update(sample=photo.pk + 1)
    assert SampleFactory.create(category=category).pk > photo.pk
    Sample.objects.filter(pk=photo.pk).delete()
    assert Judgement.objects.get().sample is None


def test_groups_people_and_the_panel_s_log_keep_what_they_had(former):
    assert not ContentType.objects.filter(app_label="samples").exists()
    group, person = Group.objects.create(name="Photographers"), UserFactory.create()
    group.permissions.set(Permission.objects.filter(codename__in=GRANTED))
    person.user_permissions.add(Permission.objects.get(codename="delete_sample"))
    sample_type = ContentType.objects.get(app_label="categories", model="sample")
    log = LogEntry.objects.create(user=person, content_type=sample_type, object_repr="a.png", action_flag=1)
    migrate()
    person.groups.add(group)
    assert person.get_all_permissions() == {f"samples.{name}" for name in {*GRANTED, "delete_sample"}}
    assert LogEntry.objects.get(pk=log.pk).content_type == ContentType.objects.get_for_model(Sample)
    assert not ContentType.objects.filter(app_label="categories").exclude(model="category").exists()
