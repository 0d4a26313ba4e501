"""A training that takes no time: what is around it is the same for any training."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import detection
from detection.options.catalogue import BACKBONES
from inspector.categories.models import Category
from inspector.samples.add_samples import add_samples
from tests.factories import CategoryFactory
from tests.photos import photo, upload

Step = Callable[[detection.Progress], None]


@pytest.fixture(autouse=True)
def runs_dir(settings: Any, tmp_path: Path) -> Path:
    settings.RUNS_DIR = tmp_path / "runs"
    settings.VAR_DIR = tmp_path / "var"
    return settings.RUNS_DIR


@pytest.fixture
def category(db: None) -> Category:
    """A category with four good photos to learn from and a good and a bad one to judge."""
    category = CategoryFactory.create(slug="nut", name="Nut")
    add(category, "train", "good", range(4))
    add(category, "test", "good", range(10, 11))
    add(category, "test", "blot", range(20, 21))
    return category


def add(category: Category, split: str, label: str, seeds: range) -> None:
    photos = [upload(photo(seed, broken=label != "good"), f"{seed:03}.png") for seed in seeds]
    add_samples(category, photos, split=split, label=label, by=None)


class FakeTraining:
    """Stands in for detection.train: `epochs` steps, `between` called at each, `error` raised at the end."""

    def __init__(self) -> None:
        self.epochs = 3
        self.between: Step = lambda progress: None
        self.error: BaseException | None = None
        self.config: dict[str, Any] = {}
        self.calls: list[SimpleNamespace] = []

    def __call__(
        self,
        dataset: detection.Dataset,
        run_dir: Path,
        options: detection.TrainOptions,
        *,
        on_progress: Callable[[detection.Progress], None],
        should_stop: Callable[[], bool],
    ) -> SimpleNamespace:
        self.calls.append(SimpleNamespace(dataset=dataset, run_dir=run_dir, options=options))
        for epoch in range(1, self.epochs + 1):
            progress = step(epoch, self.epochs)
            self.between(progress)
            on_progress(progress)
            if should_stop():
                raise detection.Cancelled("stopped")
        if self.error:
            raise self.error
        run_dir.mkdir(parents=True)
        (run_dir / "weights.safetensors").write_bytes(b"weights")
        return SimpleNamespace(
            run_dir=run_dir,
            threshold=detection.Threshold(0.5, "percentile", "held back", 1, 0),
            map_scale=detection.types.MapScale(0.0, 1.0),
            evaluation=None,
            config=self.config,
        )


def step(epoch: int, epochs: int) -> detection.Progress:
    return detection.Progress(
        phase="training",
        done=epoch,
        total=epochs,
        fraction=epoch / epochs,
        epoch=epoch,
        epochs=epochs,
        train_loss=1 / epoch,
        validation_loss=2 / epoch,
        seconds_left=float(epochs - epoch),
    )


@pytest.fixture
def training(monkeypatch: pytest.MonkeyPatch) -> FakeTraining:
    fake = FakeTraining()
    monkeypatch.setitem(vars(detection), "train", fake)
    monkeypatch.setattr("inspector.core.attempt.WRITE_SECONDS", 0.0)
    # Nor does it need weights.
    monkeypatch.setattr("inspector.training.ability.states", lambda: dict.fromkeys(BACKBONES, "here"))
    return fake
