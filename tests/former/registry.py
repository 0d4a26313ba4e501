"""Versions from before test photos were rows, reasons had codes, and there were deployments."""

import zipfile
from importlib import import_module

import pytest
from django.core.management import call_command

from inspector.core import files
from inspector.inspections.models import Inspection
from inspector.registry.models import Change, Deployment, Judgement, ModelVersion
from inspector.registry.odd import warnings
from inspector.registry.ranking import ranking
from tests.factories import SCORES
from tests.former.rows import at_day, category, inspection, person, version
from tests.former.walk import NAMES_WITHOUT_KEYS, REASONS_AS_SENTENCES, STANDINGS, at


# --- Test photos -----------------------------------------------------------------------------
def stored(name, scores):
    files.store(name, b"")
    with files.local_copy(name) as path, zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr("config.json", "{}")
        if scores is not None:
            zipped.writestr("scores.csv", scores)
    return name


@at(NAMES_WITHOUT_KEYS)
def versions_get_the_scores_of_their_test_photos_from_their_files(former):
    """Also beside versions whose files are gone, damaged, or know nothing of test photos."""
    bracket = former("categories.Category").create(name="Bracket", slug="bracket")
    config = {"threshold": {"review_from": 0.4, "good_scores": [0.1, 0.2, 0.3]}}
    files.store("b.zip", b"no zip")
    artifacts = (stored("a.zip", SCORES), "b.zip", "gone.zip", stored("d.zip", None))
    for number, artifact in enumerate(artifacts, 1):
        version(former, bracket, number, artifact=artifact, config=config)
    yield
    rows = Judgement.objects.filter(version__category=bracket.pk).order_by("pk")
    assert {row.version.number for row in rows} == {1}
    assert [row.verdict for row in rows] == ["OK", "OK", "ANOMALY", "REVIEW"]
    assert [row.p_value for row in rows] == [0.5, 0.25, 0.25, 0.25]
    stored("gone.zip", SCORES)
    call_command("read_test_scores")
    assert rows.filter(version__number=3).count() == 4
    assert rows.all().count() == 8, "those that have theirs do not get them twice"


# --- Reasons ---------------------------------------------------------------------------------
LIMITS = "At most 1 % of good parts are ANOMALY."
BY_GOOD = f"{LIMITS} REVIEW begins where at most 5 % of good parts score 0.4 or more."
BY_DEFECTS = f"{LIMITS} REVIEW begins where 95 % of the 9 labelled defects score 0.4 or more."
ODD = "1 of 9 training photos does not look like the rest (a.png): look at it."
STRANGE = {"name": "a.png", "sha256": "a", "score": 9.0, "usual": 1.0}
LACKS = "resnet18 could not be downloaded{}. Either let it, or put it there."
RANKING = {
    "chosen": "filterbank",
    "why": "patchcore-padim alone (AUROC 0.9): patchcore-padim+filterbank is no better.",
    "candidates": [{"method": "padim", "left_out": LACKS.format(" (<urlopen error [Errno -3]>)")}],
}
CONFIGS = [
    {"threshold": {"chosen_on": BY_GOOD, "review_from": 0.4}, "ranking": RANKING},
    {"threshold": {"chosen_on": BY_DEFECTS, "review_from": 0.4}, "odd": [STRANGE]},
    {"threshold": {"chosen_on": LIMITS, "review_from": None}},
    {"seed": 0},
]


@at(REASONS_AS_SENTENCES)
def reasons_are_read_once_out_of_their_sentences(former):
    clip = category(former, "Clip")
    for number, config in enumerate(CONFIGS, 1):
        metrics = {"n_good": 9, "warnings": [ODD, "Few photos."]} if "odd" in config else {}
        version(former, clip, number, config=config, metrics=metrics)
    yield
    versions = ModelVersion.objects.filter(category=clip.pk).order_by("number")
    assert [(one.review_by, one.review_from) for one in (row.making.threshold for row in versions)] == [
        ("good", 0.4),
        ("defects", 0.4),
        ("", None),
        ("", None),
    ]
    contest = ranking(versions[0])
    assert contest.why == (
        "PatchCore with PaDiM alone (AUROC 0.9): PatchCore with PaDiM + Filter bank is no better."
    )
    assert [row.left_out for row in contest.candidates] == [LACKS.format("")]
    assert warnings(versions[1]) == ["Few photos."]
    assert versions[0].config["threshold"]["chosen_on"] == BY_GOOD, "what the run said stays"
    assert versions[0].config["ranking"]["why"] == RANKING["why"]
    assert [row.config for row in versions[2:]] == CONFIGS[2:]


# --- Deployments -----------------------------------------------------------------------------
CONFIG = {"threshold": {"review_from": 0.4, "policy": "limits"}}


def standing(former, of, number, standing, promoted=None, by=None):
    when = {"created": at_day(-1), "promoted": promoted, "promoted_by": by}
    return version(former, of, number, standing=standing, config=CONFIG, **when)


