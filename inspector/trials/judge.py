"""Judging the photo of a trial, version after version. `core.work` does the rest."""

import math
import time
from dataclasses import replace

from detection import BadArtifact, MapScale, Prediction, UnreadableImage
from inspector.core.attempt import Attempt
from inspector.registry.detectors import detector
from inspector.trials.models import Trial, TrialJudgement


def judge(attempt: Attempt[Trial]) -> None:
    """Each version's answer is there as soon as it is known. One that cannot judge says why."""
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
        start = time.perf_counter()  # loading is no part of a verdict: on a line the model is there
        photo = pictures.read(str(trial.photo), model.prepare, model.levels)
        [predicted] = model.predict([photo.prepared])
    except (BadArtifact, UnreadableImage) as problem:
        row.problem = str(problem)
        row.save(update_fields=["problem"])
        return
    except FileNotFoundError:
        row.problem = "The photo is no longer in storage. Send it again."
        row.save(update_fields=["problem"])
        return
    if not math.isfinite(predicted.score):
        row.problem = "The model returned no valid score for this photo. Retrain the category."
        row.save(update_fields=["problem"])
        return
    result: Prediction = replace(predicted, threshold=row.threshold, review_from=row.review_from)
    scale = MapScale(row.map_low, row.map_high)
    drawn = pictures.draw(str(trial.photo), f"{token}-{row.version_id}", photo.preview, result, scale)
    row.score, row.other_part = result.score, result.other_part
    if not row.other_part:
        row.verdict, row.p_value = result.verdict, result.p_value
    row.preview, row.heatmap = drawn.names["preview"], drawn.names["heatmap"]
    row.milliseconds = round(1000 * (time.perf_counter() - start))
    row.save()
