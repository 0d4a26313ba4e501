"""`patchcore` beside PatchCore written down literally: the same photos, weights, size and bank.

    export INSPECTOR_REAL_DATA=DATA INSPECTOR_WEIGHTS_DIR=FOLDER
    [CATEGORIES=a,b] [SEEDS=0,1,2] python -m benchmarks patchcore_published

The literal one is slow and takes each step as the paper (Roth et al. 2022, arXiv:2106.08265) and anomalib
have it. Image AUROC on the categories, on their good test photos with thin cracks, and on made-up rough
surfaces (`thin_cracks`). Square photos of 256 px, 1,000 vectors. Not part of `make bench`: it takes an hour.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from sklearn.random_projection import SparseRandomProjection, johnson_lindenstrauss_min_dim
from torch import Tensor
from torch.nn import functional

from benchmarks import real_data, thin_cracks
from benchmarks.installation import Installation
from detection import TrainOptions, datasets
from detection.learning.progress import Watch
from detection.methods import registry
from detection.methods.setting import Sizes
from detection.networks import weights
from detection.networks.backbones import Backbone
from detection.photos.image_cache import ImageCache, fill
from detection.photos.transforms import Prepare

SIZE, BATCH, VECTORS, NEIGHBOURS = 256, 8, 1000, 9
# Photos of a made-up category to learn from.
FEW = 40
# How far a projection may distort distances; anomalib's choice.
DISTORTION = 0.9
CPU = torch.device("cpu")


def main(site: Installation) -> None:
    seeds = real_data.seeds("0,1,2")
    print(f"{'image AUROC, seeds ' + ', '.join(map(str, seeds)):<36} {'patchcore':<22} literal", flush=True)
    for folder in _folders(site.folder):
        learned, test, truth = _photos(folder)
        ours = [f"{roc_auc_score(truth, _ours(learned, test, seed)):.3f}" for seed in seeds]
        literal = [f"{roc_auc_score(truth, _literal(learned, test, seed)):.3f}" for seed in seeds]
        print(f"{folder.name:<36} {' '.join(ours):<22} {' '.join(literal)}", flush=True)


def _folders(made: Path) -> Iterator[Path]:
    for surface in thin_cracks.SURFACES:
        yield thin_cracks.make(made / surface, surface, FEW)
    for folder in real_data.categories():
        yield folder
        yield thin_cracks.on_good(made / f"{folder.name}, thin cracks", datasets.scan(folder))


def _photos(folder: Path) -> tuple[ImageCache, ImageCache, list[bool]]:
    data, prepare = datasets.scan(folder), Prepare(SIZE)
    learned = fill(data.train, prepare, lambda count: None)
    test = fill([image.path for image in data.test], prepare, lambda count: None)
    return learned, test, [image.is_defect for image in data.test]


def _ours(learned: ImageCache, test: ImageCache, seed: int) -> np.ndarray:
    options = TrainOptions(method="patchcore", size=SIZE, seed=seed, crop="off")
    method = registry.create(options, CPU, sizes=Sizes(vectors=VECTORS))
    model = method.fit(learned, learned.subset([]), Watch()).model
    return torch.cat([model.judge(images).scores for _, images in test.batches(BATCH, CPU)]).numpy()


def _literal(learned: ImageCache, test: ImageCache, seed: int) -> np.ndarray:
    network, _ = weights.backbone("resnet18")
    with torch.inference_mode():
        vectors = torch.cat([one.flatten(0, 1) for one in _each(network, learned)])
        bank = vectors[literal_coreset(_projected(vectors, seed), VECTORS, seed)]
        return np.array([float(literal_verdict(one, bank)[0]) for one in _each(network, test)])


def _each(network: Backbone, cache: ImageCache) -> Iterator[Tensor]:
    for _, images in cache.batches(BATCH, CPU):
        _, fine, coarse = network(images)
        yield from (literal_patches(*one) for one in zip(fine, coarse, strict=True))


def _projected(vectors: Tensor, seed: int) -> Tensor:
    axes = johnson_lindenstrauss_min_dim(len(vectors), eps=DISTORTION)
    return torch.from_numpy(SparseRandomProjection(axes, random_state=seed).fit_transform(vectors.numpy()))


def literal_patches(fine: Tensor, coarse: Tensor) -> Tensor:
    """One photo's feature maps [C, H, W] and [D, h, w] -> patches [H, W, C + D].

    Each map is averaged over 3 x 3 places, nine always: beyond the border are zeros.
    """
    averaged = []
    for one in (fine, coarse):
        wide = functional.pad(one, [1, 1, 1, 1])
        shifts = [wide[:, y : y + one.shape[1], x : x + one.shape[2]] for y in range(3) for x in range(3)]
        averaged.append(torch.stack(shifts).sum(dim=0) / 9)
    resized = functional.interpolate(averaged[1][None], fine.shape[1:], mode="bilinear")[0]
    return torch.cat([averaged[0], resized]).permute(1, 2, 0)


def literal_coreset(points: Tensor, size: int, seed: int, first: int | None = None) -> list[int]:
    """The numbers of `size` points [M, K]: each the farthest from all taken before it."""
    draw = torch.Generator().manual_seed(seed)
    taken = [int(torch.randint(len(points), (1,), generator=draw)) if first is None else first]
    nearest = _apart(points, points[taken[0]])
    while len(taken) < size:
        taken.append(int(nearest.argmax()))
        nearest = torch.minimum(nearest, _apart(points, points[taken[-1]]))
    return taken


def literal_verdict(patches: Tensor, bank: Tensor, around: int = NEIGHBOURS) -> tuple[Tensor, Tensor]:
    """One photo's patches [H, W, C] and the bank [M, C] -> its score, and the map [H, W] of distances."""
    rows = [torch.cdist(row, bank, compute_mode="donot_use_mm_for_euclid_dist") for row in patches]
    distances, nearest = torch.stack(rows).min(dim=2)
    worst = int(distances.argmax())
    place = divmod(worst, distances.shape[1])
    patch, near = patches[place], bank[nearest[place]]
    neighbours = bank[_apart(bank, near).argsort(stable=True)[:around]]
    away = _apart(neighbours, patch).double().exp()
    return distances[place] * (1 - distances[place].double().exp() / away.sum()), distances


def _apart(points: Tensor, one: Tensor) -> Tensor:
    return torch.linalg.vector_norm(points - one, dim=1)
