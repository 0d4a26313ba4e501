"""Whether a quick draft keeps its promise: what the model says of photos that both have judged."""

from dataclasses import dataclass, field

from django.db.models import QuerySet

from inspector.core.jobs import State
from inspector.inspections.models import Inspection
from inspector.monitoring.statistics.shares import exact
from inspector.registry.draft import COMPARED_ONE_IN, Draft
from inspector.registry.models import Deployment, ModelVersion

# This many of the newest count, so that a draft that was right for a year cannot hide what changed last week.
NEWEST = 5000
SHOWN = 5
# A draft in use decides most photos: at least one among this many.
IDLE = 100


@dataclass(frozen=True, slots=True)
class Compared:
    """Of `n` photos that the draft called OK, the model gave `others` another verdict: a share between low
    and high, 95 % sure. examples: the newest of these. too_many: surely more than the draft promises. one_in:
    of so many photos one is compared."""

    n: int
    others: int = 0
    low: float = 0.0
    high: float = 1.0
    too_many: bool = False
    examples: list[Inspection] = field(default_factory=list)
    one_in: int = COMPARED_ONE_IN


def compared(version: ModelVersion) -> Compared | None:
    """None of a version without a draft."""
    draft = version.making.draft
    if draft is None or draft.why_not:
        return None
    both = both_judged(version)
    agree = list(both.values_list("draft_agrees", flat=True)[:NEWEST])
    if not agree:
        return Compared(0)
    others = agree.count(False)
    low, high = exact(others, len(agree))
    too_many = differ_at_least(others, len(agree), draft) > draft.promise
    # By the index on all that were compared: among these they are looked for.
    examples = list(both.filter(draft_agrees=False)[:SHOWN]) if others else []
    return Compared(len(agree), others, low, high, too_many, examples)


def both_judged(version: ModelVersion) -> QuerySet[Inspection]:
    """Photos that the draft called OK and the model judged, too, newest first, by an index of their own."""
    return Inspection.objects.filter(version=version, draft_agrees__isnull=False).order_by("-pk")


def differ_at_least(others: int, n: int, draft: Draft) -> float:
    """The share of all verdicts that differ, by n of the draft's OKs, `others` of which do. The promise is
    about all verdicts, and the draft gives a part of these."""
    return exact(others, n)[0] * draft.passed if others else 0.0


def undecided(deployment: Deployment) -> int:
    """How many photos a draft in use has left to the model lately, where these were all: its worker has a
    GPU, or could not load it. Otherwise 0."""
    rows = Inspection.objects.filter(version=deployment.version_id, state=State.DONE)
    newest = rows.order_by("-created", "-pk").values_list("deployment_id", "drafted", "draft_agrees")[:IDLE]
    seen = [drafted or agrees is not None for pk, drafted, agrees in newest if pk == deployment.pk]
    return IDLE if deployment.fast and len(seen) == IDLE and not any(seen) else 0
