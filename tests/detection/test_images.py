"""Every kind of file people send: what is taken, what is refused and in which words."""

import io
import struct
import tracemalloc
import zlib

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from detection import UnreadableImage
from detection.photos.images import EXTENSIONS, PLAIN, decode, load, probe

RED = (200, 30, 40)
pillow_heif.register_heif_opener()


def photo(size=(48, 32), colour=RED, mode="RGB"):
    return Image.new("RGB", size, colour).convert(mode)


def saved(image, format, **options):
    file = io.BytesIO()
    if format == "HEIC":
        image.save(file, "HEIF", quality=-1, chroma=444, **options)
    elif format == "PFM":
        image.convert("F").save(file, "PPM")
    else:
        image.save(file, {"PNM": "PPM"}.get(format, format), **options)
    return file.getvalue()


def noise(size=(64, 64)):
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8))


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of(width, height, *chunks):
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IEND", b"")


def refused(data, filename=None, **limits):
    with pytest.raises(UnreadableImage) as caught:
        probe(io.BytesIO(data), filename=filename, **limits)
    return caught.value


@pytest.mark.parametrize("format", EXTENSIONS)
def test_every_format_taken_is_probed_and_decoded(format):
    data = saved(photo(), format)
    info = probe(io.BytesIO(data), filename="part" + EXTENSIONS[format][0].upper())
    assert (info.format, info.width, info.height, info.bytes) == (format, 48, 32, len(data))
    image = decode(data)
    assert (image.mode, image.size) == ("RGB", (48, 32))
    red = np.mean(np.asarray(photo().convert("L"))) if format == "PFM" else RED
    assert np.allclose(np.asarray(image), red, atol=6)


@pytest.mark.parametrize(
    ("data", "filename", "code", "says"),
    [
        (b"", "a.png", "empty", "0 bytes"),
        (b"hello, this is text", "a.png", "not_an_image", "not an image"),
        (saved(photo(), "GIF"), "a.gif", "unsupported_format", "JPEG or PNG"),
        (b"%PDF-1.7 ...", "a.pdf", "unsupported_format", "export the picture"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "a.mp4", "unsupported_format", "Videos"),
        (saved(photo(), "JPEG2000", no_jp2=True), "a.j2k", "unsupported_format", "JPEG 2000 files"),
        (b"v/1\x01\x02\0\0\0", "a.exr", "unsupported_format", "OpenEXR files"),
    ],
)
def test_refused_by_its_first_bytes(data, filename, code, says):
    error = refused(data, filename)
    assert error.code == code
    assert says in str(error)


def test_a_photo_without_extension_is_taken():
    assert probe(io.BytesIO(saved(photo(), "PNG")), filename="pasted").format == "PNG"


@pytest.mark.parametrize("format", ["PNG", "WebP", "TIFF"])
def test_several_frames_or_pages_are_refused(format):
    frames = [noise(), photo((64, 64))]
    assert refused(saved(frames[0], format, save_all=True, append_images=frames[1:])).code == "animated"


def test_a_png_of_50000_by_50000_px_costs_nothing():
    data = png_of(50_000, 50_000, chunk(b"IDAT", zlib.compress(bytes(1000))))
    tracemalloc.start()
    error = refused(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert error.code == "too_many_pixels"
    assert "50,000 x 50,000" in str(error)
    assert "60.0 megapixels" in str(error)
    assert peak < 1_000_000
    with pytest.raises(UnreadableImage, match="megapixels"):
        decode(data)


def test_limits_are_named():
    data = saved(noise(), "BMP")
    error = refused(data, max_bytes=1024)
    assert error.code == "too_many_bytes"
    # What the file has is not known for sure: of a large upload only the start is kept.
    assert "larger than 0 MB" in str(error)
    error = refused(data, max_pixels=1000)
    assert error.code == "too_many_pixels"
    assert "64 x 64 px" in str(error)


@pytest.mark.parametrize("format", EXTENSIONS)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.97])
def test_a_cut_off_file_says_so_and_nothing_else_escapes(format, share):
    data = saved(noise(), format)
    with pytest.raises(UnreadableImage) as caught:
        decode(data[: int(len(data) * share)])
    assert caught.value.code in ("truncated", "undecodable")
    if format in ("JPEG", "PNG", "BMP") and share >= 0.3:
        assert caught.value.code == "truncated"


