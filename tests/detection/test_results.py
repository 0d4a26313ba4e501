"""What metrics.json holds: its form stays, and it is read back as it was measured."""

import json

import pytest

from detection.results import (
    Confusion,
    DefectResult,
    Evaluation,
    InReview,
    PixelResult,
    PolicyResult,
    PrecisionRecall,
    PValueShare,
    Roc,
    WrongRate,
    WrongRates,
)

RATE = WrongRate(count=1, n=10, rate=0.1, low=0.0, high=0.4)
STORED_RATE = {"count": 1, "n": 10, "rate": 0.1, "low": 0.0, "high": 0.4}
WHOLE = Evaluation(
    category="nut",
    method="unet",
    image_auroc=0.9,
    f1=0.8,
    precision=0.7,
    recall=0.9,
    threshold=0.5,
    threshold_policy="f1",
    judged_by="All images were judged by the model's own threshold.",
    n_good=10,
    n_defect=10,
    confusion=Confusion(tp=9, fp=1, tn=9, fn=1),
    by_defect=(DefectResult("crack", 10, 9, 0.9, (0.5, 1.0), 0.7, 0.8, 0.9, 0.95, 0.99, 0.6, None),),
    ms_per_image=3.0,
    roc=Roc((0.0, 1.0), (0.0, 1.0), (0.9, 0.1)),
    warnings=("Few photos.",),
    average_precision=0.95,
    pr=PrecisionRecall((0.5, 1.0), (1.0, 0.5), (0.9, 0.1)),
    pixel=PixelResult(0.99, 0.6, None, 4),
    intervals={"f1": (0.6, 0.95)},
    rates=WrongRates(RATE, None),
    review=InReview(good=2, defect=0),
    p_values=(PValueShare(p=0.05, share=0.1, n=10),),
    policies=(
        PolicyResult(policy="f1", threshold=0.5, review_from=0.4, review=InReview(), rates=WrongRates(RATE)),
    ),
)
STORED = {
    "category": "nut",
    "method": "unet",
    "image_auroc": 0.9,
    "f1": 0.8,
    "precision": 0.7,
    "recall": 0.9,
    "threshold": 0.5,
    "threshold_policy": "f1",
    "judged_by": "All images were judged by the model's own threshold.",
    "n_good": 10,
    "n_defect": 10,
    "confusion": {"tp": 9, "fp": 1, "tn": 9, "fn": 1},
    "by_defect": {
        "crack": {
            "n": 10,
            "flagged": 9,
            "recall": 0.9,
            "recall_interval": [0.5, 1.0],
            "precision": 0.7,
            "f1": 0.8,
            "image_auroc": 0.9,
            "average_precision": 0.95,
            "pixel_auroc": 0.99,
            "aupro": 0.6,
            "pixel_f1": None,
        }
    },
    "ms_per_image": 3.0,
    "roc": {"fpr": [0.0, 1.0], "tpr": [0.0, 1.0], "thresholds": [0.9, 0.1]},
    "warnings": ["Few photos."],
    "average_precision": 0.95,
    "pr": {"recall": [0.5, 1.0], "precision": [1.0, 0.5], "thresholds": [0.9, 0.1]},
    "pixel": {"auroc": 0.99, "aupro": 0.6, "f1": None, "n_masks": 4},
    "intervals": {"f1": [0.6, 0.95]},
    "rates": {"false_alarm": STORED_RATE},
    "review": {"good": 2, "defect": 0},
    "p_values": [{"p": 0.05, "share": 0.1, "n": 10}],
    "policies": [
        {
            "policy": "f1",
            "in_use": False,
            "target": None,
            "threshold": 0.5,
            "review_from": 0.4,
            "review": {"good": 0, "defect": 0},
            "false_alarm": STORED_RATE,
        }
    ],
}


def test_the_stored_form_stays_to_the_byte():
    assert json.dumps(WHOLE.as_dict(), indent=2) == json.dumps(STORED, indent=2)


@pytest.mark.parametrize("evaluation", [WHOLE, Evaluation()])
def test_it_is_read_back_as_it_was_measured(evaluation):
    assert Evaluation.from_dict(json.loads(json.dumps(evaluation.as_dict()))) == evaluation


def test_what_there_is_none_of_is_stored_as_empty():
    stored = Evaluation(n_good=1).as_dict()
    for name in ("confusion", "roc", "pr", "pixel", "intervals", "rates", "review", "by_defect"):
        assert stored[name] == {}, name
    assert list(stored) == list(STORED)


def test_what_a_later_program_stored_besides_does_no_harm():
    later = STORED | {"new": 1, "pixel": STORED["pixel"] | {"new": 1}}
    assert Evaluation.from_dict(later) == WHOLE
