"""A quick draft of what was trained, if the run requests one. No training fails for lack of it."""

import logging
from typing import Any

from django.conf import settings

import detection
from inspector.core.attempt import Attempt
from inspector.training.models import TrainingRun
from inspector.training.progress import ProgressLog

logger = logging.getLogger(__name__)
FAULT = "A fault in the program or the machine kept it from being made; the train worker's log says which."


def add_draft(
    attempt: Attempt[TrainingRun],
    log: ProgressLog,
    dataset: detection.Dataset,
    result: "detection.TrainResult",
) -> None:
    """Try it on copies of the photos, keep it in the run folder, and note in `result.config` what it
    promises, or why there is none. Raises Cancelled."""
    with attempt.held():
        make = detection.make_cascade  # loads PyTorch, as the training does
    try:
        made = make(result.run_dir, dataset, runtime=settings.RUNTIME, on_step=log.on_draft).as_dict()
        known: dict[str, Any] = {name: value for name, value in made.items() if name != "run_dir"}
    except detection.Cancelled:
        raise
    except detection.DetectionError as refused:
        known = {"why_not": str(refused)}
        logger.info("%s: no quick draft. %s", attempt.job, refused)
    except Exception:
        known = {"why_not": FAULT}
        logger.exception("%s: no quick draft", attempt.job)
    log.draft_over()
    result.config["draft"] = known
