"""What a version's page tells of its numbers: intervals, rates, policies, p-values, examples, the ranking;
and that versions of a former time, which know none of these, are shown as before."""

import json
from dataclasses import asdict

import pytest

from detection.reasons import Reason
from inspector.core import files
from inspector.registry import examples, metrics
from inspector.registry.alternatives import policies
from inspector.registry.compare import compare
from inspector.registry.models import Standing
from inspector.registry.ranking import ranking
from inspector.registry.register import register
from tests.factories import CategoryFactory, ModelVersionFactory
from tests.registry.test_pages import METRICS
from tests.role_table import ALL, answers

pytestmark = pytest.mark.django_db
ALARMS = {"count": 2, "n": 10, "rate": 0.2, "low": 0.025, "high": 0.556}
MISSED = {"count": 3, "n": 12, "rate": 0.25, "low": 0.055, "high": 0.572}
WRONG = {"false_alarm": ALARMS, "miss": MISSED}
MEASURED = METRICS | {
    "average_precision": 0.981,
    "intervals": {"image_auroc": [0.951, 0.985], "average_precision": [0.93, 0.99]},
    "pixel": {"auroc": 0.97, "aupro": 0.89, "f1": None, "n_masks": 12},
    "rates": WRONG,
    "review": {"good": 1, "defect": 2},
    "confusion": {"tp": 9, "fp": 2, "tn": 8, "fn": 3},
    "p_values": [{"p": p, "share": share, "n": 40} for p, share in ((0.01, 0.0), (0.05, 0.075), (0.5, 0.5))],
    "policies": [
        WRONG | {"policy": "conformal", "in_use": False, "target": 0.05, "threshold": 0.6},
        WRONG | {"policy": "f1", "in_use": True, "target": None, "threshold": 0.5},
    ],
    "by_defect": {
        "scratch": METRICS["by_defect"]["scratch"] | {"pixel_auroc": 0.955, "aupro": 0.88},
        "rust": METRICS["by_defect"]["rust"] | {"pixel_auroc": None, "aupro": None},
    },
}
CANDIDATES = [
    {
        "method": "filterbank",
        "score": 0.969,
        "interval": [0.951, 0.981],
        "false_alarms": {"count": 2, "n": 60},
        "by_damage": {"scratch": 0.93, "blot": 0.99},
        "seconds": 9.4,
        "ms_per_image": 22.0,
        "left_out": "",
    },
    {
        "method": "unet-repair",
        "score": 0.958,
        "interval": [0.936, 0.975],
        "false_alarms": {"count": 1, "n": 60},
        "by_damage": {},
        "seconds": 192.0,
        "ms_per_image": 38.0,
        "left_out": "",
    },
    {
        "method": "patchcore",
        "score": None,
        "interval": None,
        "false_alarms": None,
        "by_damage": None,
        "seconds": None,
        "ms_per_image": None,
        "left_out": "the weights of resnet18 are not here",
    },
]
RANKING = {
    "chosen": "filterbank+unet-repair",
    "why": "Together they do best.",
    "used_labels": False,
    "candidates": CANDIDATES,
}
EXAMPLES = [
    {"file": f"example-{name}-{n}.jpg", "label": label, "score": 0.75, "threshold": 0.5, "verdict": verdict}
    for name, label, verdict in (("good", "good", "OK"), ("a-b", "a/b & c", "ANOMALY"))
    for n in (1, 2)
]


@pytest.fixture
def version():
    config = {
        "options": {"size": 128, "epochs": 40, "backbone": "resnet18"},
        "threshold": {"chosen_on": "The largest F1.", "review_from": 0.4, "good_scores": [0.1, 0.2]},
        "ranking": RANKING,
        "examples": EXAMPLES,
    }
    return ModelVersionFactory.create(
        category=CategoryFactory.create(slug="nut", name="Nut"),
        number=1,
        method="filterbank+unet-repair",
        metrics=MEASURED,
        config=config,
        plots={row["file"]: f"versions/nut/1/plots/{row['file']}" for row in EXAMPLES},
    )


@pytest.fixture
def former(version):
    return ModelVersionFactory.create(
        category=version.category, number=2, standing=Standing.CANDIDATE, metrics=METRICS, config={}
    )


def body(response):
    assert response.status_code == 200
    return " ".join(response.content.decode().replace("\N{NARROW NO-BREAK SPACE}", " ").split())


