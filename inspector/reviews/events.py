"""What people decide, and how the audit trail puts it."""

from inspector.core.events import Detail, Kind, declare, subject_type
from inspector.reviews.models import Decision, Disposition, LotStatus, Severity
from inspector.samples.models import Split

subject_type("defect-type", "reviews.DefectType", category="category_id")


def _decided(detail: Detail) -> str:
    words = [str(Decision(detail["decision"]).label)]
    if detail.get("defect_type"):
        words.append(str(detail["defect_type"]))
    if detail.get("severity"):
        words.append(str(Severity(detail["severity"]).label).lower())
    if detail.get("disposition"):
        words.append(str(Disposition(detail["disposition"]).label).lower())
    decision = ", ".join(words)
    return f"{decision} (model: {detail['verdict']}){_quoted(detail.get('comment'))}"


def _withdrawn(detail: Detail) -> str:
    return f"Was: {Decision(detail['decision']).label}, by {detail['of']}{_quoted(detail.get('reason'))}"


def _disputed(detail: Detail) -> str:
    return f"Model: {detail['verdict']}{_quoted(detail.get('reason'))}"


def _sent(detail: Detail) -> str:
    mask = ", with its mark as mask" if detail.get("mark") else ""
    return f"{Split(detail['split']).label}, {detail['label']}{mask}"


def _sent_mask(detail: Detail) -> str:
    return "As mask of the sample" if detail.get("mark") else "The sample has no mask any more"


def _marked(detail: Detail) -> str:
    return f"{100 * detail['share']:.2g} % of the photo"


def _mark_withdrawn(detail: Detail) -> str:
    return f"Was by {detail['of']}{_quoted(detail.get('reason'))}"


def _example(detail: Detail) -> str:
    return str(detail.get("photo") or "None")


def _defect_type(detail: Detail) -> str:
    key = f", key {detail['key']}" if detail.get("key") else ""
    return f"{Severity(detail['severity']).label}{key}" if detail.get("severity") else ""


def _rules(detail: Detail) -> str:
    anomalies = "anomalies" if detail["anomalies"] else "no anomalies"
    return (
        f"{anomalies}, {100 * detail['share']:g} % of OK photos, at least {detail['at_least']} a day; "
        f"inspectors {'decide' if detail['inspectors_decide'] else 'do not decide'} REVIEW"
        + (f"; second opinion on {100 * detail['second_share']:g} %" if detail.get("second_share") else "")
    ).capitalize()


def _lot(detail: Detail) -> str:
    before = f" (was {str(LotStatus(detail['before']).label).lower()})" if detail["before"] else ""
    return f"{LotStatus(detail['status']).label}{before}"


def _golden(detail: Detail) -> str:
    return str(detail.get("sample", ""))


def _quoted(words: str | None) -> str:
    return f". “{words}”" if words else ""


@declare
class ReviewEvent(Kind):
    DECIDED = "review.decided", "Decided", _decided
    WITHDRAWN = "review.withdrawn", "Withdrew a decision", _withdrawn
    DISPUTED = "review.disputed", "Disputed a verdict", _disputed
    SENT = "review.sent_to_samples", "Sent a photo to the samples", _sent
    SENT_MASK = "review.sent_mask", "Sent a mark to the samples", _sent_mask
    MARKED = "review.marked", "Marked the defect", _marked
    MARK_WITHDRAWN = "review.mark_withdrawn", "Withdrew a mark", _mark_withdrawn
    EXAMPLE_CHOSEN = "defect_type.example", "Chose the example photo of a defect type", _example
    TYPE_ADDED = "defect_type.added", "Added a defect type", _defect_type
    TYPE_CHANGED = "defect_type.changed", "Changed a defect type", _defect_type
    TYPE_RETIRED = "defect_type.retired", "Retired a defect type"
    LOT_DECIDED = "lot.decided", "Decided about a lot", _lot
    GOLDEN_CHOSEN = "queue_rules.golden", "Chose the good part to compare with", _golden
    RULES_CHANGED = "queue_rules.changed", "Changed what comes into the review queue", _rules
