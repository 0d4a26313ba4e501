"""The demo parts: laid out as promised, the same for a seed, and defects are where the masks say."""

import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from detection import BadDataset, BadOptions, datasets, demo

SMALL = {"train": 2, "test_good": 1, "per_defect": 1, "size": 64}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return demo.make(tmp_path_factory.mktemp("demo"), **SMALL)


def test_every_category_is_a_data_set_with_masks(made: list[Path]):
    assert [folder.name for folder in made] == [category.slug for category in demo.CATEGORIES]
    for folder in made:
        counts = datasets.counts(datasets.scan(folder))
        assert (counts.pop("train"), counts.pop("good")) == (2, 1)
        assert len(counts) >= 3
        assert set(counts.values()) == {1}
        assert all(image.mask or not image.is_defect for image in datasets.scan(folder).test)


def test_a_seed_says_what_is_made(tmp_path: Path, made: list[Path]):
    def content(folder: Path) -> dict[str, bytes]:
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.*")}

    again, other = (
        demo.make(tmp_path / str(seed), seed=seed, categories=["hex_nut"], **SMALL) for seed in (0, 1)
    )
    assert content(again[0]) == content(made[0])
    assert content(other[0]).keys() == content(made[0]).keys()
    assert not set(content(other[0]).values()) & set(content(made[0]).values())


@pytest.mark.parametrize("product", demo.PRODUCTS.values(), ids=demo.PRODUCTS)
def test_a_defect_is_where_its_mask_says(product: demo.Product):
    for kind in product.defects:
        for index in range(3):
            photo, mask = demo.Shot(product, 0, "test", index, kind).take(128)
            twin, nothing = demo.Shot(product, 0, "test", index).take(128)
            assert nothing is None
            marked = np.asarray(mask) > 0
            changed = np.abs(np.asarray(photo, np.float32) - np.asarray(twin)).max(axis=2)
            assert 20 <= marked.sum() <= 0.2 * marked.size, kind
            assert changed[marked].mean() > 25, kind
            # a defect's shadow and the blur of the lens reach a little farther than the mask
            assert changed[~marked].mean() < 3, kind


def test_nothing_but_the_part_tells_good_from_defective(made: list[Path]):
    for folder in made:
        photos = [Image.open(path) for path in folder.glob("t*/*/*")]
        assert len({(p.format, p.mode, p.size, str(p.info), str(p.quantization)) for p in photos}) == 1


def test_refuses_what_it_cannot_make(tmp_path: Path):
    with pytest.raises(BadOptions, match="hex_nut"):
        demo.make(tmp_path, categories=["teapot"])
    (tmp_path / "hex_nut").mkdir()
    with pytest.raises(BadDataset, match="already"):
        demo.make(tmp_path, categories=["hex_nut"])
    assert list(tmp_path.rglob("*.jpg")) == []


def test_small_sets_are_made_quickly_enough_for_other_tests(tmp_path: Path):
    start = time.process_time()
    demo.make(tmp_path, **SMALL)
    assert time.process_time() - start < 3


def test_progress_counts_every_photo(tmp_path: Path):
    seen: list[tuple[int, int]] = []
    demo.make(
        tmp_path, categories=["hex_nut"], on_progress=lambda done, total: seen.append((done, total)), **SMALL
    )
    assert seen == [(i, 7) for i in range(1, 8)]


def test_a_making_that_is_stopped_leaves_nothing(tmp_path: Path):
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        demo.make(tmp_path, on_progress=stop, **SMALL)
    assert list(tmp_path.iterdir()) == []
