"""Images kept ready: the same with and without room to keep them, and every bad file named."""

import pytest
import torch

from detection import BadDataset
from detection.shelf import fill
from tests.detection.parts import part

CPU = torch.device("cpu")


def test_images_that_do_not_fit_are_prepared_at_each_use(tmp_path):
    paths = [part(tmp_path / f"{n}.png", n) for n in range(5)]
    heard = []
    kept, anew = fill(paths, 32, heard.append), fill(paths, 32, heard.append, cache_bytes=100)
    numbers = torch.tensor([4, 1])
    assert torch.equal(kept.batch(numbers, CPU), anew.batch(numbers, CPU))
    assert [len(batch) for batch in kept.batches(2, CPU)] == [2, 2, 1]
    assert sum(heard) == 10
    batch = kept.batch(numbers, CPU)
    assert (batch.dtype, batch.shape) == (torch.float32, (2, 3, 32, 32))
    assert 0 <= batch.min() <= batch.max() <= 1


@pytest.mark.parametrize("cache_bytes", [2**20, 100])
def test_every_photo_that_cannot_be_read_is_named_at_the_start(tmp_path, cache_bytes):
    paths = [part(tmp_path / f"{n}.png", n) for n in range(3)]
    paths[0].write_bytes(b"")
    paths[2].write_bytes(paths[2].read_bytes()[:200])
    with pytest.raises(BadDataset) as caught:
        fill(paths, 32, lambda count: None, cache_bytes=cache_bytes)
    said = str(caught.value)
    assert said.startswith("2 of 3 photos cannot be read")
    assert "0.png: The file is empty" in said
    assert "2.png: The file is cut off" in said
