"""The options of a training, checked at once and not an hour later in a worker's log."""

from dataclasses import dataclass
from typing import Any

from detection import BadOptions, TrainOptions
from detection.options import catalogue, check
from detection.options.table import Option, hosted
from inspector.core.errors import Refused
from inspector.registry.methods import applies

# In the order in which a person should consider them.
METHODS = tuple(catalogue.METHODS)
# The default for a category that was never trained.
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
OPTIONS = {option.name: option for option in hosted()}
RANGES = {
    name: Range(option.least, option.most, option.step) for name, option in OPTIONS.items() if option.number
}
CHOICES = {name: option.choices for name, option in OPTIONS.items() if option.choices}
USUAL = TrainOptions()
_FOR = {
    "learning": "For methods that learn.",
    "time": "For methods that learn.",
    "noise": "For diffusion.",
    "pretrained": "For methods that use a pretrained network.",
}


def about(option: Option) -> str:
    """What the option is, for those who write programs: a sentence or two."""
    unit = f", {option.unit}" if option.unit else ""
    sentence = f"{option.help[0].upper()}{option.help[1:]}{unit}."
    return f"{sentence} {_FOR[option.of]}" if option.of in _FOR else sentence


def checked(options: dict[str, Any] | None) -> dict[str, Any]:
    """The given options as numbers of the right kind. Refused when one is unknown or out of range."""
    if not isinstance(options or {}, dict):
        raise Refused("bad_options", 'The options must be names with values, such as {"epochs": 40}.')
    values: dict[str, Any] = {name: _value(name, value) for name, value in (options or {}).items()}
    try:
        check(TrainOptions(**values))  # what only several options together can break
    except BadOptions as problem:
        raise Refused("bad_options", str(problem)) from None
    return values


def checked_for(method: str, options: dict[str, Any] | None) -> dict[str, Any]:
    """The same of a training by this method. Refused, too, when one means nothing to it: who gave it meant
    something."""
    values = checked(options)
    unread = [name for name in values if not applies(name, method)]
    if unread:
        raise Refused(
            "bad_options",
            f"{', '.join(unread)}: no effect with the method {method}. Leave it out, or name another method.",
        )
    return values


def _value(name: str, value: Any) -> int | float | str:
    if name in CHOICES:
        return _choice(name, value)
    if name not in RANGES:
        known = ", ".join((*RANGES, *CHOICES))
        raise Refused("bad_options", f"There is no option “{name}”. The options are: {known}.")
    whole = OPTIONS[name].whole
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not RANGES[name].holds(value) or (whole and value != int(value)):
        kind = "a whole number" if whole else "a number"
        raise Refused("bad_options", f"{name} must be {kind} from {RANGES[name]}, not {value!r}.")
    return int(value) if whole else float(value)


def _choice(name: str, value: Any) -> str:
    option = OPTIONS[name]
    if not isinstance(value, str) or not option.takes(value):
        raise Refused("bad_options", f"{name} must be one of {', '.join(option.wanted)}, not {value!r}.")
    return value


def checked_method(method: str) -> str:
    if method not in METHODS:
        raise Refused("bad_options", f"There is no method “{method}”. The methods are: {', '.join(METHODS)}.")
    return method


def schema() -> dict[str, Any]:
    """The options as an OpenAPI schema."""
    properties = {name: _schema(option) for name, option in OPTIONS.items()}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _schema(option: Option) -> dict[str, Any]:
    if not option.number:
        among: dict[str, Any] = {"enum": list(option.choices)}
        if option.pattern:
            among = {"anyOf": [among, {"pattern": f"^{option.pattern}$"}], "example": option.example}
        return {"type": "string", **among, "description": about(option)}
    kind = "integer" if option.whole else "number"
    bounds = {"minimum": option.least, "maximum": option.most}
    return {"type": kind, **bounds, "description": about(option)}
