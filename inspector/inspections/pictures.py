"""From the stored photo to what the detector looks at, and from its answer to pictures for people.

Runs in threads beside the detector, so it touches storage and pixels, never the database.
"""

import io
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from PIL import Image

from detection import MapScale, Prediction
from detection.drawing import contours, heatmap
from detection.learning.memory import give_back
from detection.photos import images, measures
from inspector.core import files, lanes
from inspector.inspections.codes import Look, Seen, see
from inspector.inspections.sizes import LARGE, LAYER_SIDE, PREVIEW_SIDE, THUMBNAIL_SIDE, fit

NOTHING = Seen()
one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Photo:
    """A decoded photo: as the detector sees it, and at screen size for people."""

    prepared: Any
    preview: Image.Image
    seconds: float
    note: str = ""
    brightness: float | None = None
    sharpness: float | None = None
    seen: Seen = NOTHING


@dataclass(frozen=True, slots=True)
class Drawn:
    """Storage names by kind of picture."""

    names: dict[str, str]
    seconds: float


def read(
    name: str, prepare: Callable[[Image.Image], Any], levels: images.Levels, look: Look | None = None
) -> Photo:
    """Decode a stored photo, once, and `look` at what it says of itself. Raises UnreadableImage, or what the
    storage raises.

    Only here is the full-size photo in memory: sixteen photos of a good camera would fill the memory.
    """
    start = time.perf_counter()
    content = files.read(name)
    lanes.within("decode", settings.JUDGE_SECONDS)
    with _room(content):
        lanes.within("decode", settings.JUDGE_SECONDS)  # not counting the wait for room
        prepared, preview, note, seen = _decoded(content, prepare, levels, look)
    grey = preview.convert("L")
    bright, sharp = round(measures.brightness(grey), 3), round(measures.sharpness(grey), 3)
    return Photo(prepared, preview, time.perf_counter() - start, note, bright, sharp, seen)


def _decoded(
    content: bytes, prepare: Callable[[Image.Image], Any], levels: images.Levels, look: Look | None
) -> tuple[Any, Image.Image, str, Seen]:
    photo = images.load(content)
    preview = _preview(photo.shown(levels)) if photo.deep else None
    image, note = photo.rgb(levels), photo.note(levels)
    # The values of a deep photo take as much as the picture that is made of them.
    del photo
    seen = see(image, content, look) if look else NOTHING
    return prepare(image), preview or _preview(image), note, seen


@contextmanager
def _room(content: bytes) -> Iterator[None]:
    """Large photos are decoded one at a time: two of the largest at once would take over 1 GB.

    What one leaves behind in the C library's heap is given back, or the next one's would be added to it.
    """
    info = images.probe(io.BytesIO(content), max_bytes=len(content))
    if info.width * info.height <= LARGE:
        yield
        return
    with one_at_a_time:
        give_back()  # of one that could not be decoded, too, which its error held on to
        yield
        give_back()


def _preview(image: Image.Image) -> Image.Image:
    if max(image.size) <= PREVIEW_SIDE:
        return image
    return image.resize(fit(image.size, PREVIEW_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)


def draw(original: str, mark: str, preview: Image.Image, prediction: Prediction, scale: MapScale) -> Drawn:
    """Write the pictures of one inspection beside its original.

    `mark` is the claim's: a worker that lost its claim never writes over the pictures of another.
    """
    start = time.perf_counter()
    layer = fit(preview.size, LAYER_SIDE)
    pictures = {
        "preview.jpg": _jpeg(preview),
        "thumbnail.jpg": _jpeg(_shrunk(preview, THUMBNAIL_SIDE), quality=80),
        "heatmap.png": _png(heatmap.render(prediction.anomaly_map, scale, layer)),
        "contours.svg": contours.render_svg(prediction.anomaly_map, scale, layer).encode(),
    }
    if prediction.reconstruction is not None:
        reconstruction = Image.fromarray(prediction.reconstruction)
        pictures["reconstruction.jpg"] = _jpeg(reconstruction.resize(layer, Image.Resampling.BICUBIC))
    return Drawn(_store(PurePosixPath(original).parent, mark, pictures), time.perf_counter() - start)


def show(original: str, mark: str, preview: Image.Image) -> Drawn:
    """Write the pictures of a photo that gets no verdict: no map says where."""
    start = time.perf_counter()
    pictures = {
        "preview.jpg": _jpeg(preview),
        "thumbnail.jpg": _jpeg(_shrunk(preview, THUMBNAIL_SIDE), quality=80),
    }
    return Drawn(_store(PurePosixPath(original).parent, mark, pictures), time.perf_counter() - start)


def _store(folder: PurePosixPath, mark: str, pictures: dict[str, bytes]) -> dict[str, str]:
    names: dict[str, str] = {}
    with files.all_or_none() as store:
        for picture, content in pictures.items():
            kind, extension = picture.split(".")
            names[kind] = store(f"{folder}/{kind}-{mark}.{extension}", content)
    return names


def _shrunk(image: Image.Image, side: int) -> Image.Image:
    return image.resize(fit(image.size, side), Image.Resampling.BICUBIC, reducing_gap=2.0)


def _jpeg(image: Image.Image, quality: int = 88) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)  # a fifth of the default's time for a few more kilobytes
    return out.getvalue()
