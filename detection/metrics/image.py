"""How good scores and decisions are. Labels: True means defect. None means undefined, never zero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

from detection.metrics.intervals import binomial
from detection.types import GOOD


def image_auroc(scores: ArrayLike, is_defect: ArrayLike) -> float | None:
    """Area under the ROC curve: the chance that a defect scores above a good image, ties count half.

    None unless there are both good images and defects.
    """
    truth = np.asarray(is_defect, dtype=bool)
    if not truth.any() or truth.all():
        return None
    return float(roc_auc_score(truth, np.asarray(scores, dtype=float)))


def average_precision(scores: ArrayLike, is_defect: ArrayLike) -> float | None:
    """The precision at each defect's score, averaged over the defects: the area under the steps of `pr`.

    Unlike AUROC it depends on how many of the images are good. None unless there are both kinds.
    """
    truth = np.asarray(is_defect, dtype=bool)
    if not truth.any() or truth.all():
        return None
    return float(average_precision_score(truth, np.asarray(scores, dtype=float)))


def roc(scores: ArrayLike, is_defect: ArrayLike) -> dict[str, list[float]]:
    """The ROC curve as {"fpr", "tpr", "thresholds"}; empty unless both kinds are there.

    The first point flags nothing; its threshold is the highest score's next float, not infinity,
    so that the curve can be written as JSON.
    """
    truth, values = np.asarray(is_defect, dtype=bool), np.asarray(scores, dtype=float)
    if not truth.any() or truth.all():
        return {}
    fpr, tpr, thresholds = roc_curve(truth, values)
    thresholds[0] = np.nextafter(values.max(), np.inf)
    return {"fpr": fpr.tolist(), "tpr": tpr.tolist(), "thresholds": thresholds.tolist()}


def pr(scores: ArrayLike, is_defect: ArrayLike) -> dict[str, list[float]]:
    """The precision-recall curve as {"recall", "precision", "thresholds"}; empty unless both kinds are there.

    One point for each score, the highest first, so recall never falls. Where nothing is flagged
    precision is undefined, and no point is made up for it.
    """
    truth, values = np.asarray(is_defect, dtype=bool), np.asarray(scores, dtype=float)
    if not truth.any() or truth.all():
        return {}
    precision, recall, thresholds = precision_recall_curve(truth, values)
    points = {"recall": recall[:-1], "precision": precision[:-1], "thresholds": thresholds}
    return {name: column[::-1].tolist() for name, column in points.items()}


def confusion(flagged: ArrayLike, is_defect: ArrayLike) -> dict[str, int]:
    """Counts of true and false positives and negatives; a positive is a flagged image."""
    found, truth = np.asarray(flagged, dtype=bool), np.asarray(is_defect, dtype=bool)
    return {
        "tp": int((found & truth).sum()),
        "fp": int((found & ~truth).sum()),
        "tn": int((~found & ~truth).sum()),
        "fn": int((~found & truth).sum()),
    }


def precision_recall_f1(counts: dict[str, int]) -> tuple[float | None, float | None, float | None]:
    """Precision, recall and F1. None where undefined: recall without defects, the others also without
    good images (nothing could have been flagged wrongly), precision also where nothing was flagged."""
    flagged, defects = counts["tp"] + counts["fp"], counts["tp"] + counts["fn"]
    both = bool(defects and counts["fp"] + counts["tn"])
    precision = counts["tp"] / flagged if both and flagged else None
    recall = counts["tp"] / defects if defects else None
    f1 = 2 * counts["tp"] / (flagged + defects) if both else None
    return precision, recall, f1


def rates(counts: dict[str, int]) -> dict[str, dict[str, float | int]]:
    """False alarms among good images and misses among defects, each only where there are any.

    {"false_alarm" | "miss": {"count", "n", "rate", "low", "high"}}, with exact binomial 95 % bounds.
    """
    sides = {
        "false_alarm": (counts["fp"], counts["fp"] + counts["tn"]),
        "miss": (counts["fn"], counts["tp"] + counts["fn"]),
    }
    found: dict[str, dict[str, float | int]] = {}
    for name, (count, n) in sides.items():
        if n:
            low, high = binomial(count, n)
            found[name] = {"count": count, "n": n, "rate": count / n, "low": low, "high": high}
    return found


def by_defect(
    scores: NDArray[np.float64], flagged: NDArray[np.bool_], labels: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """For each kind of defect the metrics of its images against all good ones.

    {kind: {"n", "flagged", "recall", "recall_interval", "precision", "f1", "image_auroc",
    "average_precision"}}; the interval is the exact binomial one.
    """
    kinds = np.asarray(labels)
    good = kinds == GOOD
    result = {}
    for kind in sorted(set(labels) - {GOOD}):
        pair = (kinds == kind) | good
        result[kind] = _against_good(scores[pair], flagged[pair], ~good[pair])
    return result


def _against_good(
    scores: NDArray[np.float64], flagged: NDArray[np.bool_], is_defect: NDArray[np.bool_]
) -> dict[str, Any]:
    counts = confusion(flagged, is_defect)
    precision, recall, f1 = precision_recall_f1(counts)
    n = counts["tp"] + counts["fn"]
    return {
        "n": n,
        "flagged": counts["tp"],
        "recall": recall,
        "recall_interval": list(binomial(counts["tp"], n)),
        "precision": precision,
        "f1": f1,
        "image_auroc": image_auroc(scores, is_defect),
        "average_precision": average_precision(scores, is_defect),
    }
