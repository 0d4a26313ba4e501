"""`patchcore` says what the published method says, written down literally."""

import pytest
import torch
from torch import Tensor

from benchmarks.patchcore_published import literal_coreset, literal_patches, literal_verdict
from detection.learning.progress import Watch
from detection.methods.extractors import Extractor
from detection.methods.patchcore import Patchcore, features
from detection.methods.setting import Sizes
from detection.types import TrainOptions

CPU = torch.device("cpu")
WIDE, DEEP = 6, 10


class Features(Extractor):
    """In the backbone's place: each photo's feature maps, drawn by its first pixel."""

    @classmethod
    def begin(cls, options, device):
        return cls(), {}

    @classmethod
    def unpack(cls, options, device, tensors):
        return cls()

    def pack(self):
        return {}

    def _look(self, images):
        maps = [self.of(int(1000 * image[0, 0, 0])) for image in images]
        return None, torch.stack([fine for fine, _ in maps]), torch.stack([coarse for _, coarse in maps])

    @staticmethod
    def of(number: int) -> tuple[Tensor, Tensor]:
        draw = torch.Generator().manual_seed(number)
        return torch.randn(WIDE, 8, 12, generator=draw).relu(), torch.randn(DEEP, 4, 6, generator=draw).relu()


class Photos:
    """Like an ImageCache: numbered photos of 64 x 96 px."""

    shapes = ((64, 96),) * 7

    def __len__(self):
        return len(self.shapes)

    def batches(self, count, device):
        for start in range(0, len(self), count):
            numbers = torch.arange(start, min(start + count, len(self)))
            yield numbers, photos(numbers)


def photos(numbers) -> Tensor:
    """Their number is the colour of the whole photo."""
    return ((numbers.float() + 0.5) / 1000)[:, None, None, None].expand(-1, 3, 64, 96)


class OnFeatures(Patchcore):
    extractor_type = Features


@pytest.fixture
def model():
    options = TrainOptions(method="patchcore", size=64, seed=3)
    return OnFeatures(options, CPU, sizes=Sizes(vectors=60)).fit(Photos(), None, Watch()).model


def every_patch() -> Tensor:
    return torch.cat([literal_patches(*Features.of(number)).flatten(0, 1) for number in range(7)])


def test_the_bank_is_the_coreset_of_the_literal_search(model):
    vectors, draw = every_patch(), torch.Generator().manual_seed(3)
    points = vectors.double() @ torch.randn(WIDE + DEEP, 256, generator=draw).double()
    first = int((vectors - model.bank.vectors[0]).norm(dim=1).argmin())
    literal = vectors[literal_coreset(points, 60, seed=0, first=first)]
    torch.testing.assert_close(model.bank.vectors, literal)


def test_maps_and_scores_are_those_of_the_literal_method(model):
    numbers = torch.tensor([20, 21, 22, 23])
    judged = model.judge(photos(numbers))
    for number, score, drawn in zip(numbers.tolist(), judged.scores, judged.maps, strict=True):
        expected, distances = literal_verdict(literal_patches(*Features.of(number)), model.bank.vectors)
        assert float(score) == pytest.approx(float(expected), abs=1e-5)
        full = torch.nn.functional.interpolate(distances[None, None], (64, 96), mode="bilinear")[0, 0]
        torch.testing.assert_close(drawn, full, atol=1e-5, rtol=0)


def test_the_border_is_no_more_suspect_than_the_middle():
    """A mean of fewer patches is noisier: the worst patch of good photos lay there, and hid cracks."""
    patches = torch.stack([literal_patches(*Features.of(number)) for number in range(40)])
    spread = patches.var(dim=0).sum(dim=2)
    border = torch.ones(8, 12, dtype=torch.bool)
    border[1:-1, 1:-1] = False
    assert spread[border].mean() < spread[~border].mean()


def test_runs_of_before_judge_as_before(model):
    """They have no mark of it; their borders are means of what is there, their weights nearly equal."""
    old = {name: value for name, value in model.pack().items() if name != "as_published"}
    method = OnFeatures(TrainOptions(method="patchcore", size=64), CPU)
    again = method.unpack(old)
    image = photos(torch.tensor([20]))
    fine, coarse = Features.of(20)
    there = torch.nn.functional.avg_pool2d(torch.ones(1, 1, 8, 12), 3, 1, 1)[0, 0]
    embedding = features(again.extractor, image, "fewer")[0, :WIDE]
    torch.testing.assert_close(embedding, literal_patches(fine, coarse).permute(2, 0, 1)[:WIDE] / there)
    assert float(again.judge(image).scores) != pytest.approx(float(model.judge(image).scores), rel=1e-3)
    again = method.unpack(model.pack())
    assert float(again.judge(image).scores) == pytest.approx(float(model.judge(image).scores))
