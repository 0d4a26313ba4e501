"""Making a robustness report. `core.work` does everything that all long jobs share."""

from functools import partial

from django.db import transaction

from inspector.core import files
from inspector.core.attempt import Attempt
from inspector.core.errors import Refused
from inspector.robustness.models import RobustnessReport
from inspector.robustness.photos import StoredPhoto, test_photos

NO_PHOTOS = (
    "The version has learned from all its test photos of good parts. Add others as test samples, and train "
    "again."
)


def measure(attempt: Attempt[RobustnessReport]) -> None:
    """Judge, count, and end."""
    from detection.robustness.measure import (  # torch: the web process imports this module, too
        LabelledPhoto,
        Limits,
        chosen,
    )
    from detection.robustness.measure import measure as judge_all
    from inspector.registry.detectors import detector

    row = attempt.job
    with attempt.held():  # a model of a large backbone takes seconds to load
        model = detector(row.version)
    attempt.go_on()
    known = model.trained_on
    photos = [photo for photo in test_photos(row.version) if photo.sha256 not in known]
    numbers = chosen([photo.label for photo in photos], row.photos)
    shown = [LabelledPhoto(photos[n].label, partial(_read, photos[n])) for n in numbers]
    if all(photo.label != "good" for photo in shown):
        raise Refused("no_good_photos", NO_PHOTOS)

    def on_step(done: int, total: int) -> None:
        attempt.report_progress(done=done, total=total)
        attempt.go_on()

    limits = Limits(row.threshold, row.review_from, row.promise, row.promised)
    report = judge_all(model, shown, limits, on_step=on_step)
    with transaction.atomic():
        attempt.finish(results=report.as_dict(), progress={})


def _read(photo: StoredPhoto) -> bytes:
    return files.read_photo(photo.image, photo.sha256, f"{photo.label}/{photo.filename}")
