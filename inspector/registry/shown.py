"""What pages show of a version."""

from typing import Any

from inspector.registry import metrics
from inspector.registry import odd as odd_photos
from inspector.registry import promote as promoting
from inspector.registry.alternatives import policies
from inspector.registry.compare import compare, same_photos
from inspector.registry.examples import examples
from inspector.registry.models import ModelVersion
from inspector.registry.pairs import paired
from inspector.registry.photos import in_review
from inspector.registry.ranking import ranking
from inspector.registry.report import kinds

# In the order a person asks: how well, where is the threshold, can it be trusted, was the training sound.
PLOTS = {
    "roc": "ROC curve",
    "pr": "Precision and recall",
    "score_histogram": "Scores",
    "p_values": "P-values of good photos",
    "losses": "Losses",
}
# Those that only people who may see metrics see.
OF_METRICS = PLOTS.keys() - {"score_histogram"}


def report(version: ModelVersion) -> dict[str, Any]:
    """What is shown of a version wherever it is shown whole."""
    plots = [(name, title) for name, title in PLOTS.items() if f"{name}.svg" in version.plots]
    points = metrics.reliability(version)
    return {
        "version": version,
        "category": version.category,
        "kinds": kinds(version, in_review(version)),
        "verdicts": metrics.verdicts(version),
        "rates": metrics.rates(version),
        "policies": policies(version),
        "reliability": points,
        "example_point": metrics.example_point(points),
        "examples": examples(version),
        "ranking": ranking(version),
        "odd": odd_photos.odd(version),
        "warnings": odd_photos.warnings(version),
        "plots": plots,
        "of_metrics": OF_METRICS,
    }


def comparison(version: ModelVersion, active: ModelVersion | None) -> dict[str, Any]:
    """The version beside the active one, before it replaces it."""
    evidence = paired(version, active)
    differences = compare(version, active, evidence)
    return {
        "version": version,
        "category": version.category,
        "active": active,
        "differences": differences,
        "worse": [row.name for row in differences if row.word == "worse"],
        "same_photos": same_photos(version, active),
        "is_former": promoting.is_rollback(version, active),
        "paired": evidence,
    }
