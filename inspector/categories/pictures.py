"""Samples as a browser can show them, made when first looked at and then kept in storage.

The web process decodes here, one photo at a time: a large one takes some 200 MB while it is read.
"""

import io
import threading
from collections.abc import Callable

from django.core.files.storage import default_storage
from PIL import Image, ImageChops, ImageFilter

from detection import images
from inspector.categories.models import Sample
from inspector.core import files

SIDES = {"thumbnail": 240, "preview": 1280}
MASK_SIDE = 640
# Magenta: no part and no defect has it, and it differs from light and dark in every way of seeing colour.
MASK_COLOUR = (255, 0, 200)
FILL, EDGE = 80, 255
one_at_a_time = threading.Lock()


def picture(sample: Sample, kind: str) -> str:
    """The storage name of a sample's "thumbnail" or "preview" (JPEG). Raises UnreadableImage."""
    name = f"samples/{sample.category.slug}/{kind}s/{sample.sha256}.jpg"
    return _once(name, lambda: _jpeg(_shrunk(_decoded(str(sample.image)), SIDES[kind])))


def outline(sample: Sample) -> str:
    """The storage name of the sample's mask as a layer to lay over it (PNG, transparent where it is good)."""
    name = f"samples/{sample.category.slug}/outlines/{sample.sha256}.png"
    return _once(name, lambda: _png(_layer(_decoded(str(sample.mask)).convert("L"))))


def _once(name: str, make: Callable[[], bytes]) -> str:
    if not default_storage.exists(name):
        with one_at_a_time:
            if not default_storage.exists(name):
                files.store(name, make())
    return name


def _decoded(name: str) -> Image.Image:
    with files.local_copy(name) as path:
        return images.decode(path, shown=True)


def _shrunk(image: Image.Image, side: int) -> Image.Image:
    image.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return image


def _layer(mask: Image.Image) -> Image.Image:
    """A thin fill and a clear edge: the defect itself stays visible."""
    mask = _shrunk(mask, MASK_SIDE).point(lambda value: 255 if value > 127 else 0)
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
