"""What a person may ask of a training, checked at the door and not an hour later in a worker's log."""

from dataclasses import dataclass
from typing import Any

from detection import BadOptions, TrainOptions
from detection.options import CHOICES, WHOLE, catalogue, check
from detection.options import RANGES as LIMITS
from inspector.core.errors import Refused

# In the order that a person is to consider them.
METHODS = tuple(catalogue.METHODS)
# What a category that was never trained is trained with where nobody says otherwise.
DEFAULT_METHOD = catalogue.AUTO


@dataclass(frozen=True, slots=True)
class Range:
    low: float
    high: float
    step: int = 1

    def __str__(self) -> str:
        multiple = f", a multiple of {self.step}" if self.step > 1 else ""
        return f"{_plain(self.low)} to {_plain(self.high)}{multiple}"

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high and (self.step == 1 or value % self.step == 0)


def _plain(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:g}"


# Device and weights are the installation's to choose (INSPECTOR_DEVICE, INSPECTOR_WEIGHTS_DIR), the
# method is a column of its own.
RANGES = {name: Range(*limits, step=16 if name == "size" else 1) for name, limits in LIMITS.items()}

USUAL = TrainOptions()
# For those who write programs; the form has words of its own.
ABOUT = {
    "size": "Side that photos are resized to, px, a multiple of 16",
    "minutes": "Stop training after this many; 0: no limit. For methods that learn",
    "epochs": "Maximum passes over the training samples. For methods that learn",
    "threshold": "How the threshold is chosen: limits (the default where there are 5 good photos or more), "
    "f1, recall, conformal, percentile, or manual",
    "target": "Target of the threshold: the share of good parts that are ANOMALY (limits, conformal), "
    "recall, or the score (manual); 0: the default, which is 0.01, or 0.95 for recall",
    "percentile": "Percentile of good scores, for the threshold percentile",
    "review": f"Share of good parts allowed in or above the REVIEW band, {USUAL.review:g} unless given; "
    "0: no band",
    "defect_share": f"Share of parts in production that are defective, {USUAL.defect_share:g} unless given. "
    "For the threshold f1",
    "backbone": "For methods that use a pretrained network",
    "crop": "auto zooms in on a small part on a plain background; off uses the whole photo",
    "augment": "auto also learns from turned copies, where good samples support it; off never does",
}


def checked(options: dict[str, Any] | None) -> dict[str, Any]:
    """The given options as numbers of the right kind. Refused when one is unknown or out of range."""
    if not isinstance(options or {}, dict):
        raise Refused("bad_options", 'The options must be names with values, such as {"epochs": 40}.')
    found: dict[str, Any] = {name: _value(name, value) for name, value in (options or {}).items()}
    try:
        check(TrainOptions(**found))  # what only several options together can break
    except BadOptions as problem:
        raise Refused("bad_options", str(problem)) from None
    return found


def _value(name: str, value: Any) -> int | float | str:
    if name in CHOICES:
        return _choice(name, value)
    if name not in RANGES:
        known = ", ".join((*RANGES, *CHOICES))
        raise Refused("bad_options", f"There is no option “{name}”. The options are: {known}.")
    whole = name in WHOLE
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not RANGES[name].holds(value) or (whole and value != int(value)):
        kind = "a whole number" if whole else "a number"
        raise Refused("bad_options", f"{name} must be {kind} from {RANGES[name]}, not {value!r}.")
    return int(value) if whole else float(value)


def _choice(name: str, value: Any) -> str:
    if value not in CHOICES[name]:
        raise Refused("bad_options", f"{name} must be one of {', '.join(CHOICES[name])}, not {value!r}.")
    return str(value)


def checked_method(method: str) -> str:
    if method not in METHODS:
        raise Refused("bad_options", f"There is no method “{method}”. The methods are: {', '.join(METHODS)}.")
    return method


def schema() -> dict[str, Any]:
    """The options as OpenAPI says them."""
    numbers = {
        name: {"type": "integer" if name in WHOLE else "number", "minimum": span.low, "maximum": span.high}
        for name, span in RANGES.items()
    }
    words = {name: {"type": "string", "enum": list(choices)} for name, choices in CHOICES.items()}
    told = {name: {"description": ABOUT[name]} for name in numbers | words if name in ABOUT}
    properties = {name: value | told.get(name, {}) for name, value in (numbers | words).items()}
    return {"type": "object", "properties": properties, "additionalProperties": False}
