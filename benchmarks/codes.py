"""How long looking for a code takes in photos of 3, 12 and 24 megapixels, in ms: with and without a code, in
the whole photo and in a part of it.

python -m benchmarks.codes

On an even surface, like that of cast or machined parts, and on noise, where any pixel might begin a code.
"""

import statistics
import time
from itertools import product
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

SIZES = {"3 MP": (2048, 1536), "12 MP": (4000, 3000), "24 MP": (6000, 4000)}
REGIONS = {"all of it": (0, 0, 100, 100), "30 % by 30 %": (0, 0, 30, 30)}
KINDS = ("datamatrix", "qr", "code128")
REPEATS = 7


def main() -> None:
    from inspector.inspections.codes import Look, see

    print("| photo | surface | code | region | p50 ms | worst ms |\n|---|---|---|---|---|---|")
    for size, surface, there in product(SIZES, ("even", "noise"), (True, False)):
        photo = _photo(SIZES[size], surface, there)
        for region, box in REGIONS.items():
            look = Look(KINDS, box)
            outcome = "read" if see(photo, b"", look).code else "none"
            times = [_timed(see, photo, b"", look) for _ in range(REPEATS)]
            times_shown = f"{statistics.median(times):.0f} | {max(times):.0f}"
            print(f"| {size} | {surface} | {outcome} | {region} | {times_shown} |", flush=True)


def _photo(size: tuple[int, int], surface: str, there: bool) -> Image.Image:
    import zxingcpp

    values = np.random.default_rng(0).normal(140, 25, (size[1], size[0])).clip(0, 255).astype(np.uint8)
    grey = Image.fromarray(values)
    photo = (grey.filter(ImageFilter.GaussianBlur(4)) if surface == "even" else grey).convert("RGB")
    if there:
        code = zxingcpp.create_barcode("SN0815-4711", zxingcpp.BarcodeFormat.DataMatrix)
        drawn = Image.fromarray(np.asarray(zxingcpp.write_barcode_to_image(code, scale=10)))
        photo.paste(drawn.convert("RGB"), (200, 200))
    return photo


def _timed(act: Any, *about: Any) -> float:
    start = time.perf_counter()
    act(*about)
    return 1000 * (time.perf_counter() - start)


if __name__ == "__main__":
    import os

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    main()
