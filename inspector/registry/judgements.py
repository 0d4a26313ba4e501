"""What a version's run said about each test photo: from its scores.csv into rows, new ones and former
ones."""

import logging
import math
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction

from detection.files import tables
from detection.types import verdict
from inspector.registry.making import Making
from inspector.samples.models import Split

log = logging.getLogger(__name__)
SCORES = "scores.csv"
HASH = re.compile("[0-9a-f]{64}")
VERDICTS = ("OK", "REVIEW", "ANOMALY")
AT_ONCE = 1000
# A migration hands over models as they were then.
Model = Any


def write(version: Any, scores: str, judgement: Model, sample: Model) -> int:
    """Rows for the lines of a run's scores.csv; how many. Lines that make no sense are left out."""
    chosen = Making.from_dict(version.config).threshold
    lines = list(_read(scores, chosen.review_from))
    known = _samples(version, sample)
    p_values = _p_values([row["score"] for row in lines], chosen.good_scores)
    rows = []
    for row, p_value in zip(lines, p_values, strict=True):
        pk, filename = known.get(row["sha256"], (None, row["filename"]))
        rows.append(
            judgement(**row | {"version": version, "sample_id": pk, "filename": filename, "p_value": p_value})
        )
    judgement.objects.bulk_create(rows, batch_size=AT_ONCE)
    return len(rows)


def fill(versions: Iterable[Any], judgement: Model, sample: Model) -> int:
    """The rows of versions that were registered before such rows existed, from their artifacts in storage.

    How many versions got theirs. One whose artifact is gone, damaged or of another form is left without.
    """
    filled = 0
    for version in versions:
        try:
            with transaction.atomic():
                filled += bool(write(version, _stored_scores(str(version.artifact)), judgement, sample))
        except Exception:
            log.warning("no test scores of version %s in %s", version.pk, version.artifact, exc_info=True)
    return filled


def _stored_scores(artifact: str) -> str:
    with default_storage.open(artifact, "rb") as file, zipfile.ZipFile(file) as zipped:
        return zipped.read(SCORES).decode()


def _read(scores: str, review_from: float | None) -> Iterable[dict[str, Any]]:
    for line in tables.rows(scores):
        row = _row(line, review_from)
        if row:
            yield row


def _row(line: Mapping[str, Any], review_from: float | None) -> dict[str, Any] | None:
    """The threshold is the one that judged the photo, which is not always the version's: no photo is judged
    by one that it helped to choose. So the rows count what the version's metrics count."""
    name, label, said = (line.get(column) or "" for column in ("image", "label", "prediction"))
    sha256 = line.get("sha256") or name.partition(".")[0]
    try:
        score, threshold = float(line["score"]), float(line["threshold"])
    except (KeyError, TypeError, ValueError):
        return None
    if not label or not HASH.fullmatch(sha256) or not (math.isfinite(score) and math.isfinite(threshold)):
        return None
    return {
        "sha256": sha256,
        "label": label[:60],
        "filename": name[-255:],
        "score": score,
        "threshold": threshold,
        "verdict": said if said in VERDICTS else verdict(score, threshold, review_from),
    }


def _samples(version: Any, sample: Model) -> dict[str, tuple[int, str]]:
    """The test photos that are still in the category, by hash."""
    rows = sample.objects.filter(category_id=version.category_id, split=Split.TEST)
    return {sha256: (pk, name) for sha256, pk, name in rows.values_list("sha256", "pk", "filename")}


def _p_values(scores: Sequence[float], good_scores: Sequence[float]) -> list[float | None]:
    if not scores or not good_scores:
        return [None] * len(scores)
    from detection.verdicts.p_values import p_values  # SciPy: the web process imports this module, too

    return [float(value) for value in p_values(scores, good_scores)]
