"""Small files that stand for gigabytes or minutes: refused by their headers, or decoded within bounds."""

import io

import numpy as np
import pytest
from PIL import Image, ImageFile

from benchmarks import hostile_files
from detection.errors import UnreadableImage
from detection.photos import images, limits, shrink
from detection.photos.limits import check_memory, check_size
from tests.photos import encoded, picture

REFUSED = {
    "png, 1 x 59,000,000": "100,000 px a side",
    "png, 16-bit colours, too many": "16-bit colour is",
    "png, 2,000,000 chunks": "chunks",
    "png, animation": "several frames",
    "jpeg, 5,000 scans": "more than 100 scans",
    "jpeg, line": "256 times",
    "jpeg, 2,000,000 comments": "segments",
    "jpeg, fill of 20 MB": "cut off|damaged",
    "tiff, 100,000 pages": "several pages|damaged",
    "tiff, 5,000,000 strips": "strips",
    "tiff, resolution of 3,000,000 numbers": "header is damaged",
    "tiff, 10,000,000 samples": "header is damaged",
    "tiff, giant tile": "megapixels",
    "tiff, 65,535 tags": "tags",
    "pgm, header of 20 MB": "header is damaged",
    "pgm, comment of 20 MB": "header is damaged",
    "pgm, letters": "ASCII PGM and PPM is 4.0",
    "bmp, short runs": "run-length-encoded BMP is",
    "webp, 1,000,000 chunks": "chunks",
}
TAKEN = (
    "png, profile of 200 MB",
    "png, exif of 20 MB",
    "jpeg, 400 profiles of 64 KB",
    "jpeg, exif that claims 300 MB",
    "jpeg, 99 scans",
    "tiff, pages within themselves",
)


@pytest.fixture
def nothing_decodes(monkeypatch):
    def load(self):
        raise AssertionError("decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
    monkeypatch.setattr("PIL._webp.WebPAnimDecoder", load)


@pytest.mark.parametrize(("name", "says"), REFUSED.items(), ids=REFUSED)
def test_refused_by_the_header(name, says, nothing_decodes):
    filename, make = hostile_files.KINDS[name]
    with pytest.raises(UnreadableImage, match=says) as refused:
        images.probe(io.BytesIO(make()), filename=filename)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("name", TAKEN)
def test_metadata_costs_nothing(name, nothing_decodes):
    filename, make = hostile_files.KINDS[name]
    assert images.probe(io.BytesIO(make()), filename=filename).width in (64, 1000)


@pytest.mark.parametrize("name", hostile_files.FORMATS)
def test_headers_are_read_without_decoding(name, nothing_decodes):
    info = images.probe(io.BytesIO(hostile_files.whole(name)))
    assert (info.width, info.height) == (320, 240)


@pytest.mark.parametrize("kind", ["P4", "P5", "P6"])
def test_pixels_of_pnm_are_no_header(kind):
    """Even where they are the bytes of spaces and comments."""
    maximum = "" if kind == "P4" else " 255"
    content = f"{kind} # by a camera\n640 480{maximum}\n".encode() + b" #\n" * 640 * 480
    assert images.probe(io.BytesIO(content)).width == 640


def test_photos_of_line_scan_cameras_are_taken():
    check_size(4096, 65_000, 300_000_000)
    check_size(600, 99_000, limits.MAX_PIXELS)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (lambda: hostile_files.png(6_300, 6_300, bits=16, data=9), "16-bit colour is 38.6"),
        (lambda: hostile_files.png(5_200, 5_200, bits=16, colour=6, data=9), "16-bit colour is 25.7"),
        (lambda: hostile_files.scans(7_400, 0), "progressive JPEG is 54.0"),
    ],
    ids=["colours", "alpha", "progressive"],
)
def test_kinds_that_take_more_memory_may_have_fewer_pixels(content, says):
    with pytest.raises(UnreadableImage, match=says):
        images.probe(io.BytesIO(content()))


def test_heavy_pixels_may_be_fewer():
    check_memory(7_700, 7_700, 9, "floats", 60_000_000)
    with pytest.raises(UnreadableImage, match=r"59\.3 megapixels; the limit for WebP is 31\.8"):
        check_memory(7_700, 7_700, 17, "WebP", 60_000_000)


def test_a_large_photo_is_made_small_elsewhere(tmp_path, monkeypatch):
    path = tmp_path / "large.png"
    path.write_bytes(encoded(picture(size=(300, 200))))
    monkeypatch.setattr(shrink, "_here", None)
    assert shrink.small(path, 60, large=1).size == (60, 40)


def test_what_cannot_be_made_small_says_why(tmp_path):
    path = tmp_path / "cut.png"
    path.write_bytes(encoded(picture(size=(300, 200)))[:2000])
    with pytest.raises(UnreadableImage, match="cut off") as refused:
        shrink.small(path, 60, large=1)
    assert refused.value.code == "truncated"


@pytest.mark.parametrize("band", [1, 100, 1_000_000])
@pytest.mark.parametrize("mode", ["RGBA", "F", "I;16"])
def test_band_by_band_is_the_same(monkeypatch, mode, band):
    monkeypatch.setattr(limits, "BAND", band)
    values = np.arange(48 * 64, dtype=np.float32).reshape(48, 64) / 3071
    if mode == "RGBA":
        image = picture().convert("RGBA")
        image.putalpha(Image.fromarray((values * 255).astype(np.uint8)))
        white = Image.new("RGBA", image.size, "white")
        expected = np.asarray(Image.alpha_composite(white, image).convert("RGB"))
    else:
        image = Image.fromarray(values if mode == "F" else (values * 65535).astype(np.uint16))
        scaled = np.asarray(image) if mode == "F" else np.asarray(image) / np.float32(65535)
        expected = np.rint(scaled * 255)[..., None].repeat(3, axis=2)
    decoded = np.asarray(images.decode(encoded(image, "TIFF")))
    assert np.abs(decoded.astype(int) - expected).max() <= (0 if mode == "RGBA" else 1)
