"""From stored samples to a detector that judges, with a training that is real and very small."""

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from inspector.core import work
from inspector.core.jobs import State
from inspector.registry import detectors
from inspector.registry.promote import promote
from inspector.registry.selectors import active_version as in_use
from inspector.samples.add_samples import add_samples
from inspector.training.models import TrainingRun
from inspector.training.submit import submit
from tests.photos import photo, picture

pytestmark = pytest.mark.django_db
SMALL = {"size": 32, "width": 4, "epochs": 1, "batch_size": 4, "seed": 3}


def trained(category):
    return work.run(TrainingRun, submit(category=category, by=None, method="unet", options=SMALL).pk)


def test_submit_train_promote_judge_roll_back(category, active_version):
    former = active_version(category)
    run = trained(category)
    assert (run.state, run.error_message) == (State.DONE, "")
    new = run.version
    assert (new.category, new.number, new.is_active) == (category, 2, False)
    assert new.map_high > new.map_low
    assert new.metrics["n_defect"] == 1
    assert {"losses.svg", "losses.png", "roc.svg", "score_histogram.svg"} <= set(new.plots)
    assert default_storage.open(new.plots["losses.png"]).read(4) == b"\x89PNG"
    assert len(run.progress["history"]) == 1

    promote(new, by=None)
    predictions = detectors.detector(in_use(category)).predict([picture(1), picture(2, broken=True)])
    assert [prediction.anomaly_map.shape for prediction in predictions] == [(32, 32)] * 2
    assert predictions[0].threshold == pytest.approx(new.threshold)

    promote(former, by=None)
    assert in_use(category) == former
    assert detectors.detector(former).threshold.value == pytest.approx(former.threshold)


def test_a_sample_that_cannot_be_read_is_named(category):
    """Its header was fine when it was uploaded; the rest of it is not."""
    whole = photo(77, size=(200, 200))
    cut = SimpleUploadedFile("cut.png", whole[: len(whole) // 2])
    assert add_samples(category, [cut], split="train", label="good", by=None).samples
    run = trained(category)
    assert (run.state, run.error_code) == (State.FAILED, "bad_dataset")
    assert "good/cut.png: The file is cut off" in run.error_message
