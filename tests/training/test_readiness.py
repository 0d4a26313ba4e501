"""What so many photos can support, in words, and how long a training on them takes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from detection.options.catalogue import METHODS
from detection.verdicts import policies
from detection.verdicts.cutoffs import smallest_share
from inspector.core.jobs import State
from inspector.samples.models import Exploration
from inspector.samples.selectors import samples_digest
from inspector.training.estimate import PACE, RULE, estimates, rule
from inspector.training.readiness import (
    LEAST_GOOD,
    Amounts,
    amounts,
    readiness,
    to_judge_by,
    to_learn_from,
)
from inspector.training.retrain_page import how_the_threshold_is_chosen, what_auto_does
from tests.factories import (
    CategoryFactory,
    ExplorationFactory,
    ModelVersionFactory,
    SampleFactory,
    TrainingRunFactory,
)


@pytest.mark.parametrize(
    ("count", "tone", "title", "text"),
    [
        (0, "bad", "No good photos", "30 is a start"),
        (1, "bad", "1 good photo to train on: too few", "the threshold is a guess"),
        (2, "bad", "2 good photos to train on: too few", "methods cannot be compared"),
        (5, "bad", "5 good photos to train on: too few", "30 is a start"),
        (
            12,
            "warn",
            "enough to try, too few to guarantee 1 %",
            "at most 8 % of good parts flagged. Add about 90",
        ),
        (
            30,
            "good",
            "enough to start, too few to guarantee 1 %",
            "at most 3 % of good parts flagged. Add about 70",
        ),
        (98, "good", "too few to guarantee 1 %", "Add about 1 more for 1 %"),
        (99, "good", "enough to guarantee 1 %", "at most 1 % of good parts flagged"),
        (1000, "good", "enough to guarantee 1 %", "at most 0.1 % of good parts flagged"),
    ],
)
def test_photos_to_learn_from(count, tone, title, text):
    point = to_learn_from(count)
    assert point.tone == tone
    assert title in point.title
    assert text in point.text


@pytest.mark.parametrize("count", [12, 98, 99, 1000])
def test_what_is_promised_is_what_thresholds_can_hold(count):
    assert (smallest_share(count) <= 0.01) == ("enough to guarantee" in to_learn_from(count).title)


@pytest.mark.parametrize(
    ("good", "defect", "tone", "title", "text"),
    [
        (0, 0, "warn", "No defective test photos", "Metrics cannot be computed"),
        (30, 0, "warn", "No defective test photos", "chosen from good parts only"),
        (0, 30, "warn", "no false alarms can be counted", "Add test photos of good parts"),
        (12, 1, "warn", "too few to choose a threshold from", "5 % or more of such defects"),
        (2, 2, "warn", "2 good and 2 defective test photos: few", "22 % or more"),
        (12, 5, "warn", ": few", "finding all 5 defects would show with 95 % confidence that 55 % or"),
        (12, 12, "good", "12 good and 12 defective test photos", "78 % or more"),
        (100, 100, "good", "100 good", "97 % or more"),
        (1000, 1000, "good", "1000 good", "99.7 % or more"),
    ],
)
def test_photos_to_judge_by(good, defect, tone, title, text):
    point = to_judge_by(Amounts(50, good, defect))
    assert point.tone == tone
    assert title in point.title
    assert text in point.text


def test_how_the_threshold_is_chosen_is_told_beforehand():
    assert LEAST_GOOD == policies.LEAST_GOOD
    both = how_the_threshold_is_chosen(Amounts(50, 12, 5))
    assert "Two limits from the 50 good photos: at most 1 % of good parts are ANOMALY" in both
    assert "95 % of the 5 defective test photos" in both
    assert "defective" not in how_the_threshold_is_chosen(Amounts(LEAST_GOOD, 12))
    few = LEAST_GOOD - 1
    assert "12 good and 5 defective" in how_the_threshold_is_chosen(Amounts(few, 12, 5))
    assert "From the 4 good photos: above 99 %" in how_the_threshold_is_chosen(Amounts(few, 12, 1))
    assert "A guess" in how_the_threshold_is_chosen(Amounts(1))
    assert "too few photos to compare" in what_auto_does(Amounts(5))
    assert "compares" in what_auto_does(Amounts(6))


# --- Of a category ---------------------------------------------------------------------------
@pytest.fixture
def nut(db):
    category = CategoryFactory.create(slug="nut", name="Nut")
    SampleFactory.create_batch(12, category=category, width=900, height=900)
    return category


def titles(category):
    return [point.title for point in readiness(category)]


def test_all_points_of_a_category(nut, django_assert_max_num_queries):
    SampleFactory.create(category=nut, split="test", width=450, height=440)
    SampleFactory.create(category=nut, split="test", label="rust", width=900, height=600)
    assert amounts(nut) == Amounts(12, 1, 1)
    with django_assert_max_num_queries(5):
        points = readiness(nut)
    assert [point.title for point in points[2:]] == [
        "2 photos have a different size or shape",
        "Current samples not explored",
    ]
    assert "12 have 900 x 900 px" in points[2].text
    assert points[0].href == "/categories/nut/samples/"


@pytest.mark.parametrize(("width", "height"), [(900, 900), (880, 900), (600, 600)])
def test_sizes_that_are_nearly_alike_are_no_matter(nut, width, height):
    SampleFactory.create(category=nut, width=width, height=height)
    assert not any("unlike" in title for title in titles(nut))


def finding(code, title, severity="warning"):
    return {"code": code, "title": title, "severity": severity, "text": "", "cases": []}


def test_what_an_exploration_found_counts_while_the_samples_are_the_same(nut):
    def explored(*findings):
        Exploration.objects.all().delete()
        return ExplorationFactory.create(
            category=nut,
            state=State.DONE,
            digest=samples_digest(nut),
            description={"findings": list(findings)},
        )

    explored(finding("few_training", "Few photos"), finding("no_test", "No test photos", "note"))
    assert "Explored: nothing to fix" in titles(nut)
    explored(finding("leak", "Test photos that are training photos", "error"), finding("blurred", "Blurred"))
    point = readiness(nut)[-1]
    assert (point.tone, point.title) == ("bad", "Explored: 2 findings to look at")
    assert point.text == "Test photos that are training photos; Blurred."
    assert point.href == "/categories/nut/explore/"
    SampleFactory.create(category=nut, width=900, height=900)
    assert "Current samples not explored" in titles(nut)


# --- How long --------------------------------------------------------------------------------
def test_every_method_has_a_rule():
    assert PACE.keys() == METHODS.keys()


@pytest.mark.parametrize(
    ("method", "options", "seconds"),
    [
        # As docs/measurements/speed.md measured: 209 photos of bottles, 20 good and 63 defective ones.
        ("filterbank", {}, 89),
        ("patchcore-padim", {}, 128),
        ("auto", {}, 378),
        ("padim", {}, 56),
        ("patchcore", {}, 107),
        ("unet", {"epochs": 4}, 341),
        ("diffusion", {}, 463),
    ],
)
def test_the_rule_is_near_to_what_was_measured(method, options, seconds):
    assert rule(method, Amounts(209, 20, 63), options) == pytest.approx(seconds, rel=0.25)


def test_time_grows_with_pixels_and_keeps_to_a_limit():
    found = Amounts(100, 10, 10)
    assert rule("filterbank", found, {"size": 640}) == pytest.approx(4 * rule("filterbank", found, {}))
    assert rule("unet-repair", found, {"minutes": 2.0}) < rule("unet-repair", found, {})
    assert rule("auto", found, {}, weights=False) < rule("auto", found, {})


def done(category, seconds, train=12, **more):
    now = timezone.now()
    images = {"train": train, "good": 0, "rust": 0, "learned": train, "held_back": 0}
    version = ModelVersionFactory.create(category=category, config={"images": images}, standing="retired")
    times = {"started": now - timedelta(seconds=seconds), "finished": now}
    return TrainingRunFactory.create(category=category, state=State.DONE, version=version, **times, **more)


def test_a_former_training_says_how_fast_this_machine_is(nut, django_assert_max_num_queries):
    found = amounts(nut)
    assert {one.source for one in estimates(nut, found).values()} == {RULE}
    other = CategoryFactory.create()
    done(other, 100, method="filterbank")
    done(other, 300, method="filterbank", options={"width": 8})  # says nothing: another network
    fast = done(other, 400, method="filterbank", fast=True).version  # most of it tried a quick draft
    fast.config |= {"seconds": 100.0}
    fast.save()
    with django_assert_max_num_queries(1):
        told = estimates(nut, found)["filterbank"]
    assert (told.seconds, told.measured) == (pytest.approx(100), True)
    assert told.source == "2 trainings of other categories on this installation"
    own = done(nut, 60, train=24, method="filterbank", options={"size": 640, "backbone": "resnet18"})
    told = estimates(nut, found)["filterbank"]
    by_rule = rule("filterbank", Amounts(24), {"size": 640})
    assert told.seconds == pytest.approx(60 * rule("filterbank", Amounts(12), {}) / by_rule)
    assert told.source == f"run {own.pk} of this category"
