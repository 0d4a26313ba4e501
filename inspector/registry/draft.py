"""What is known about a version's quick draft (`detection.cascade.Made`), typed as `making` is."""

from dataclasses import dataclass

from detection.results import Values

# Of the photos that a draft would decide, the model judges one in this many, too, to check the promise.
COMPARED_ONE_IN = 50


@dataclass(frozen=True, slots=True)
class Draft:
    """why_not: a sentence where there is none; nothing else is known then.

    passed: the share of good photos that it decides alone. ms, model_ms: CPU milliseconds a photo where 5 %
    of the parts are defective, on average with it, and of the model alone. promise: the share of verdicts
    that may differ from the model's. It rests on `copies` of `photos` good photos (exact: without a
    fit), and on `damaged` ones that the model does not call OK, of which a share of `missed` may pass.
    """

    why_not: str = ""
    passed: float = 0.0
    ms: float = 0.0
    model_ms: float = 0.0
    promise: float = 0.0
    photos: int = 0
    copies: int = 0
    exact: bool = False
    damaged: int = 0
    missed: float = 0.0

    @classmethod
    def from_dict(cls, values: Values | None) -> "Draft | None":
        """From what `training.draft` keeps; None if no draft was requested."""
        if not values:
            return None
        if "why_not" in values:
            return cls(why_not=values["why_not"])
        limit = values["limit"]
        return cls(
            passed=values["passed"],
            ms=values["share"] * values["model_ms"],
            model_ms=values["model_ms"],
            promise=values["promise"],
            photos=values["photos"],
            copies=limit["n_good"],
            exact=limit["basis"] == "conformal",
            damaged=limit["n_damaged"],
            missed=limit["missed"],
        )

    @property
    def per_thousand(self) -> float:
        """`promise`, of 1,000 verdicts."""
        return 1000 * self.promise
