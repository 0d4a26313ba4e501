"""Judging the photo of a trial, version after version. `core.work` does the rest."""

import math
import time
from dataclasses import replace
from typing import Any

from detection import BadArtifact, MapScale, Prediction, UnreadableImage
from inspector.core.attempt import Attempt
from inspector.registry.detectors import detector
from inspector.trials.models import Trial, TrialJudgement


def judge(attempt: Attempt[Trial]) -> None:
    """Each version's answer is stored as soon as it is known. One that cannot judge says why."""
    trial = attempt.job
    rows = list(trial.judgements.select_related("version__category"))
    open_rows = [row for row in rows if row.score is None and not row.problem]
    for done, row in enumerate(open_rows, start=len(rows) - len(open_rows)):
        attempt.report_progress(done=done, total=len(rows))
        attempt.go_on()
        with attempt.held():
            _judge(trial, row, attempt.token.hex[:8])
    attempt.finish(progress={})


def _judge(trial: Trial, row: TrialJudgement, token: str) -> None:
    from inspector.inspections import pictures  # SciPy: the web process imports this module, too

    try:
        model = detector(row.version)
        start = time.perf_counter()  # loading does not count: on a line the model is already loaded
        photo = pictures.read(str(trial.photo), model.prepare, model.levels)
        [predicted] = model.predict([photo.prepared])
    except (BadArtifact, UnreadableImage) as problem:
        return _write(row, problem=str(problem))
    except FileNotFoundError:
        return _write(row, problem="The photo is no longer in storage. Send it again.")
    if not math.isfinite(predicted.score):
        return _write(row, problem="The model returned no valid score for this photo. Retrain the category.")
    result: Prediction = replace(predicted, threshold=row.threshold, review_from=row.review_from)
    scale = MapScale(row.map_low, row.map_high)
    drawn = pictures.draw(str(trial.photo), f"{token}-{row.version_id}", photo.preview, result, scale)
    said = {} if result.other_part else {"verdict": result.verdict, "p_value": result.p_value}
    return _write(
        row,
        score=result.score,
        other_part=result.other_part,
        preview=drawn.names["preview"],
        heatmap=drawn.names["heatmap"],
        milliseconds=round(1000 * (time.perf_counter() - start)),
        **said,
    )


def _write(row: TrialJudgement, **values: Any) -> None:
    """Nothing where the version was deleted meanwhile: the others are judged all the same."""
    TrialJudgement.objects.filter(pk=row.pk).update(**values)
