"""Rows for tests. `person(role)` gives a user with that role; the rest are factory_boy factories."""

import hashlib
from collections.abc import Sequence
from typing import Any

import factory
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from factory.django import DjangoModelFactory

from detection.metrics.intervals import binomial
from detection.options import CHOICES
from detection.results import WrongRate, WrongRates
from detection.robustness.report import Cell, Report, Row
from detection.types import verdict
from inspector.accounts.models import FailedSignIn, User
from inspector.categories.models import Category
from inspector.core.jobs import State
from inspector.explanations.models import Explanation
from inspector.exports.models import Export, Form
from inspector.inspections.models import BY_VERDICT, Batch, Inspection, Source, Verdict
from inspector.registry.models import Deployment, Judgement, ModelVersion, Standing
from inspector.robustness.models import RobustnessReport
from inspector.samples.models import GOOD, DatasetSnapshot, Exploration, Sample, Split
from inspector.training.models import TrainingMachine, TrainingRun
from inspector.trials.models import Trial

# What a version's config keeps of its quick draft, as `detection.cascade.Made.as_dict` gives it.
DRAFT = {
    "limit": {
        "value": -0.07,
        "by_good": -0.07,
        "by_damaged": 0.05,
        "basis": "tail",
        "n_good": 200,
        "n_damaged": 130,
        "missed": 0.01,
    },
    "photos": 100,
    "half": False,
    "draft_ms": 52.0,
    "model_ms": 98.0,
    "passed": 0.95,
    "seconds": 61.0,
    "share": 0.57,
    "promise": 0.000975,
}


def digest(text: object) -> str:
    return hashlib.sha256(str(text).encode()).hexdigest()


# What a run's scores.csv says of its test photos. The fold's threshold judged the second: by the version's
# own 0.5 it would be an ANOMALY.
SCORES = f"""image,label,score,threshold,prediction,fold,sha256
{digest(1)}.png,good,0.25,0.5,OK,,{digest(1)}
{digest(2)}.png,scratch,0.52,0.55,OK,3,{digest(2)}
{digest(3)}.png,scratch,6.3,0.5,ANOMALY,1,{digest(3)}
{digest(4)}.png,good,0.45,0.5,REVIEW,2,{digest(4)}
"""


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"person{n}")


class FailedSignInFactory(DjangoModelFactory):
    class Meta:
        model = FailedSignIn

    username = "ann"
    ip_address = "10.0.0.1"
    failures_since_start = 5


class CategoryFactory(DjangoModelFactory):
    class Meta:
        model = Category

    name = factory.Sequence(lambda n: f"Part {n}")
    slug = factory.Sequence(lambda n: f"part-{n}")


class SampleFactory(DjangoModelFactory):
    class Meta:
        model = Sample

    category = factory.SubFactory(CategoryFactory)
    split = Split.TRAIN
    label = GOOD
    filename = factory.Sequence(lambda n: f"{n:03}.png")
    sha256 = factory.Sequence(digest)
    width = height = 64
    bytes = 1000
    image = factory.LazyAttribute(lambda o: f"samples/{o.category.slug}/{o.sha256}.png")


class ExplorationFactory(DjangoModelFactory):
    class Meta:
        model = Exploration

    category = factory.SubFactory(CategoryFactory)
    digest = factory.Sequence(digest)


class DeploymentFactory(DjangoModelFactory):
    """A version at work, by the limits it was trained with."""

    class Meta:
        model = Deployment

    version = factory.SubFactory("tests.factories.ModelVersionFactory", standing=Standing.CANDIDATE)
    category = factory.SelfAttribute("version.category")
    threshold = factory.SelfAttribute("version.threshold")
    review_from = factory.SelfAttribute("version.review_from")
    policy = factory.SelfAttribute("version.policy")
    map_low = factory.SelfAttribute("version.map_low")
    map_high = factory.SelfAttribute("version.map_high")


class ModelVersionFactory(DjangoModelFactory):
    """At work in its category unless `standing` says otherwise, since `promoted`, by `promoted_by`. Of
    one that is not at work there is an artifact in storage, for it may be promoted; else with `stored`."""

    class Meta:
        model = ModelVersion

    category = factory.SubFactory(CategoryFactory)
    number = factory.Sequence(lambda n: n + 1)
    method = "unet"
    artifact = factory.LazyAttribute(lambda o: f"versions/{o.category.slug}/{o.number}/artifact.zip")
    sha256 = factory.LazyAttribute(lambda o: digest(o.artifact))
    threshold = 0.5
    map_low = 0.0
    map_high = 1.0
    image_auroc = 0.97
    f1 = 0.9
    precision = 0.95
    recall = 0.86

    @classmethod
    def _create(
        cls,
        model_class,
        *args,
        standing=Standing.ACTIVE,
        promoted=None,
        promoted_by=None,
        stored=None,
        **values,
    ):
        if standing != Standing.ACTIVE if stored is None else stored:
            default_storage.save(values["artifact"], ContentFile(values["artifact"].encode()))
        version = super()._create(model_class, *args, **values)
        if standing != Standing.CANDIDATE:
            since = promoted or timezone.now()
            until = since if standing == Standing.RETIRED else None
            DeploymentFactory.create(version=version, since=since, until=until, by=promoted_by)
        return version


