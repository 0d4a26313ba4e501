"""Which methods the train workers can train, as far as they have reported; and what to do about the
others."""

import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlparse

from django.utils import timezone

from detection import TrainOptions
from detection.options import CHOICES
from detection.options.catalogue import AUTO, TIMM, WELL_KNOWN, backbone_title, needs_weights
from detection.options.weight_files import FOLDER_VARIABLE, URLS, State, state_of, states
from inspector.core.errors import Conflict
from inspector.registry.methods import title
from inspector.training.models import TrainingMachine

# A worker that reported nothing for this long is not running, and what it said may no longer hold.
FRESH = timedelta(minutes=5)
BACKBONES = CHOICES["backbone"]
DEFAULT_BACKBONE = TrainOptions().backbone
# What `auto` leaves out if the weights of the usual backbone are missing.
OF_AUTO = "patchcore-padim"
_BEST_FIRST: tuple[State, ...] = ("here", "download", "missing")


@dataclass(frozen=True, slots=True)
class Lack:
    """Why a method cannot be trained: a sentence, and what to do about it."""

    sentence: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.sentence} {self.remedy}"


@dataclass(frozen=True, slots=True)
class Ability:
    """weights: how each backbone's can be had, by `weight_files.states`; empty where that is not known.
    folder: where they are looked for. seen: when a worker last said so, None where none ever did. where: the
    machine in words."""

    weights: dict[str, State] = field(default_factory=dict)
    folder: str = ""
    seen: datetime | None = None
    where: str = "the training machine"

    @property
    def known(self) -> bool:
        return bool(self.weights)

    def has(self, backbone: str) -> bool:
        """Whether its weights are present, or can be downloaded, or nobody knows."""
        return not self.known or state_of(backbone, self.weights) != "missing"

    def missing(self, backbone: str) -> str:
        """What keeps a network from being chosen, as a word or two after its name; "" if nothing does."""
        if self.has(backbone):
            return ""
        return " (timm missing)" if self._lacks_timm(backbone) else " (weights missing)"

    def _lacks_timm(self, backbone: str) -> bool:
        return backbone.startswith(TIMM) and TIMM not in self.weights

    @property
    def networks(self) -> list[str]:
        """To choose from: those whose weights can be had, timm's well-known ones before its others."""
        names = dict.fromkeys((*BACKBONES, *WELL_KNOWN, *self.weights))
        return [name for name in names if name != TIMM and self.has(name)]

    def lack(self, method: str, backbone: str = "") -> Lack | None:
        """What keeps a method from being trained on that backbone, or on any; None where nothing does."""
        able = self.has(backbone) if backbone else bool(self.networks)
        if able or not depends_on(method, backbone):
            return None
        name = backbone or DEFAULT_BACKBONE
        if lack := self.lack_of_timm(name):
            return lack
        need = f"{title(method)} needs the weights of {backbone_title(name)}, which {self.where} lacks."
        return Lack(need, self._remedy(name))

    def lack_of_timm(self, backbone: str) -> Lack | None:
        """What keeps a network whose weights are there from being computed; None where nothing does."""
        if not self.known or not self._lacks_timm(backbone):
            return None
        return Lack(f"{backbone_title(backbone)} needs timm, which {self.where} lacks.", self._install())

    def download(self, method: str, backbone: str = "") -> str:
        """What is downloaded first, as a sentence; "" where nothing is."""
        name = backbone or DEFAULT_BACKBONE
        if not needs_weights(method) or self.weights.get(name) != "download":
            return ""
        return f"The weights of {backbone_title(name)} are downloaded once, from {_source(name)}."

    @property
    def left_out_of_auto(self) -> str:
        """What the automatic choice leaves out, as a sentence; "" if nothing."""
        if self.has(DEFAULT_BACKBONE):
            return ""
        weights = backbone_title(DEFAULT_BACKBONE)
        return f"{title(OF_AUTO)} is left out, because {self.where} lacks the weights of {weights}."

    def _install(self) -> str:
        return (
            f"Run “pip install -r requirements-timm.txt” on {self.where} and restart the train worker, or "
            "choose another network."
        )

    def _remedy(self, backbone: str) -> str:
        place = f"the folder {self.folder}" if self.folder else f"a folder that {FOLDER_VARIABLE} names"
        if backbone.startswith(TIMM):
            file, name = f"its model.safetensors from {_source(backbone)}", f"it as {backbone}.safetensors"
        else:
            file, name = URLS[backbone], "the file"
        return (
            f"Download {file} on another computer and save {name} in {place} on {self.where}, or allow "
            f"{self.where} to reach {_source(backbone)}."
        )


def depends_on(method: str, backbone: str = "") -> bool:
    """Whether a training cannot do without that network. `auto` can, unless one of timm was asked for."""
    return needs_weights(method) or (method == AUTO and backbone.startswith(TIMM))


def _source(backbone: str) -> str:
    return "Hugging Face" if backbone.startswith(TIMM) else str(urlparse(URLS[backbone]).hostname)


def ability() -> Ability:
    """From what the running workers reported: for each backbone the best that any of them has."""
    machines = list(TrainingMachine.objects.order_by("-seen"))
    seen = machines[0].seen if machines else None
    fresh = [machine for machine in machines if machine.seen >= timezone.now() - FRESH]
    if not fresh:
        return Ability(seen=seen)
    names = {name for machine in fresh for name in machine.weights}
    by_backbone = {name: {state_of(name, machine.weights) for machine in fresh} for name in sorted(names)}
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
    if not depends_on(method, backbone):
        return
    able = ability_here() if here else ability()
    if lack := able.lack(method, backbone or DEFAULT_BACKBONE):
        raise Conflict("weights_missing", str(lack))


def refuse_unable_to_join(method: str, backbone: str, *, here: bool = False) -> None:
    """The same for joining a version with this network: its weights are among the version's files."""
    if not (needs_weights(method) and backbone.startswith(TIMM)):
        return
    able = ability_here() if here else ability()
    if lack := able.lack_of_timm(backbone):
        raise Conflict("weights_missing", str(lack))