def noted(former, verb, of, when, by):
    """In the trail."""
    values = {"what": f"{of.category.name} v{of.number}", "detail": {"version": of.pk}}
    row = former("core.AuditEvent").create(who=by, verb=verb, **values)
    former("core.AuditEvent").filter(pk=row.pk).update(when=when)


def judged(former, by, finished):
    return inspection(former, by.category, version=by, finished=finished).pk


def spans(category):
    rows = Deployment.objects.filter(category=category.pk).order_by("pk").select_related("by")
    return [(row.version.number, row.change, row.since, row.until, str(row.by)) for row in rows]


def deployment_of(pk):
    deployment = Inspection.objects.get(pk=pk).deployment
    return deployment and deployment.since


@at(STANDINGS)
def the_trail_becomes_deployments_and_inspections_point_to_theirs(former):
    gear, ann, bob = category(former, "Gear"), person(former, "ann"), person(former, "bob")
    first = standing(former, gear, 1, "active", at_day(4), ann)
    second = standing(former, gear, 2, "retired", at_day(2), bob)
    third = standing(former, gear, 3, "candidate")
    noted(former, "promote", first, at_day(0), ann)
    noted(former, "promote", second, at_day(2, milliseconds=3), bob)
    noted(former, "roll back", first, at_day(4, milliseconds=3), ann)
    before, begun, late, again, other = (
        judged(former, by, at_day(day))
        for by, day in ((first, -1), (first, 1), (first, 2.001), (first, 5), (second, 3))
    )
    yield
    assert spans(gear) == [
        (1, Change.PROMOTION, at_day(0), at_day(2, milliseconds=3), "ann"),
        (2, Change.PROMOTION, at_day(2, milliseconds=3), at_day(4, milliseconds=3), "bob"),
        (1, Change.ROLLBACK, at_day(4, milliseconds=3), None, "ann"),
    ]
    row = Deployment.objects.get(category=gear.pk, until=None)
    limits = (row.threshold, row.review_from, row.policy, row.map_low, row.map_high)
    assert limits == (0.5, 0.4, "limits", 0.4, 2.0)
    assert deployment_of(before) is None, "nothing is known from before the trail"
    assert deployment_of(begun) == deployment_of(late) == at_day(0), "a worker had it in hand"
    assert deployment_of(again) == at_day(4, milliseconds=3)
    assert deployment_of(other) == at_day(2, milliseconds=3)
    versions = ModelVersion.objects.filter(category=gear.pk)
    standings = dict(versions.with_standing().values_list("pk", "standing"))
    assert standings == {first.pk: "active", second.pk: "retired", third.pk: "candidate"}


@at(STANDINGS)
def where_the_trail_is_gone_what_versions_knew_is_kept(former):
    shaft = category(former, "Shaft")
    first = standing(former, shaft, 1, "retired", at_day(0), person(former, "ann"))
    second = standing(former, shaft, 2, "active", at_day(3))
    known, unknown = judged(former, second, at_day(4)), judged(former, second, at_day(1))
    yield
    assert spans(shaft) == [
        (1, Change.PROMOTION, at_day(0), at_day(3), "ann"),
        (2, Change.PROMOTION, at_day(3), None, "None"),
    ]
    assert (deployment_of(known), deployment_of(unknown)) == (at_day(3), None)
    assert ModelVersion.objects.get(pk=first.pk).standing == "retired"


@at(STANDINGS)
def a_trail_that_ends_otherwise_than_the_versions_say(former):
    """Both of the same moment, or an event that was lost: the version that is active stays active."""
    spring, ann = category(former, "Spring"), person(former, "ann")
    first = standing(former, spring, 1, "active", at_day(0), ann)
    second = standing(former, spring, 2, "retired")
    noted(former, "promote", second, at_day(3), ann)
    yield
    assert [(number, until) for number, _, _, until, _ in spans(spring)] == [
        (1, at_day(3)),
        (2, at_day(3)),
        (1, None),
    ]
    assert ModelVersion.objects.get(pk=first.pk).is_active


@at(STANDINGS)
def a_category_where_none_is_at_work(former):
    lid = category(former, "Lid")
    retired = standing(former, lid, 1, "retired", at_day(0))
    noted(former, "promote", retired, at_day(0), person(former, "ann"))
    yield
    assert [until is not None for *_, until, _ in spans(lid)] == [True]
    assert ModelVersion.objects.get(pk=retired.pk).standing == "retired"


@at(STANDINGS)
def a_large_table_is_written_in_steps(former):
    washer = category(former, "Washer")
    only = standing(former, washer, 1, "active", at_day(0))
    rows = [judged(former, only, at_day(1)) for _ in range(5)]
    module = import_module("inspector.inspections.migrations.0013_former_deployments")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "AT_ONCE", 2)
        yield
    assert {deployment_of(pk) for pk in rows} == {at_day(0)}
