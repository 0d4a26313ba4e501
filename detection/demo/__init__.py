"""Demo parts: photos of three synthetic products, good and defective, to try everything with.

    from detection import demo
    demo.make(Path("demo"))     # demo/hex_nut, demo/plastic_gear, demo/woven_fabric in MVTec AD layout

Every photo is made in the same way, from a surface that is lit and photographed; a defect changes
only the surface. The same seed gives the same photos.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from detection.demo.fabric import FABRIC
from detection.demo.gear import GEAR
from detection.demo.nut import NUT
from detection.demo.product import Product, Shot
from detection.errors import BadDataset, BadOptions
from detection.files import storage
from detection.types import GOOD

__all__ = ["CATEGORIES", "DemoCategory", "defects", "make", "photo"]

PRODUCTS = {product.slug: product for product in (NUT, GEAR, FABRIC)}
_OPTIONS = {"size": 128, "width": 8, "epochs": 60, "learning_rate": 2e-3}
_JPEG_QUALITY = 92


@dataclass(frozen=True, slots=True)
class DemoCategory:
    """A demo product as the application shows it. options: of its first training."""

    slug: str
    name: str
    description: str
    options: dict[str, Any] = field(default_factory=lambda: dict(_OPTIONS))


CATEGORIES = (
    # By `unet` its threshold comes from the 9 good photos held back, and flagged a quarter of new good nuts.
    # `filterbank` takes it from all 60.
    DemoCategory(
        "hex_nut",
        "Hex nut",
        "Machined steel hex nut, M12, seen from above on a dark plate.",
        {"method": "filterbank"},
    ),
    DemoCategory("plastic_gear", "Plastic gear", "Injection-moulded gear with 20 teeth, ready for assembly."),
    DemoCategory("woven_fabric", "Woven fabric", "Plain-woven upholstery fabric, inspected on the loom."),
)


def make(
    directory: Path,
    *,
    seed: int = 0,
    train: int = 60,
    test_good: int = 16,
    per_defect: int = 8,
    size: int = 288,
    categories: Collection[str] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Make the demo categories (or those with the given slugs) and return their folders.

    train, test_good, per_defect: how many photos of each. size: their side, px. on_progress is called with
    the photos done and their total number. Raises BadOptions for an unknown slug and BadDataset if a folder
    already exists.
    """
    products = _chosen(categories)
    folders = [directory / product.slug for product in products]
    for folder in folders:
        if folder.exists():
            raise BadDataset(f"{folder} already exists: remove it, or choose another folder.")
    shots = [shot for product in products for shot in _shots(product, seed, train, test_good, per_defect)]
    storage.make(directory)
    # Written to another folder and renamed: if it is stopped, no half category is left, and it can be
    # repeated.
    with storage.into(directory), TemporaryDirectory(dir=directory, prefix=".demo-") as aside:
        _make(Path(aside), shots, size, on_progress)
        for folder in folders:
            (Path(aside) / folder.name).rename(folder)
    return folders


def defects(slug: str) -> list[str]:
    """The kinds of defects that a demo product has. Raises BadOptions for an unknown slug."""
    (product,) = _chosen([slug])
    return list(product.defects)


def photo(
    slug: str, index: int, *, seed: int = 0, defect: str = GOOD, brightness: float = 1.0, size: int = 288
) -> bytes:
    """A JPEG of a demo product from the line, none of those that `make` makes; the same for the same values.

    brightness: of the light, 1 as in the photos of `make`. Raises BadOptions for an unknown slug.
    """
    (product,) = _chosen([slug])
    taken, _ = Shot(product, seed, "line", index, defect, brightness).take(size)
    file = BytesIO()
    taken.save(file, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    return file.getvalue()


def _make(
    directory: Path, shots: Sequence[Shot], size: int, on_progress: Callable[[int, int], None] | None
) -> None:
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        for done, _ in enumerate(pool.map(lambda shot: _store(directory, shot, size), shots), 1):
            if on_progress:
                on_progress(done, len(shots))


def _chosen(slugs: Collection[str] | None) -> list[Product]:
    unknown = sorted(set(slugs or ()) - PRODUCTS.keys())
    if unknown:
        raise BadOptions(f"No demo category named {', '.join(unknown)}: there are {', '.join(PRODUCTS)}.")
    return [product for slug, product in PRODUCTS.items() if slugs is None or slug in slugs]


def _shots(product: Product, seed: int, train: int, test_good: int, per_defect: int) -> Iterator[Shot]:
    for index in range(train):
        yield Shot(product, seed, f"train/{GOOD}", index)
    for index in range(test_good):
        yield Shot(product, seed, f"test/{GOOD}", index)
    for kind in product.defects:
        for index in range(per_defect):
            yield Shot(product, seed, f"test/{kind}", index, kind)


def _store(directory: Path, shot: Shot, size: int) -> None:
    photo, mask = shot.take(size)
    folder = directory / shot.product.slug
    path = folder / shot.folder / f"{shot.index:03}.jpg"
    storage.make(path.parent)
    storage.write_image(path, photo, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    if mask:
        path = folder / "ground_truth" / shot.defect / f"{shot.index:03}_mask.png"
        storage.make(path.parent)
        storage.write_image(path, mask, "PNG")
