"""Which methods can be trained where trainings run, as far as its workers have said; and what to do else."""

import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlparse

from django.utils import timezone

from detection import TrainOptions
from detection.options import CHOICES
from detection.options.catalogue import backbone_title, needs_weights
from detection.options.weight_files import FOLDER_VARIABLE, URLS, states
from inspector.core.errors import Conflict
from inspector.registry.methods import title
from inspector.training.models import TrainingMachine

# A worker that said nothing for so long is not running, and what it said may hold no more.
FRESH = timedelta(minutes=5)
BACKBONES = CHOICES["backbone"]
DEFAULT_BACKBONE = TrainOptions().backbone
# What `auto` has to do without where the weights of the usual backbone are missing.
OF_AUTO = "patchcore-padim"
_BEST_FIRST = ("here", "download", "missing")


@dataclass(frozen=True, slots=True)
class Lack:
    """Why a method cannot be trained: a sentence, and what to do about it."""

    sentence: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.sentence} {self.remedy}"


@dataclass(frozen=True, slots=True)
class Ability:
    """weights: how each backbone's can be had; empty where that is not known. folder: where they are looked
    for. seen: when a worker last said so, None where none ever did. where: in words."""

    weights: dict[str, str] = field(default_factory=dict)
    folder: str = ""
    seen: datetime | None = None
    where: str = "the training machine"

    @property
    def known(self) -> bool:
        return bool(self.weights)

    def has(self, backbone: str) -> bool:
        """Whether its weights are there, or can be downloaded, or nobody knows."""
        return self.weights.get(backbone, "here") != "missing"

    def lack(self, method: str, backbone: str = "") -> Lack | None:
        """What keeps a method from being trained on that backbone, or on any; None where nothing does."""
        asked = (backbone,) if backbone else BACKBONES
        if not needs_weights(method) or any(map(self.has, asked)):
            return None
        name = backbone or DEFAULT_BACKBONE
        need = f"{title(method)} needs the weights of {backbone_title(name)}, which {self.where} lacks."
        return Lack(need, self._remedy(name))

    def download(self, method: str, backbone: str = "") -> str:
        """What is downloaded first, as a sentence; "" where nothing is."""
        name = backbone or DEFAULT_BACKBONE
        if not needs_weights(method) or self.weights.get(name) != "download":
            return ""
        host = urlparse(URLS[name]).hostname
        return f"The weights of {backbone_title(name)} are downloaded once, from {host}."

    @property
    def left_out_of_auto(self) -> str:
        """What the automatic choice has to do without, as a sentence; "" where nothing."""
        if self.has(DEFAULT_BACKBONE):
            return ""
        weights = backbone_title(DEFAULT_BACKBONE)
        return f"{title(OF_AUTO)} is left out, because {self.where} lacks the weights of {weights}."

    def _remedy(self, backbone: str) -> str:
        url = URLS[backbone]
        place = f"the folder {self.folder}" if self.folder else f"a folder that {FOLDER_VARIABLE} names"
        return (
            f"Download {url} on another computer and save the file in {place} on {self.where}, or allow "
            f"{self.where} to reach {urlparse(url).hostname}."
        )


def ability() -> Ability:
    """By what the workers said that run now: of each backbone the best that any of them has."""
    machines = list(TrainingMachine.objects.order_by("-seen"))
    seen = machines[0].seen if machines else None
    fresh = [machine for machine in machines if machine.seen >= timezone.now() - FRESH]
    if not fresh:
        return Ability(seen=seen)
    by_backbone = {name: {machine.weights.get(name, "here") for machine in fresh} for name in BACKBONES}
    best = {
        name: next(state for state in _BEST_FIRST if state in reported)
        for name, reported in by_backbone.items()
    }
    return Ability(best, folder=fresh[0].weights_folder, seen=seen)


def ability_here() -> Ability:
    """Of this process, for commands that train in it."""
    return Ability(dict(states()), folder=os.environ.get(FOLDER_VARIABLE, ""), where="this machine")


def refuse_unable(method: str, backbone: str = "", *, here: bool = False) -> None:
    """Conflict where the method cannot be trained by a worker, or `here`; says what to do."""
    if not needs_weights(method):
        return
    able = ability_here() if here else ability()
    if lack := able.lack(method, backbone or DEFAULT_BACKBONE):
        raise Conflict("weights_missing", str(lack))
