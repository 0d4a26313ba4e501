"""One model for several categories: each keeps its own limits, places and numbers, in a run of its own."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import torch

from detection import options as option_ranges
from detection.errors import BadOptions
from detection.files import artifact
from detection.judging.detector import load
from detection.learning import device as devices
from detection.learning.progress import Watch
from detection.methods import registry
from detection.methods.family import FamilyMethod, GoodPhotos, Shared, digest
from detection.methods.setting import Geometry, Sizes
from detection.networks import weights
from detection.options.catalogue import METHODS
from detection.photos.image_cache import CACHE_BYTES
from detection.runs.training import Finished, TrainResult, finish, prepared
from detection.types import Dataset, OnProgress, ShouldStop, TrainOptions


@devices.repeatable()
def train_family(
    datasets: Mapping[Path, Dataset],
    options: TrainOptions,
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    sizes: Sizes | None = None,
) -> list[TrainResult]:
    """Learn several categories with one network or memory bank, and write a run folder for each: all of them
    or none.

    datasets: by the run folder to write. Raises as `train` does, and BadOptions for a method that cannot, for
    fewer than two categories, or for a category given twice.
    """
    option_ranges.check(options)
    _check(list(datasets.values()), options.method)
    for folder in datasets:
        artifact.check_free(folder)
    weights.check(options)
    watch = Watch(on_progress, should_stop, minutes=options.minutes)
    sizes = sizes or Sizes()
    read = [
        prepared(dataset, options, sizes, watch, cache_bytes=CACHE_BYTES // len(datasets))
        for dataset in datasets.values()
    ]
    methods = [cast(FamilyMethod, learner) for learner, _ in read]
    photos = [
        GoodPhotos(method, images.learned, images.held_back)
        for method, (_, images) in zip(methods, read, strict=True)
    ]
    shared = methods[0].learn(photos, watch)
    names = [dataset.category for dataset in datasets.values()]
    finished: dict[Path, Finished] = {}
    for number, (folder, dataset) in enumerate(datasets.items()):
        images = read[number][1]
        taught = methods[number].settle(shared, images.learned, watch.silent(), member=number)
        finished[folder] = finish(dataset, taught, images, watch, family=_about(shared, names))
    with ExitStack() as all_of_them:
        for number, (folder, one) in enumerate(finished.items()):
            watch.tell("writing", number, len(finished))
            one.write(all_of_them.enter_context(artifact.writing(folder)), watch)
        watch.check()
    watch.finish()
    return [one.result(folder) for folder, one in finished.items()]


@devices.repeatable()
def join(
    dataset: Dataset,
    run_dir: Path,
    family: Path,
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    sizes: Sizes | None = None,
    device: str = "auto",
) -> TrainResult:
    """Learn a category by the network or memory bank of another run, without training: what is its own, and
    the limits, are learned from its good photos. family: that run. Raises as `train` does, BadArtifact, and
    BadOptions for a run whose method cannot, or that is of this category."""
    artifact.check_free(run_dir)
    model = load(family, device=device, runtime="torch").model
    method = model.method
    if not isinstance(method, FamilyMethod):
        raise BadOptions(f"{family} was made by {model.name}. {_able()}")
    config = artifact.read_json(family, "config.json")
    about = config.get("family") or _about(method.shared(model), [config["category"]])
    if dataset.category in about["categories"]:
        raise BadOptions(
            f"{family} has learned from {dataset.category} already. Train it by itself, or "
            "join another family."
        )
    shared = method.shared(model)

    def create(options: TrainOptions, device: torch.device, geometry: Geometry, sizes: Sizes) -> FamilyMethod:
        made = registry.create(options, device, geometry, sizes)
        return replace(cast(FamilyMethod, made), joins=shared)

    watch = Watch(on_progress, should_stop)
    options = replace(method.options, device=device)
    if not method.turns_when_joining:
        options = replace(options, augment="off")
    learner, images = prepared(dataset, options, sizes or Sizes(), watch, create)
    taught = learner.fit(images.learned, images.held_back, watch)
    if method.grows:
        about = _about(method.shared(taught.model), [*about["categories"], dataset.category])
    return finish(dataset, taught, images, watch, family=about | {"joined": True}).save(run_dir, watch)


def _about(shared: Shared, categories: list[str]) -> dict[str, Any]:
    """For config.json. network: which network or memory bank it is, by its content."""
    content = digest(shared.tensors())
    return {"categories": categories, "network": content, "joined": False}


def _check(datasets: list[Dataset], method: str) -> None:
    names = [dataset.category for dataset in datasets]
    if method not in METHODS or not METHODS[method].family:
        raise BadOptions(f"{method} learns one category at a time. {_able()}")
    if len(names) < 2:
        raise BadOptions("A family has at least two categories.")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadOptions(
            f"{twice[0]} is given twice, or two folders are named so: each category needs a name of its own."
        )


def _able() -> str:
    able = [name for name, info in METHODS.items() if info.family]
    return f"Methods whose model several categories can share: {', '.join(able)}."