# --- Numbers ---------------------------------------------------------------------------------
def test_every_metric_with_its_interval(client_of, version):
    page = body(client_of("QA manager").get("/categories/nut/"))
    for words in ("0.970", "0.951\N{EN DASH}0.985", "Average precision", "Pixel AUROC", "AUPRO", "0.890"):
        assert words in page
    assert "Pixel F1" not in page, "what was not measured is not shown"
    assert [figure.name for figure in metrics.figures(version)][:3] == [
        "Image AUROC",
        "Average precision",
        "F1",
    ]


def test_how_often_verdicts_are_wrong_and_what_is_for_review(client_of, version):
    page = body(client_of("QA manager").get("/categories/nut/v1/"))
    assert "2 of 10, 20.0 %" in page
    assert "2.5\N{EN DASH}55.6 %" in page
    assert "3 of 12, 25.0 %" in page
    assert "from 0.4 up to the threshold; 1 of 10 good and 2 of 12 defective test photos" in page
    defective, good = metrics.verdicts(version)
    assert (defective.anomaly, defective.review, defective.ok) == (9, 2, 1)
    assert (good.anomaly, good.review, good.ok) == (2, 1, 7)


def test_kinds_of_defect_with_their_pixel_metrics(client_of, version):
    page = body(client_of("QA manager").get("/categories/nut/"))
    for words in ("Pixel AUROC", "0.955", "0.880", "7 of 8"):
        assert words in page


def test_what_other_thresholds_would_have_done(client_of, version):
    rows = policies(version)
    assert [(row.title, row.in_use) for row in rows] == [
        ("Balance both", True),
        ("Limit the false alarms", False),
    ]
    assert "at most 5 % of good parts are flagged" in body(client_of("QA manager").get("/categories/nut/"))


def test_whether_p_values_hold_in_a_sentence(client_of, version):
    page = body(client_of("QA manager").get("/categories/nut/"))
    assert "Of 40 good test photos, 3 have a p-value of at most 5 %; about 2 are expected to." in page


def test_a_version_of_a_former_time_is_shown_as_before(client_of, former):
    page = body(client_of("QA manager").get("/categories/nut/v2/"))
    how_well = page[page.index("Performance of v2") :]
    for words in ("7 of 8", "1 <small>missed", "Five folds"):
        assert words in how_well
    for words in ("Average precision", "Pixel", "REVIEW", "p-value", "Examples", "other thresholds"):
        assert words not in how_well
    assert metrics.rates(former) == metrics.reliability(former) == policies(former) == []


# --- Beside another --------------------------------------------------------------------------
def test_of_errors_fewer_are_better(version, former):
    fewer, more = {"rate": 0.01, "low": 0, "high": 0.02}, {"rate": 0.9, "low": 0.8, "high": 0.95}
    former.metrics = MEASURED | {"rates": {"false_alarm": ALARMS | fewer, "miss": MISSED | more}}
    found = {row.name: row for row in compare(former, version)}
    assert found["False alarms"].word == "better"
    assert found["Defects not flagged"].word == "worse"
    assert found["Average precision"].word == "same"
    assert found["Average precision"].this.span == "0.930\N{EN DASH}0.990"


def test_new_metrics_beside_a_version_that_has_none(client_of, version, former):
    found = {row.name: row for row in compare(former, version)}
    assert list(found)[:6] == [
        "False alarms",
        "Missed defects",
        "For review",
        "Defects not flagged",
        "Image AUROC",
        "Average precision",
    ]
    assert found["AUPRO"].word == "not comparable"
    page = body(client_of("Admin").get("/categories/nut/v2/promote/"))
    assert "AUPRO" in page
    assert "0.951\N{EN DASH}0.985" in page
    panel = body(client_of("Admin").get(f"/admin/registry/modelversion/{former.pk}/promote/"))
    assert "0.970 [0.951\N{EN DASH}0.985]" in panel


# --- Examples --------------------------------------------------------------------------------
def test_examples_by_label_with_verdict_and_picture(client_of, version):
    good, odd = examples.examples(version)
    assert (good.label, odd.label) == ("good", "a/b & c")
    first = odd.examples[0]
    assert (first.file, first.verdict, first.times) == ("example-a-b-1.jpg", "ANOMALY", "1.50")
    page = body(client_of("QA manager").get("/categories/nut/"))
    assert "/categories/nut/v1/plots/example-a-b-1.jpg" in page
    assert "a/b &amp; c" in page


def test_pictures_of_examples_are_served_to_who_may_see_the_version(client_of, version):
    files.store("versions/nut/1/plots/example-good-1.jpg", b"jpeg")
    address = "/categories/nut/v1/plots/example-good-1.jpg"
    assert answers(client_of, address) == ALL
    assert client_of("QA manager").get(address)["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("score", "threshold", "times"),
    [
        (0.4999, 0.5, "just under 1"),
        (0.5, 0.5, "1.00"),
        (12.39, 1, "12.4"),
        (150.19, 1, "over 100"),
        (0.5, 0.0, ""),
        (None, 1, ""),
    ],
)
def test_what_is_below_the_threshold_is_not_rounded_up_to_it(version, score, threshold, times):
    version.config["examples"] = [EXAMPLES[0] | {"score": score, "threshold": threshold}]
    assert examples.examples(version)[0].examples[0].times == times


