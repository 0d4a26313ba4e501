"""Which category does a photo show? Answered from small copies of photos, before they are sent."""

import base64

import numpy as np

from detection.photos.view import SIDE, View
from detection.recognition import find, ranked, signature
from inspector.categories.models import Category
from inspector.core.errors import Conflict
from inspector.registry.known_parts import known_parts

BYTES = 3 * SIDE * SIDE


def view_of(pixels: str, aspect: float) -> View:
    """Of a photo squeezed to a square: its RGB values row by row, in base64. Raises ValueError."""
    try:
        values = base64.b64decode(pixels, validate=True)
    except ValueError as problem:
        raise ValueError("This is not valid base64.") from problem
    if len(values) != BYTES:
        raise ValueError(f"These are {len(values)} bytes; {SIDE} x {SIDE} RGB pixels have {BYTES}.")
    return View(np.frombuffer(values, np.uint8).reshape(SIDE, SIDE, 3), aspect)


def categories_of(views: list[View]) -> list[list[Category]]:
    """For each: the category that it shows, none where it fits none, or several that it fits about as well.

    Raises Conflict "no_known_part" where no category could be told from others.
    """
    known = {str(pk): part for pk, part in known_parts().items()}
    if not known:
        raise Conflict(
            "no_known_part",
            "No category knows what its part looks like: their versions were trained on fewer than 10 good "
            "photos, or by an older release. Choose the category yourself; an admin can retrain them.",
        )
    fits = [find(ranked(signature(view), known)) for view in views]
    categories = Category.objects.in_bulk({int(one.category) for each in fits for one in each})
    # One may have been deleted meanwhile.
    return [[categories[pk] for one in each if (pk := int(one.category)) in categories] for each in fits]
