"""What detection's speed is made of, as ratios: other runtimes, photos read ahead, coreset and search.

    python -m benchmarks inference

Weights are random: the time does not depend on them. What is compared is measured in turns, so that a slow
moment of the machine meets all alike; medians of ROUNDS. A runtime that is not installed has no line.
"""

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor, nn

import detection
from benchmarks.installation import Installation
from detection import Detector, TrainOptions, datasets, demo
from detection.networks.backbones import Backbone
from detection.networks.engine import Run
from detection.networks.unet import UNet
from detection.normality.bank import PatchBank
from detection.normality.sampling import coreset
from detection.photos.reading import ahead, batches
from detection.photos.transforms import Prepared, to_unit
from detection.runtimes import runtime

SIZE = 256  # px, what networks see
SIDE = 512  # px, of the photos
PHOTOS = 16
BATCH = 8
ROUNDS = 5
CPU = torch.device("cpu")
# A bank of fine patches: vectors, their features, the sample that they are chosen from, patches of a photo.
BANK, FEATURES, SAMPLE, PATCHES = 5000, 128, 250_000, (SIZE // 8) ** 2


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds by the clock, and CPU seconds of all cores, which depend little on how busy the machine is."""

    wall: float
    cpu: float

    def over(self, other: "Spent") -> "Spent":
        return Spent(self.wall / other.wall, self.cpu / other.cpu)


def main(site: Installation) -> None:
    print(f"{SIZE} px, {torch.get_num_threads()} threads, medians of {ROUNDS} rounds taken in turns")
    networks(site.folder)
    pipelines(site.folder)
    banks()


def runtimes() -> list[str]:
    return ["torch", *(name for name in runtime.RUNTIMES if runtime.installed(name))]


def networks(folder: Path) -> None:
    """Milliseconds of each runtime, and how many times as fast as eager PyTorch it is."""
    print(
        f"\n{'network':<20} {'batch':>5} {'runtime':>9} {'ms each':>9} {'CPU ms':>7} {'x torch':>8} {'CPU'}"
    )
    for title, network in (
        ("unet, 7.8 M weights", UNet(32).eval()),
        ("resnet18 to layer3", Backbone("resnet18")),
    ):
        network = nn.Module.to(network, memory_format=torch.channels_last)  # type: ignore[call-overload]
        runs = {name: _taken(network, name, folder) for name in runtimes()}
        for count in (1, BATCH):
            images = torch.rand(count, 3, SIZE, SIZE).to(memory_format=torch.channels_last)
            spent_by = in_turns({name: partial(run, images) for name, run in runs.items()})
            for name, spent in spent_by.items():
                each = f"{1000 * spent.wall / count:>9.1f} {1000 * spent.cpu / count:>7.1f}"
                faster = spent_by["torch"].over(spent)
                print(
                    f"{title:<20} {count:>5} {name:>9} {each} {faster.wall:>8.2f} {faster.cpu:>7.2f}",
                    flush=True,
                )


def pipelines(folder: Path) -> None:
    """The speed from files to verdicts, as `evaluate` and `predict` go, divided by the bare network's."""
    (parts,) = demo.make(
        folder / "photos", categories=["hex_nut"], size=SIDE, train=PHOTOS, test_good=1, per_defect=1
    )
    data = datasets.scan(parts)
    few = detection.Dataset(data.category, data.train[:BATCH], ())
    detection.train(few, folder / "run", TrainOptions(method="unet", size=SIZE, epochs=1, held_back=0))
    paths = list(data.train)
    print(
        f"\n{'unet, files of 512 px':<22} {'bare images/s':>14} {'pipeline':>9} {'ratio':>6} {'in line':>8}"
    )
    for name in runtimes():
        detector = detection.load(folder / "run", device="cpu", runtime=name)
        spent_by = in_turns(
            {
                "bare": partial(_bare, detector.model.engines()["network"], _ready(detector, paths)),
                "pipeline": partial(_judge, detector, paths, read=partial(ahead, work=detector.prepare)),
                "in line": partial(_judge, detector, paths, read=partial(map, detector.prepare)),
            }
        )
        speeds = f"{PHOTOS / spent_by['bare'].wall:>14.2f} {PHOTOS / spent_by['pipeline'].wall:>9.2f}"
        ratio, line = (spent_by["bare"].over(spent_by[way]).wall for way in ("pipeline", "in line"))
        print(f"{name:<22} {speeds} {ratio:>6.2f} {line:>8.2f}", flush=True)


def banks() -> None:
    """Choosing a bank, and the exact search in it against two other ways to search exactly."""
    generator = torch.Generator().manual_seed(0)
    sample = torch.randn(SAMPLE, FEATURES, generator=generator)
    start = time.perf_counter()
    chosen = sample[coreset(sample, BANK, 0)]
    print(f"\ncoreset: {BANK} of {SAMPLE} vectors of {FEATURES} in {time.perf_counter() - start:.1f} s")
    bank = PatchBank(chosen)
    features = torch.randn(1, FEATURES, SIZE // 8, SIZE // 8, generator=generator)
    patches = features.permute(0, 2, 3, 1).reshape(PATCHES, FEATURES).contiguous()
    ways: dict[str, Callable[[], object]] = {
        "blocked product": lambda: bank.distances(features, relative=False),
        "torch.cdist": lambda: torch.cdist(patches, chosen).min(dim=1),
    }
    if find_spec("faiss"):
        ways["faiss, flat"] = _faiss(chosen, patches)
    spent_by = in_turns(ways)
    for name, spent in spent_by.items():
        slower = spent.over(spent_by["blocked product"]).wall
        print(f"search, {name:<16} {1000 * spent.wall:>7.1f} ms/image {slower:>7.2f} x the blocked product's")


def in_turns(ways: dict[str, Callable[[], object]]) -> dict[str, Spent]:
    """The median of each, all of them once a round, after one round to warm up."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    with torch.inference_mode():
        for _ in range(ROUNDS + 1):
            for name, way in ways.items():
                start, cpu = time.perf_counter(), time.process_time()
                way()
                times[name].append((time.perf_counter() - start, time.process_time() - cpu))
    medians = {
        name: [statistics.median(one) for one in zip(*t[1:], strict=True)] for name, t in times.items()
    }
    return {name: Spent(*both) for name, both in medians.items()}


def _taken(network: nn.Module, name: str, folder: Path) -> Run:
    if name == "torch":
        return network
    cache = folder / f"{type(network).__name__}.onnx"
    return runtime.accelerate(
        network, (2, 3, SIZE, SIZE), name, cache, any_sides=isinstance(network, Backbone)
    )


def _ready(detector: Detector, paths: Sequence[Path]) -> list[Tensor]:
    pixels = [detector.prepare(path).pixels for path in paths]
    return [to_unit(torch.stack(batch), CPU) for batch in batches(pixels, BATCH)]


def _bare(network: Run, ready: Sequence[Tensor]) -> None:
    for batch in ready:
        network(batch)


def _judge(
    detector: Detector, paths: Sequence[Path], read: Callable[[Sequence[Path]], Iterable[Prepared]]
) -> None:
    for batch in batches(read(paths), BATCH):
        detector.predict(batch)


def _faiss(vectors: Tensor, patches: Tensor) -> Callable[[], object]:
    import faiss  # not among the requirements; only ever compared with

    faiss.omp_set_num_threads(torch.get_num_threads())
    index = faiss.IndexFlatL2(FEATURES)
    index.add(vectors.numpy())
    return lambda: index.search(patches.numpy(), 1)
