"""What detection's speed is made of, as ratios: other runtimes, photos read ahead, coreset and search.

    python -m benchmarks inference

Weights are random ones: they change no time. What is compared is measured in turns, so that a slow moment
of the machine meets all alike; medians of ROUNDS. A runtime that is not installed has no line.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor, nn

import detection
from benchmarks.installation import Installation
from detection import Detector, TrainOptions, datasets, demo, runtime
from detection.engine import Run
from detection.networks.backbones import Backbone
from detection.networks.unet import UNet
from detection.normality.bank import PatchBank
from detection.normality.sampling import coreset
from detection.reading import ahead, batches
from detection.transforms import to_unit

SIZE = 256  # px, what networks see
SIDE = 512  # px, of the photos
PHOTOS = 32
BATCH = 8
ROUNDS = 7
CPU = torch.device("cpu")
# A bank of fine patches: vectors, their features, the sample that they are chosen from, patches of a photo.
BANK, FEATURES, SAMPLE, PATCHES = 5000, 128, 30_000, (SIZE // 8) ** 2


def main(site: Installation) -> None:
    print(f"{SIZE} px, {torch.get_num_threads()} threads, medians of {ROUNDS} rounds taken in turns")
    networks(site.folder)
    pipelines(site.folder)
    banks()


def runtimes() -> list[str]:
    return ["torch", *(name for name in runtime.RUNTIMES if runtime.installed(name))]


def networks(folder: Path) -> None:
    """Each runtime over eager PyTorch."""
    print(f"\n{'network':<22} {'batch':>5} {'runtime':>9} {'ms/image':>9} {'x torch':>8}")
    for title, network in (
        ("unet, 7.8 M weights", UNet(32).eval()),
        ("resnet18 to layer3", Backbone("resnet18")),
    ):
        network = network.to(memory_format=torch.channels_last)
        runs = {name: _taken(network, name, folder) for name in runtimes()}
        for count in (1, BATCH):
            images = _images(count)
            found = in_turns({name: partial(run, images) for name, run in runs.items()})
            for name, seconds in found.items():
                ratio = found["torch"] / seconds
                print(
                    f"{title:<22} {count:>5} {name:>9} {1000 * seconds / count:>9.1f} {ratio:>8.2f}",
                    flush=True,
                )


def pipelines(folder: Path) -> None:
    """From files to verdicts, as `evaluate` and `predict` go, over the network alone."""
    (parts,) = demo.make(
        folder / "photos", categories=["hex_nut"], size=SIDE, train=PHOTOS, test_good=1, per_defect=1
    )
    data = datasets.scan(parts)
    few = detection.Dataset(data.category, data.train[:BATCH], ())
    detection.train(few, folder / "run", TrainOptions(method="unet", size=SIZE, epochs=1, held_back=0))
    paths = list(data.train)
    print(f"\n{'unet, from files':<22} {'runtime':>15} {'bare images/s':>14} {'pipeline':>9} {'ratio':>6}")
    for name in runtimes():
        detector = detection.load(folder / "run", device="cpu", runtime=name)
        ready = _ready(detector, paths)
        run = detector._model.engines()["network"].run
        found = in_turns(
            {
                "bare": lambda run=run, ready=ready: [run(batch) for batch in ready],
                "pipeline": lambda detector=detector: _judge(detector, paths),
            }
        )
        bare, pipeline = PHOTOS / found["bare"], PHOTOS / found["pipeline"]
        print(f"{'':<22} {name:>15} {bare:>14.2f} {pipeline:>9.2f} {pipeline / bare:>6.2f}", flush=True)


def banks() -> None:
    """Choosing a bank, and the exact search in it, over the two other ways to search exactly."""
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
    found = in_turns(ways)
    for name, seconds in found.items():
        ratio = seconds / found["blocked product"]
        print(f"search, {name:<16} {1000 * seconds:>7.1f} ms/image {ratio:>7.2f} x the blocked product's")


def in_turns(ways: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Median seconds of each, all of them once a round, after one round to warm up."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    with torch.inference_mode():
        for _ in range(ROUNDS + 1):
            for name, way in ways.items():
                start = time.perf_counter()
                way()
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(seconds[1:]) for name, seconds in times.items()}


def _taken(network: nn.Module, name: str, folder: Path) -> Run:
    if name == "torch":
        return network
    cache = folder / f"{type(network).__name__}.onnx"
    return runtime.accelerate(
        network, (2, 3, SIZE, SIZE), name, cache, any_sides=isinstance(network, Backbone)
    )


def _images(count: int) -> Tensor:
    return torch.rand(count, 3, SIZE, SIZE).to(memory_format=torch.channels_last)


def _ready(detector: Detector, paths: Sequence[Path]) -> list[Tensor]:
    pixels = [detector.prepare(path).pixels for path in paths]
    return [to_unit(torch.stack(batch), CPU) for batch in batches(pixels, BATCH)]


def _judge(detector: Detector, paths: Sequence[Path]) -> None:
    for batch in batches(ahead(paths, detector.prepare), BATCH):
        detector.predict(batch)


def _faiss(vectors: Tensor, patches: Tensor) -> Callable[[], object]:
    import faiss  # not among the requirements; only ever compared with

    faiss.omp_set_num_threads(torch.get_num_threads())
    index = faiss.IndexFlatL2(FEATURES)
    index.add(vectors.numpy())
    return lambda: index.search(patches.numpy(), 1)
