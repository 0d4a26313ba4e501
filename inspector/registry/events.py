"""What happens to model versions, and how the audit trail puts it."""

from inspector.core.events import Detail, Kind, declare, subject_type
from inspector.core.templatetags.figures import small


def _replaced(detail: Detail) -> str:
    replaced = f"Replaced v{detail['replaces']}" if detail.get("replaces") else "The first active version"
    against = " ".join(detail.get("all_the_same") or ())
    return f"{replaced}{_FAST[detail.get('fast')]}{f'; promoted anyway: {against}' if against else ''}"


def _limited(detail: Detail) -> str:
    anomaly = f"ANOMALY from {small(detail['threshold'])} (was {small(detail['former_threshold'])})"
    review, former = _review(detail["review_from"]), _review(detail["former_review_from"])
    unstable, fast = _UNSTABLE[detail.get("review_unstable")], _FAST[detail.get("fast")]
    return f"{anomaly}, REVIEW {review} (was {former}){unstable}{fast}"


# By what the detail says of unstable verdicts, and of the draft: nothing where that stays as it is.
_UNSTABLE = {
    None: "",
    True: ", and where a verdict is unstable",
    False: ", no longer where a verdict is unstable",
}
_FAST = {
    None: "",
    True: "; a quick draft decides clear OKs",
    False: "; no quick draft any more: the model judges all",
}


def _review(begins: float | None) -> str:
    return "none" if begins is None else f"from {small(begins)}"


subject_type("version", "registry.ModelVersion", category="category_id")


@declare
class VersionEvent(Kind):
    PROMOTED = "version.promoted", "Promoted version", _replaced
    ROLLED_BACK = "version.rolled_back", "Rolled back", _replaced
    LIMITS_CHANGED = "version.limits_changed", "Changed limits", _limited
