"""Example photos of a version: those its run kept of good parts and of each kind of defect."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspector.core.templatetags.figures import times
from inspector.registry.models import ModelVersion
from inspector.samples.models import GOOD

INDEX = "examples.json"


@dataclass(frozen=True, slots=True)
class Example:
    """A photo with its heatmap, served as a plot; `times` is its score as a multiple of the threshold that
    judged it, "" where that means nothing."""

    file: str
    verdict: str
    times: str


@dataclass(frozen=True, slots=True)
class Group:
    """The examples of one label, the most obvious first."""

    label: str
    examples: list[Example]

    @property
    def is_good(self) -> bool:
        return self.label == GOOD


def index(run_dir: Path) -> list[dict[str, Any]]:
    """What a run folder says of its examples; empty for runs that have none."""
    path = run_dir / "plots" / INDEX
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []


def examples(version: ModelVersion) -> list[Group]:
    """By label, in the order of the run: good ones first."""
    groups: dict[str, Group] = {}
    for row in version.making.examples:
        if row.file in version.plots:
            group = groups.setdefault(row.label, Group(row.label, []))
            group.examples.append(Example(row.file, row.verdict, times(row.score, row.threshold)))
    return list(groups.values())