@pytest.mark.filterwarnings("ignore")  # what Pillow thinks of damaged EXIF
@pytest.mark.parametrize("format", EXTENSIONS)
def test_random_damage_never_escapes_as_another_error(format):
    data = saved(noise(), format)
    random = np.random.default_rng(1)
    for _ in range(60):
        broken = bytearray(data)
        for place in random.integers(4, len(data), 8):
            broken[place] = random.integers(256)
        for look in (lambda b: probe(io.BytesIO(b)), decode):
            try:
                look(bytes(broken))
            except UnreadableImage as error:
                assert str(error).endswith(".")


def test_16_bit_grey_is_scaled_by_the_full_range():
    values = np.array([[0, 257, 32896, 65535]], dtype=np.uint16)
    for format in ("PNG", "TIFF"):
        data = saved(Image.fromarray(values), format)
        assert "16-bit" in probe(io.BytesIO(data)).note
        assert np.asarray(decode(data))[0, :, 0].tolist() == [0, 1, 128, 255]


def test_floating_point_keeps_light_and_dark():
    values = np.array([[0.0, 0.5, 1.0, np.nan]], dtype=np.float32)
    data = saved(Image.fromarray(values), "TIFF")
    assert np.asarray(decode(data))[0, :, 1].tolist() == [0, 128, 255, 0]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK"])
def test_every_mode_becomes_rgb_and_is_noted(mode):
    format = "TIFF" if mode == "CMYK" else "PNG"
    data = saved(photo(colour=(255, 255, 255), mode=mode), format)
    assert probe(io.BytesIO(data)).note
    image = decode(data)
    assert image.mode == "RGB"
    assert np.asarray(image).min() >= 253


def test_cmyk_jpeg_keeps_its_colours():
    image = decode(saved(photo(mode="CMYK"), "JPEG", quality=95))
    assert np.allclose(np.asarray(image), RED, atol=6)


def test_transparent_parts_become_white_whatever_is_hidden_below():
    hidden = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    assert np.asarray(decode(saved(hidden, "PNG"))).min() == 255
    palette = photo((8, 8), mode="P")
    assert np.asarray(decode(saved(palette, "PNG", transparency=0))).shape == (8, 8, 3)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_a_photo_of_which_nothing_is_visible_says_so(mode):
    """Some cameras' programs leave the alpha channel of all pixels at 0."""
    seen, clear = photo(mode=mode), photo(mode=mode)
    clear.putalpha(0)
    assert load(saved(seen, "PNG")).note(PLAIN) == ""
    assert "all of the photo is transparent" in load(saved(clear, "PNG")).note(PLAIN)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WebP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(format, orientation):
    lying = Image.new("RGB", (32, 16), "black")
    lying.paste("white", (0, 0, 8, 8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(lying, format, exif=exif)
    image = decode(data)
    info = probe(io.BytesIO(data))
    assert (info.width, info.height) == image.size == ((16, 32) if orientation >= 5 else (32, 16))
    corners = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}
    x, y = corners[orientation]
    assert image.getpixel((x * (image.width - 1), y * (image.height - 1)))[0] > 200
    assert ("upright" in info.note) == (orientation != 1)


@pytest.mark.filterwarnings("ignore")  # what Pillow thinks of damaged EXIF
def test_broken_or_huge_metadata_does_not_cost_the_photo():
    exif = b"Exif\0\0" + b"II*\0" + b"\xff" * 60_000
    assert decode(saved(photo(), "JPEG", exif=exif)).size == (48, 32)
    assert decode(saved(photo(), "JPEG", icc_profile=b"\0" * 200_000)).size == (48, 32)
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(80_000_000)))
    pixels = chunk(b"IDAT", zlib.compress(bytes([0, *RED])))
    data = png_of(1, 1, text, pixels, text)
    assert probe(io.BytesIO(data)).width == 1
    assert decode(data).getpixel((0, 0)) == RED


def test_a_stream_is_left_at_its_start(tmp_path):
    stream = io.BytesIO(saved(photo(), "PNG"))
    stream.read(10)
    probe(stream)
    assert stream.tell() == 0
    path = tmp_path / "part.png"
    path.write_bytes(stream.getvalue())
    assert probe(path).format == "PNG"
    assert decode(path).size == decode(str(path)).size == decode(stream).size


def test_the_first_picture_of_a_multi_picture_jpeg_is_the_photo():
    data = saved(photo(), "MPO", save_all=True, append_images=[photo(colour=(0, 0, 0))])
    assert probe(io.BytesIO(data), filename="phone.jpg").format == "JPEG"
    assert np.allclose(np.asarray(decode(data)), RED, atol=4)
