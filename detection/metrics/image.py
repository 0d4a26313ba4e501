"""Metrics of scores and decisions. Labels: True means defect. None means undefined, never zero."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

from detection.metrics.intervals import binomial
from detection.results import Confusion, DefectResult, PrecisionRecall, Roc, WrongRate, WrongRates
from detection.types import GOOD


def image_auroc(scores: ArrayLike, is_defect: ArrayLike) -> float | None:
    """Area under the ROC curve: the chance that a defect scores above a good image; ties count half.

    None unless there are both good images and defects.
    """
    truth = np.asarray(is_defect, dtype=bool)
    if not truth.any() or truth.all():
        return None
    return float(roc_auc_score(truth, np.asarray(scores, dtype=float)))


def average_precision(scores: ArrayLike, is_defect: ArrayLike) -> float | None:
    """The precision at each defect's score, averaged over the defects: the area under the steps of `pr`.

    Unlike AUROC it depends on the share of good images. None unless there are both kinds.
    """
    truth = np.asarray(is_defect, dtype=bool)
    if not truth.any() or truth.all():
        return None
    return float(average_precision_score(truth, np.asarray(scores, dtype=float)))


def roc(scores: ArrayLike, is_defect: ArrayLike) -> Roc | None:
    """The ROC curve; None unless there are both kinds.

    The first point flags nothing; its threshold is the next float above the highest score, not infinity, so
    that the curve can be written as JSON.
    """
    truth, values = np.asarray(is_defect, dtype=bool), np.asarray(scores, dtype=float)
    if not truth.any() or truth.all():
        return None
    fpr, tpr, thresholds = roc_curve(truth, values)
    thresholds[0] = np.nextafter(values.max(), np.inf)
    return Roc(*(tuple(column.tolist()) for column in (fpr, tpr, thresholds)))


def pr(scores: ArrayLike, is_defect: ArrayLike) -> PrecisionRecall | None:
    """The precision-recall curve; None unless there are both kinds.

    One point for each score, the highest first, so recall never decreases. Where nothing is flagged,
    precision is undefined, and there is no point.
    """
    truth, values = np.asarray(is_defect, dtype=bool), np.asarray(scores, dtype=float)
    if not truth.any() or truth.all():
        return None
    precision, recall, thresholds = precision_recall_curve(truth, values)
    columns = (recall[:-1], precision[:-1], thresholds)
    return PrecisionRecall(*(tuple(column[::-1].tolist()) for column in columns))


def confusion(flagged: ArrayLike, is_defect: ArrayLike) -> Confusion:
    """Counts of true and false positives and negatives; a positive is a flagged image."""
    positive, truth = np.asarray(flagged, dtype=bool), np.asarray(is_defect, dtype=bool)
    return Confusion(
        tp=int((positive & truth).sum()),
        fp=int((positive & ~truth).sum()),
        tn=int((~positive & ~truth).sum()),
        fn=int((~positive & truth).sum()),
    )


def precision_recall_f1(counts: Confusion) -> tuple[float | None, float | None, float | None]:
    """Precision, recall and F1. None where undefined: recall without defects, the others also without good
    images (nothing could have been flagged wrongly), precision also if nothing is flagged."""
    flagged, defects = counts.flagged, counts.n_defect
    both = bool(defects and counts.n_good)
    precision = counts.tp / flagged if both and flagged else None
    recall = counts.tp / defects if defects else None
    f1 = 2 * counts.tp / (flagged + defects) if both else None
    return precision, recall, f1


def rates(counts: Confusion) -> WrongRates:
    """False alarms among good images and misses among defects, with exact binomial 95 % bounds."""
    return WrongRates(_rate(counts.fp, counts.n_good), _rate(counts.fn, counts.n_defect))


def _rate(count: int, n: int) -> WrongRate | None:
    return WrongRate(count, n, count / n, *binomial(count, n)) if n else None


def by_defect(
    scores: NDArray[np.float64], flagged: NDArray[np.bool_], labels: Sequence[str]
) -> tuple[DefectResult, ...]:
    """The metrics of each kind of defect, by name, against all good images."""
    kinds = np.asarray(labels)
    good = kinds == GOOD
    results = []
    for kind in sorted(set(labels) - {GOOD}):
        pair = (kinds == kind) | good
        results.append(_against_good(kind, scores[pair], flagged[pair], ~good[pair]))
    return tuple(results)


def _against_good(
    kind: str, scores: NDArray[np.float64], flagged: NDArray[np.bool_], is_defect: NDArray[np.bool_]
) -> DefectResult:
    counts = confusion(flagged, is_defect)
    precision, recall, f1 = precision_recall_f1(counts)
    return DefectResult(
        name=kind,
        n=counts.n_defect,
        flagged=counts.tp,
        recall=recall,
        recall_interval=binomial(counts.tp, counts.n_defect),
        precision=precision,
        f1=f1,
        image_auroc=image_auroc(scores, is_defect),
        average_precision=average_precision(scores, is_defect),
    )
