"""Every option of a training: its values, its title, and which methods have it.

The command line, the forms, the admin panel, the OpenAPI document and the pages of versions read this table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

# What an option concerns: the photos; how a network is trained, and for how long; the noise that photos are
# mixed with; pretrained networks; limits; the machine.
Of = Literal["photos", "learning", "time", "noise", "pretrained", "verdicts", "machine"]


@dataclass(frozen=True, slots=True)
class Option:
    """An option as a person sets it; its default is that of `TrainOptions`, or a method's own.

    kind: int, float or str. title: its label in forms. help: half a sentence. least, most: both included;
    numbers only. step: numbers are multiples of it. choices: texts only; empty for free text. pattern: of
    further texts, besides the choices, and an example of them. unit: of a number, "" for none. hosted:
    whether it can be set for a training on a server; the others are up to that machine.
    """

    name: str
    kind: type
    title: str
    help: str
    of: Of
    least: float = 0
    most: float = 0
    step: int = 1
    choices: tuple[str, ...] = ()
    pattern: str = ""
    example: str = ""
    unit: str = ""
    hosted: bool = True

    @property
    def whole(self) -> bool:
        return self.kind is int

    @property
    def number(self) -> bool:
        return self.kind in (int, float)

    def takes(self, text: str) -> bool:
        """Whether a text is one of the choices, or of the pattern."""
        return text in self.choices or bool(self.pattern and re.fullmatch(self.pattern, text))

    @property
    def wanted(self) -> tuple[str, ...]:
        """What it takes, for messages: the choices, and an example of the pattern."""
        return (*self.choices, *([f"a name such as {self.example}"] if self.example else []))


TABLE = (
    Option(
        "method",
        str,
        "Method",
        "detection method, or two joined by +",
        "photos",
        hosted=False,  # stored in a column of its own there
    ),
    Option(
        "size",
        int,
        "Photo size",
        "side of the square that photos are resized to, a multiple of 16",
        "photos",
        32,
        2048,
        step=16,
        unit="px",
    ),
    Option("epochs", int, "Maximum epochs", "maximum passes over the training photos", "learning", 1, 10_000),
    Option(
        "minutes",
        float,
        "Maximum minutes",
        "stop training after this many minutes; 0: no limit",
        "time",
        0,
        7 * 24 * 60,
    ),
    Option("batch_size", int, "Batch size", "photos per step", "learning", 1, 256),
    Option("learning_rate", float, "Learning rate", "learning rate of Adam", "learning", 1e-7, 1.0),
    Option("width", int, "Channels", "channels of the network's first level", "learning", 1, 256),
    Option(
        "seed",
        int,
        "Seed",
        "for weights, order and split: the same seed gives the same scores",
        "photos",
        0,
        2**32 - 1,
    ),
    Option(
        "validate_every",
        int,
        "Epochs between validations",
        "epochs between validations on held-out photos",
        "learning",
        1,
        1_000,
    ),
    Option(
        "patience",
        int,
        "Patience",
        "validations without improvement after which training stops",
        "learning",
        1,
        1_000,
    ),
    Option(
        "held_back",
        float,
        "Share held out",
        "share of the good training photos held out for validation",
        "photos",
        0,
        0.5,
    ),
    Option(
        "percentile",
        float,
        "Percentile",
        "percentile of good scores to set the threshold at, where there are no defects",
        "verdicts",
        50,
        100,
    ),
    Option(
        "threshold",
        str,
        "Threshold",
        "how the threshold is chosen; auto is limits where 5 good photos or more are kept",
        "verdicts",
        choices=("auto", "limits", "f1", "percentile", "conformal", "recall", "manual"),
    ),
    Option(
        "target",
        float,
        "Target",
        "target of the threshold: share of good parts that are ANOMALY (auto, limits, conformal), recall, or "
        "its value (manual); 0: 0.01, or 0.95 for recall",
        "verdicts",
        0,
        1e9,
    ),
    Option(
        "review",
        float,
        "REVIEW",
        "share of good parts allowed in or above the REVIEW band; limits begins it lower where that takes in "
        "95 % of the labelled defects; 0: no band",
        "verdicts",
        0,
        0.5,
    ),
    Option(
        "defect_share",
        float,
        "Defective parts in production",
        "share of parts in production that are defective, for the threshold f1",
        "verdicts",
        0.0001,
        0.9999,
    ),
    Option(
        "crop",
        str,
        "Zoom in on the part",
        "auto: zoom in on a small part on a plain background; off: use the whole photo",
        "photos",
        choices=("auto", "off"),
    ),
    Option(
        "augment",
        str,
        "Turned copies",
        "auto: also learn from turned copies, where good photos support it; off: never",
        "photos",
        choices=("auto", "off"),
    ),
    Option(
        "light",
        str,
        "Copies in other light",
        "on: filterbank also learns from copies with other lamp, tone, colour, noise and focus, and may miss "
        "defects that look like these",
        "photos",
        choices=("off", "on"),
    ),
    Option(
        "noise_level",
        float,
        "Noise level",
        "how much noise is mixed into a photo before it is redrawn; more removes larger defects, but good "
        "parts come back less exactly",
        "noise",
        0.05,
        0.5,
    ),
    Option(
        "ddim_steps",
        int,
        "Denoising steps",
        "steps in which the noise is removed; a verdict takes longer with more",
        "noise",
        1,
        50,
    ),
    Option(
        "draws",
        int,
        "Draws of noise",
        "how often each photo is redrawn, each time from other noise; a verdict takes longer with more",
        "noise",
        1,
        32,
    ),
    Option(
        "backbone",
        str,
        "Pretrained network",
        "network of the methods that use pretrained features; timm/NAME, such as a vision transformer, if "
        "timm is installed",
        "pretrained",
        choices=("resnet18", "resnet50", "wide_resnet50_2", "mobilenet_v2"),
        # timm itself knows which there are.
        pattern=r"timm/[A-Za-z0-9][A-Za-z0-9_]{0,49}(\.[A-Za-z0-9_]{1,40})?",
        example="timm/vit_small_patch14_dinov2.lvd142m",
    ),
    Option(
        "weights",
        str,
        "Weights",
        "file with the backbone's weights; default: found or downloaded",
        "pretrained",
        hosted=False,
    ),
    Option("device", str, "Device", "auto, cpu or cuda", "machine", hosted=False),
)


def hosted() -> tuple[Option, ...]:
    """The options that can be set for a training on a server."""
    return tuple(option for option in TABLE if option.hosted)
