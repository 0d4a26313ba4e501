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


def report(found: ModelVersion) -> dict[str, Any]:
    """What is told of a version wherever it is shown whole."""
    plots = [(name, title) for name, title in PLOTS.items() if f"{name}.svg" in found.plots]
    points = metrics.reliability(found)
    return {
        "version": found,
        "category": found.category,
        "kinds": kinds(found, in_review(found)),
        "verdicts": metrics.verdicts(found),
        "rates": metrics.rates(found),
        "policies": policies(found),
        "reliability": points,
        "told_point": metrics.told(points),
        "examples": examples(found),
        "ranking": ranking(found),
        "odd": odd_photos.odd(found),
        "warnings": odd_photos.warnings(found),
        "plots": plots,
    }


def comparison(found: ModelVersion, active: ModelVersion | None) -> dict[str, Any]:
    """It beside the one that is at work, before it takes its place."""
    evidence = paired(found, active)
    differences = compare(found, active, evidence)
    return {
        "version": found,
        "category": found.category,
        "active": active,
        "differences": differences,
        "worse": [row.name for row in differences if row.word == "worse"],
        "same_photos": same_photos(found, active),
        "is_former": promoting.is_rollback(found, active),
        "paired": evidence,
    }
