"""Sizes of pictures, for those who make them and those who draw on them."""

PREVIEW_SIDE = 1600
THUMBNAIL_SIDE = 240
# Layers come from a map of some 256 px: more pixels would cost time and show nothing more.
LAYER_SIDE = 640
LARGE = 15_000_000  # pixels


def fit(size: tuple[int, int], side: int) -> tuple[int, int]:
    """The size with the same proportions whose longer side is at most `side`."""
    share = min(1.0, side / max(size))
    return max(1, round(size[0] * share)), max(1, round(size[1] * share))
