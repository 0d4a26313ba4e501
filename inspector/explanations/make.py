"""Making an explanation. `core.work` does everything that all long jobs share."""

import io
from typing import TYPE_CHECKING, Any

from django.db import transaction

from inspector.core import files
from inspector.core.attempt import Attempt
from inspector.explanations.models import Explanation

if TYPE_CHECKING:
    from PIL import Image


def make(attempt: Attempt[Explanation]) -> None:
    """Explain, store the pictures, and end."""
    from detection.explanations import explain  # torch: the web process imports this module, too
    from inspector.explanations.goods import SamplesOfVersion
    from inspector.registry.detectors import detector

    row = attempt.job
    inspection = row.inspection
    photo = files.read_photo(str(inspection.original), inspection.sha256, inspection.filename)

    def on_step(done: int, total: int) -> None:
        attempt.report_progress(done=done, total=total)
        attempt.go_on()

    with attempt.held():  # a model of a large backbone takes seconds to load
        model = detector(row.version, "torch")  # other runtimes have no gradients
    attempt.go_on()
    goods = SamplesOfVersion(row.version)
    limit = row.inspection.threshold
    made = explain(model, photo, row.kind, goods, on_step, threshold=limit)
    with attempt.held(), files.all_or_none() as store:
        pictures = {
            name: _stored(row, attempt.token.hex[:8], name, picture, store)
            for name, picture in made.pictures.items()
        }
        with transaction.atomic():
            attempt.finish(facts=made.facts, pictures=pictures, progress={})


def _stored(row: Explanation, mark: str, name: str, picture: "Image.Image", store: Any) -> dict[str, Any]:
    kind, ending = ("PNG", "png") if picture.mode == "RGBA" else ("JPEG", "jpg")
    out = io.BytesIO()
    picture.save(out, kind, quality=90)
    file = store(f"{row.folder}/{row.kind}-{name}-{mark}.{ending}", out.getvalue())
    return {"file": file, "width": picture.width, "height": picture.height}
