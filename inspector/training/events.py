"""What happens to trainings, and how the audit trail puts it."""

from inspector.core.events import Detail, Kind, declare, subject_type
from inspector.registry.methods import title
from inspector.training.panels import options_in_words


def _asked(detail: Detail) -> str:
    method = detail.get("method", "")
    options = [f"{name}: {value}" for name, value in options_in_words(detail.get("options", {}), method)]
    # Of older events the category is the subject.
    run = [_run(detail)] if "run" in detail else []
    others = [f"one model for {', '.join(detail['family'])}"] if "family" in detail else []
    joins = [f"joins {detail['joins']}, without a training"] if "joins" in detail else []
    fast = ["with a quick draft"] if detail.get("fast") else []
    return "; ".join([*run, *([title(method)] if method else []), *others, *joins, *fast, *options])


def _run(detail: Detail) -> str:
    return f"Run {detail['run']}"


subject_type("run", "training.TrainingRun", category="category_id")


@declare
class TrainingEvent(Kind):
    REQUESTED = "run.requested", "Started training", _asked
    CANCELLED = "run.cancelled", "Cancelled training"
    RETRIED = "run.retried", "Retried training"
    VERSION_TRAINED = "version.trained", "Trained version", _run
