"""The results of an exploration. All are frozen; none needs torch or matplotlib."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from detection.photos.likeness import Likeness
from detection.types import GOOD

Severity = Literal["error", "warning", "note"]
# The state of a photo's mask: there is none, it is as it should be, or what is wrong with it.
Mask = Literal["none", "sound", "unreadable", "size", "empty"]
TRAIN, TEST = "train", "test"
FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class MeasuredPhoto:
    """A photo that could be read, and what was measured of it. Grey values are 0..255, shares 0..1 of its
    pixels.

    name: "<split>/<label>/<file>". width, height: upright, px; mode and format as stored. brightness and
    contrast: mean and standard deviation of grey. dark, light: shares of pixels at the ends of the scale
    (0..2 and 253..255), where no detail is left. sharpness: variance of the Laplacian at a long side of at
    most 512 px (Pech-Pacheco et al., ICPR 2000), in squared grey values. defect: share of the photo that its
    mask marks, None without a sound mask. coloured: share of the pixels that are not grey.
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
        """How it is used: "train", "good" (of the test photos), or its kind of defect."""
        return TRAIN if self.split == TRAIN else self.label


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that is not a supported photo; code and message as in UnreadableImage."""

    name: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Case:
    """One photo that a finding is about, or several that belong together, with a remark."""

    files: tuple[str, ...]
    says: str = ""

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Case:
        return cls(tuple(values["files"]), values.get("says", ""))


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to act on. code: stable, for programs; title and text are for people.

    severity: "error" makes training or its metrics wrong, "warning" means that the photos should be looked
    at, "note" is good to know. text: what was found and what to do about it.
    """

    severity: Severity
    code: str
    title: str
    text: str
    cases: tuple[Case, ...] = ()

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Finding:
        """The reverse of `Description.as_dict`."""
        severity, code, title, text = (values[name] for name in ("severity", "code", "title", "text"))
        return cls(severity, code, title, text, tuple(map(Case.from_dict, values["cases"])))

    @property
    def files(self) -> tuple[str, ...]:
        """All files concerned, each once."""
        return tuple(dict.fromkeys(name for case in self.cases for name in case.files))


@dataclass(frozen=True, slots=True)
class Description:
    """A category's photos, described before training.

    counts: {"train": {"good": n}, "test": {"good": n, "<kind of defect>": n, ...}}, unreadable files
    included. statistics: numbers by group, sizes, modes and formats (see `statistics`). histograms: {"train"
    | "good" | "defective": 64 shares}, grey values of the average photo from black to white. findings: the
    most severe first. pictures: small JPEGs of the photos in findings and examples. examples: a few names of
    each group.
    """

    category: str
    counts: dict[str, dict[str, int]]
    statistics: dict[str, Any]
    histograms: dict[str, list[float]]
    likeness: Likeness
    findings: tuple[Finding, ...]
    photos: tuple[MeasuredPhoto, ...]
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
        """For JSON; without the pictures, and unless `photos`, without the row of each photo."""
        left_out = {"pictures"} if photos else {"pictures", "photos"}
        content = {"format_version": FORMAT_VERSION} | {
            name: value for name, value in asdict(self).items() if name not in left_out
        }
        return content | {"likeness": content["likeness"] | ({} if photos else {"nearest": ()})}
