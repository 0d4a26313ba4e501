"""Images kept ready: the same with and without room to keep them, and every bad file named."""

import pytest
import torch
from PIL import Image

from detection import BadDataset, datasets
from detection.learning.progress import Watch
from detection.methods import registry
from detection.photos.image_cache import fill
from detection.photos.transforms import Prepare
from detection.runs import material
from detection.types import TrainOptions
from tests.detection.parts import category, part

CPU = torch.device("cpu")


def test_images_that_do_not_fit_are_prepared_at_each_use(tmp_path):
    paths = [part(tmp_path / f"{n}.png", n) for n in range(5)]
    heard = []
    kept, anew = (
        fill(paths, Prepare(32), heard.append),
        fill(paths, Prepare(32), heard.append, cache_bytes=100),
    )
    numbers = torch.tensor([4, 1])
    assert torch.equal(kept.batch(numbers, CPU), anew.batch(numbers, CPU))
    assert [(numbers.tolist(), len(batch)) for numbers, batch in kept.batches(2, CPU)] == [
        ([0, 1], 2),
        ([2, 3], 2),
        ([4], 1),
    ]
    assert sum(heard) == 10
    batch = kept.batch(numbers, CPU)
    assert (batch.dtype, batch.shape) == (torch.float32, (2, 3, 32, 32))
    assert 0 <= batch.min() <= batch.max() <= 1


def test_all_images_of_a_training_share_the_room_there_is(tmp_path):
    data = datasets.scan(category(tmp_path / "plates", train=4, good=2, red=2))
    method = registry.create(TrainOptions(method="unet", size=32, held_back=0.25), CPU)
    read = material.read(data, method, Watch(), cache_bytes=4 * 3 * 32 * 32)
    # Three to learn from and one held back are kept; the four test photos are read again.
    assert [cache.kept_bytes // (3 * 32 * 32) for cache in (read.learned, read.held_back, read.test)] == [
        3,
        1,
        0,
    ]
    assert sum(len(images) for _, images in read.test.batches(2, CPU)) == 4


def test_photos_that_keep_their_aspect_come_in_batches_of_one_shape(tmp_path):
    sizes = {"a": (80, 40), "b": (40, 80), "c": (80, 40), "d": (80, 40), "e": (40, 80)}
    for name, size in sizes.items():
        Image.new("RGB", size).save(tmp_path / f"{name}.png")
    cache = fill(sorted(tmp_path.iterdir()), Prepare(64, keeps_aspect=True), lambda count: None)
    batches = {tuple(numbers.tolist()): images.shape[2:] for numbers, images in cache.batches(2, CPU)}
    assert batches == {(0, 2): (48, 96), (1, 4): (96, 48), (3,): (48, 96)}
    part_of_it = cache.subset([4, 3])
    assert (part_of_it.shapes, part_of_it.paths[0].name) == (((96, 48), (48, 96)), "e.png")


@pytest.mark.parametrize("cache_bytes", [2**20, 100])
def test_every_photo_that_cannot_be_read_is_named_at_the_start(tmp_path, cache_bytes):
    paths = [part(tmp_path / f"{n}.png", n) for n in range(3)]
    paths[0].write_bytes(b"")
    paths[2].write_bytes(paths[2].read_bytes()[:200])
    with pytest.raises(BadDataset) as caught:
        fill(paths, Prepare(32), lambda count: None, cache_bytes=cache_bytes)
    said = str(caught.value)
    assert said.startswith("2 of 3 photos cannot be read")
    assert "0.png: The file is empty" in said
    assert "2.png: The file is cut off" in said