def test_a_picture_that_is_not_there_is_no_example(version):
    version.plots = {}
    assert examples.examples(version) == []


def test_a_run_s_examples_come_with_it(run_dir, result):
    (run_dir / "plots" / "example-good-1.jpg").write_bytes(b"jpeg")
    (run_dir / "plots" / "examples.json").write_text(json.dumps(EXAMPLES[:1]))
    version = register(CategoryFactory.create(), run_dir, "unet", result)
    version.refresh_from_db()
    assert version.config["examples"] == EXAMPLES[:1]
    assert "example-good-1.jpg" in version.plots
    assert [group.label for group in examples.examples(version)] == ["good"]


def test_a_run_without_examples_registers_as_before(run_dir, result):
    version = register(CategoryFactory.create(), run_dir, "unet", result)
    assert version.config["examples"] == []


# --- The automatic choice --------------------------------------------------------------------
def test_the_choice_is_explained_with_its_evidence(client_of, version):
    page = body(client_of("QA manager").get("/categories/nut/"))
    for words in (
        "Why Filter bank + UNet repair",
        "Together they do best.",
        "No test label was used.",
        "2 of 60",
        "scratch 0.930",
        "Left out: the weights of resnet18 are not here",
    ):
        assert words in page
    told = ranking(version)
    assert [row.chosen for row in told.candidates] == [True, True, False]


def test_methods_have_their_titles_in_the_sentence_and_damage_goes_by_size(version):
    reason = Reason("better", "filterbank", "patchcore-padim+filterbank", own=0.9, reached=0.95, sure=0.99)
    sizes = {"large": 0.99, "small": 0.8, "medium": 0.9, "odd": None}
    candidates = [CANDIDATES[0] | {"by_damage": sizes}]
    version.config["ranking"] = RANKING | {"reason": asdict(reason), "candidates": candidates}
    told = ranking(version)
    assert told.why == (
        "PatchCore with PaDiM + Filter bank separates synthetic defects from good photos better "
        "(AUROC 0.950) than Filter bank (0.900), in 99 % of resampled photos."
    )
    assert [name for name, _ in told.candidates[0].by_damage] == ["small", "medium", "large", "odd"]


def test_labels_that_had_a_say_are_told(client_of, version):
    version.config["ranking"] = RANKING | {"used_labels": True, "chosen": "filterbank"}
    version.save()
    page = body(client_of("QA manager").get("/categories/nut/v1/"))
    assert "Labelled defects were used" in page
    assert "Why Filter bank<" in page
    assert [row.chosen for row in ranking(version).candidates] == [True, False, False]


def test_of_a_fusion_that_is_a_candidate_itself_only_that_is_marked(version):
    fusion = CANDIDATES[0] | {"method": "filterbank+unet-repair"}
    version.config["ranking"] = RANKING | {"candidates": [fusion, *CANDIDATES]}
    assert [row.chosen for row in ranking(version).candidates] == [True, False, False, False]


def test_a_person_s_choice_needs_no_explanation(client_of, former):
    assert ranking(former) is None
    page = body(client_of("QA manager").get("/categories/nut/v2/"))
    assert "Left out" not in page


# --- How it was trained -------------------------------------------------------------------------
def test_names_of_methods_and_options_that_mean_something(client_of, version):
    page = body(client_of("QA manager").get("/categories/nut/v1/"))
    assert "Filter bank + UNet repair" in page
    assert "Maximum epochs" in page
    assert "Pretrained network" not in page


def test_the_list_of_versions_fetches_no_curves(client_of, version):
    listed = client_of("QA manager").get("/categories/nut/").context["versions"]
    assert {"config", "plots"} <= listed[0].get_deferred_fields()
    assert listed[0].metrics == {
        name: MEASURED[name] for name in ("confusion", "review", "n_good", "n_defect")
    }, "of the metrics only what the table shows"


def test_queries_stay_what_they_were(client_of, version, former, django_assert_max_num_queries):
    browser = client_of("Admin")
    for address, most in (
        ("/categories/nut/", 14),
        ("/categories/nut/v2/", 9),
        ("/categories/nut/v2/promote/", 10),
    ):
        with django_assert_max_num_queries(most):
            browser.get(address)
