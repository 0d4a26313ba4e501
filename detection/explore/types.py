"""What looking at a data set gives. All frozen; none of it needs torch or matplotlib."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from detection.types import GOOD

Severity = Literal["error", "warning", "note"]
# What became of a photo's mask: there is none, it is as it has to be, or what is wrong with it.
Mask = Literal["none", "sound", "unreadable", "size", "empty"]
TRAIN, TEST = "train", "test"
FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo that could be read. Grey values are 0..255, shares 0..1 of its pixels.

    name: "<split>/<label>/<file>". width, height: upright, px; mode and format as stored.
    brightness and contrast: mean and standard deviation of grey. dark, light: shares of pixels at
    the ends of the scale (0..2 and 253..255), where no detail is left. sharpness: variance of the
    Laplacian at a long side of at most 512 px (Pech-Pacheco et al., ICPR 2000), in squared grey
    values. defect: share of the photo that its mask marks, None without a sound mask. coloured: share
    of the pixels that are not grey.
    """

    name: str
    split: str
    label: str
    sha256: str
    bytes: int
    format: str
    mode: str
    width: int
    height: int
    brightness: float
    contrast: float
    dark: float
    light: float
    sharpness: float
    mask: Mask = "none"
    defect: float | None = None
    coloured: float = 0.0

    @property
    def is_good(self) -> bool:
        return self.label == GOOD

    @property
    def group(self) -> str:
        """What it is used for: "train", "good" (of the test photos), or its kind of defect."""
        return TRAIN if self.split == TRAIN else self.label


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that is not a photo this package takes; code and message as UnreadableImage has them."""

    name: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Case:
    """One photo that a finding is about, or several that belong together, and what it says of them."""

    files: tuple[str, ...]
    says: str = ""

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Case:
        return cls(tuple(values["files"]), values.get("says", ""))


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to act on. `code` is stable, for programs; title and text are for people.

    severity: "error" makes training or its metrics wrong, "warning" is worth a look at the photos,
    "note" is good to know. text says what was found and what to do about it.
    """

    severity: Severity
    code: str
    title: str
    text: str
    cases: tuple[Case, ...] = ()

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Finding:
        """As `Description.as_dict` stored it."""
        severity, code, title, text = (values[name] for name in ("severity", "code", "title", "text"))
        return cls(severity, code, title, text, tuple(map(Case.from_dict, values["cases"])))

    @property
    def files(self) -> tuple[str, ...]:
        """Every file concerned, each once."""
        return tuple(dict.fromkeys(name for case in self.cases for name in case.files))


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike the photos are beside what they all have in common; see `likeness`.

    nearest: the distance of each photo to the one most like it, in the order of the photos. typical:
    that to the 10th nearest, the median. limit: at or below it two photos are near duplicates; 0 where
    there are too few photos to tell. groups: such photos by name, with the largest distance of one of
    them to the one most like it.
    """

    nearest: tuple[float, ...] = ()
    typical: float = 0.0
    limit: float = 0.0
    groups: tuple[tuple[float, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Description:
    """What there is to know of one category's photos before anything is trained on them.

    counts: {"train": {"good": n}, "test": {"good": n, "<kind of defect>": n, ...}}, unreadable files
    included. statistics: numbers by group, sizes, modes and formats (see `statistics`). histograms:
    {"train" | "good" | "defective": 64 shares}, the average photo's grey values from black to white.
    findings: the gravest first. pictures: small JPEGs of the photos that findings and examples name.
    examples: a few names of each group.
    """

    category: str
    counts: dict[str, dict[str, int]]
    statistics: dict[str, Any]
    histograms: dict[str, list[float]]
    likeness: Likeness
    findings: tuple[Finding, ...]
    photos: tuple[Photo, ...]
    unread: tuple[Unread, ...]
    examples: dict[str, tuple[str, ...]]
    seconds: float
    pictures: dict[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def total(self) -> int:
        return sum(sum(labels.values()) for labels in self.counts.values())

    def of(self, severity: Severity) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == severity)

    def as_dict(self, *, photos: bool = True) -> dict[str, Any]:
        """For JSON; without the pictures, and without the row of each photo if not wanted."""
        left_out = {"pictures"} if photos else {"pictures", "photos"}
        content = {"format_version": FORMAT_VERSION} | {
            name: value for name, value in asdict(self).items() if name not in left_out
        }
        return content | {"likeness": content["likeness"] | ({} if photos else {"nearest": ()})}
