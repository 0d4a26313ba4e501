"""How good scores and decisions are. Labels: True means defect. None means undefined, never zero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import roc_auc_score, roc_curve

from detection.types import GOOD


def image_auroc(scores: ArrayLike, is_defect: ArrayLike) -> float | None:
    """Area under the ROC curve: the chance that a defect scores above a good image, ties count half.

    None unless there are both good images and defects.
    """
    truth = np.asarray(is_defect, dtype=bool)
    if not truth.any() or truth.all():
        return None
    return float(roc_auc_score(truth, np.asarray(scores, dtype=float)))


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


def by_defect(
    scores: NDArray[np.float64], flagged: NDArray[np.bool_], labels: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """For each kind of defect: how many, how many flagged, recall, and AUROC against all good images."""
    kinds = np.asarray(labels)
    good = kinds == GOOD
    result = {}
    for kind in sorted(set(labels) - {GOOD}):
        these = kinds == kind
        pair = these | good
        result[kind] = {
            "n": int(these.sum()),
            "flagged": int(flagged[these].sum()),
            "recall": float(flagged[these].mean()),
            "image_auroc": image_auroc(scores[pair], these[pair]),
        }
    return result
