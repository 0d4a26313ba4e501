"""Samples as a browser can show them, made when first viewed and then kept in storage.

One photo at a time, and a large one in a process of its own: the web process itself stays small.
"""

import io
import threading
from collections.abc import Callable
from pathlib import PurePath

from django.core.files.storage import default_storage
from PIL import Image, ImageChops, ImageFilter

from detection.photos import shrink
from inspector.core import files
from inspector.samples.models import Sample

SIDES = {"thumbnail": 240, "preview": 1280}
MASK_SIDE = 640
# Magenta: no part and no defect has it, and it differs from light and dark with any kind of colour vision.
MASK_COLOUR = (255, 0, 200)
FILL, EDGE = 80, 255
one_at_a_time = threading.Lock()


def picture(sample: Sample, kind: str) -> str:
    """The storage name of a sample's "thumbnail" or "preview" (JPEG). Raises UnreadableImage."""
    name = f"samples/{sample.category.slug}/{kind}s/{sample.sha256}.jpg"
    return _once(name, lambda: _jpeg(_small(str(sample.image), SIDES[kind])))


def outline(sample: Sample) -> str:
    """The storage name of the sample's mask as a layer to lay over it (PNG, transparent where it is good)."""
    # By the mask's name: the same photo may come again with another mask.
    name = f"samples/{sample.category.slug}/outlines/{PurePath(str(sample.mask)).name}"
    return _once(name, lambda: _png(_layer(_small(str(sample.mask), MASK_SIDE).convert("L"))))


def _once(name: str, make: Callable[[], bytes]) -> str:
    if not default_storage.exists(name):
        with one_at_a_time:
            if not default_storage.exists(name):
                files.store(name, make())
    return name


def _small(name: str, side: int) -> Image.Image:
    with files.local_copy(name) as path:
        return shrink.small(path, side)


def _layer(mask: Image.Image) -> Image.Image:
    """A thin fill and a clear edge: the defect itself stays visible."""
    mask = mask.point(lambda value: 255 if value > 127 else 0)
    wide = mask.filter(ImageFilter.MaxFilter(5))
    edge = ImageChops.subtract(wide, mask).point(lambda value: EDGE if value else 0)
    fill = mask.point(lambda value: FILL if value else 0)
    layer = Image.new("RGB", mask.size, MASK_COLOUR)
    layer.putalpha(ImageChops.lighter(edge, fill))
    return layer


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=84)
    return out.getvalue()


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()