def retire() -> None:
    """No version is at work any more."""
    Deployment.objects.filter(until=None).update(until=timezone.now())


class JudgementFactory(DjangoModelFactory):
    class Meta:
        model = Judgement

    version = factory.SubFactory(ModelVersionFactory)
    sample = factory.SubFactory(
        SampleFactory,
        category=factory.SelfAttribute("..version.category"),
        split=Split.TEST,
        label=factory.SelfAttribute("..label"),
    )
    sha256 = factory.SelfAttribute("sample.sha256")
    filename = factory.SelfAttribute("sample.filename")
    label = GOOD
    score = 0.25
    threshold = 0.5
    verdict = factory.LazyAttribute(lambda o: verdict(o.score, o.threshold, None))


class BatchFactory(DjangoModelFactory):
    class Meta:
        model = Batch

    category = factory.SubFactory(CategoryFactory)
    submitted_by = factory.SubFactory(UserFactory)
    source = Source.WEB


class InspectionFactory(DjangoModelFactory):
    """WAITING by default; `judged=True` gives a DONE one with its version, score and verdict."""

    class Meta:
        model = Inspection

    class Params:
        judged = factory.Trait(
            state=State.DONE,
            attempts=1,
            score=0.7,
            threshold=0.5,
            verdict=Verdict.ANOMALY,
            version=factory.SubFactory(ModelVersionFactory, category=factory.SelfAttribute("..category")),
            milliseconds=120,
            preview="p.jpg",
            thumbnail="t.jpg",
            reconstruction="r.jpg",
            heatmap="h.png",
            contours="c.svg",
        )

    batch = factory.SubFactory(BatchFactory)
    category = factory.SelfAttribute("batch.category")
    submitted_by = factory.SelfAttribute("batch.submitted_by")
    filename = factory.Sequence(lambda n: f"photo{n}.png")
    sha256 = factory.Sequence(digest)
    bytes = 1000
    width = height = 64
    original = factory.LazyAttribute(lambda o: f"inspections/{o.sha256}/original.png")
    outcome = factory.LazyAttribute(lambda o: BY_VERDICT.get(getattr(o, "verdict", ""), ""))


class DatasetSnapshotFactory(DjangoModelFactory):
    class Meta:
        model = DatasetSnapshot

    category = factory.SubFactory(CategoryFactory)
    sha256 = factory.Sequence(digest)


class TrainingRunFactory(DjangoModelFactory):
    class Meta:
        model = TrainingRun

    category = factory.SubFactory(CategoryFactory)
    snapshot = factory.SubFactory(DatasetSnapshotFactory, category=factory.SelfAttribute("..category"))


class TrialFactory(DjangoModelFactory):
    class Meta:
        model = Trial

    photo = "trials/2026/11/29/0/original.png"
    filename = "nut.png"
    sha256 = factory.Sequence(digest)
    width = height = 64


class ExportFactory(DjangoModelFactory):
    class Meta:
        model = Export

    class Params:
        done = factory.Trait(
            state=State.DONE, finished=factory.LazyFunction(timezone.now), file="e.csv", rows=7
        )

    form = Form.CSV


class ExplanationFactory(DjangoModelFactory):
    class Meta:
        model = Explanation

    inspection = factory.SubFactory(InspectionFactory, judged=True)
    version = factory.SelfAttribute("inspection.version")
    kind = "nearest"


class RobustnessReportFactory(DjangoModelFactory):
    """Done, with `alarms` false alarms of 30 photos at each strength of blur, unless it says otherwise."""

    class Meta:
        model = RobustnessReport

    class Params:
        alarms = (0, 0, 3, 9, 30)

    version = factory.SubFactory(ModelVersionFactory)
    threshold = factory.SelfAttribute("version.threshold")
    state = State.DONE
    finished = factory.LazyFunction(timezone.now)
    results = factory.LazyAttribute(lambda o: robustness_results(o.alarms))


class AskedRobustnessReportFactory(RobustnessReportFactory):
    """Waiting to be measured."""

    state = State.WAITING
    finished = None
    results = factory.LazyFunction(dict)


def robustness_results(alarms: Sequence[int]) -> dict[str, Any]:
    cells = [_after_a_change(strength, count) for strength, count in enumerate((0, *alarms))]
    row = Row("focus", "Focus blur", tuple(cells[1:]))
    return Report("part", "unet", 0.5, None, 0.01, True, 0, 30, 0, cells[0], (row,)).as_dict()


def _after_a_change(strength: int, count: int) -> Cell:
    rate = WrongRate(count, 30, count / 30, *binomial(count, 30))
    return Cell(strength, "1 px" if strength else "", None, (), WrongRates(rate), None)


class TrainingMachineFactory(DjangoModelFactory):
    """A train worker's machine that has just reported; it has no weights and no way to any."""

    class Meta:
        model = TrainingMachine

    name = factory.Sequence(lambda n: f"trainer{n}")
    seen = factory.LazyFunction(timezone.now)
    weights = factory.LazyFunction(lambda: dict.fromkeys(CHOICES["backbone"], "missing"))
