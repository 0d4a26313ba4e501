"""Formats of phones, cameras and machine vision: the content decides, and is judged whole or not at all."""

import io
import struct
import zlib

import numpy as np
import pillow_heif
import pytest
from PIL import Image, TiffImagePlugin

from detection import UnreadableImage
from detection.photos.images import FORMATS, TAKEN, decode, extent, load, probe
from detection.photos.levels import OLD, PLAIN, Extent, Levels, over, read
from tests.detection.test_images import chunk, noise, photo, saved

TWELVE = Levels({"uint16": (0.0, 4095.0)})


def tiff(values, *, tags=(), inner=None, order="<", packed=False):
    """A TIFF of one strip: values [H, W] or [H, W, 3], further `tags`, and `inner` the tags of a SubIFD.
    packed: compressed."""
    values = np.asarray(values)
    pixels = values.astype(values.dtype.newbyteorder(order)).tobytes()
    pixels = zlib.compress(pixels) if packed else pixels
    kind = {"u": 1, "i": 2, "f": 3}[values.dtype.kind]
    bands = values.shape[2] if values.ndim == 3 else 1
    entries = {
        256: (4, values.shape[1]),
        257: (4, values.shape[0]),
        258: (3, 8 * values.dtype.itemsize) if bands == 1 else (3, *[8 * values.dtype.itemsize] * bands),
        259: (3, 8 if packed else 1),
        262: (3, 1 if bands == 1 else 2),
        273: (4, 8),
        277: (3, bands),
        278: (4, values.shape[0]),
        279: (4, len(pixels)),
        339: (3, kind) if bands == 1 else (3, *[kind] * bands),
        **dict(tags),
    }
    at = 8 + len(pixels)
    tail = b""
    if inner is not None:
        entries[330] = (4, at)
        tail = directory(inner, at, order)
    body = pixels + tail
    start = b"II*\0" if order == "<" else b"MM\0*"
    return start + struct.pack(order + "I", 8 + len(body)) + body + directory(entries, 8 + len(body), order)


def directory(entries, at, order="<", following=0):
    """A directory of tags {number: (type, *values)}, as it lies in a file at the offset `at`."""
    codes, head, extra = {1: "B", 2: "c", 3: "H", 4: "I", 5: "I", 12: "d"}, b"", b""
    after = at + 2 + 12 * len(entries) + 4
    for number in sorted(entries):
        kind, *values = entries[number]
        data = b"".join(struct.pack(order + codes[kind], value) for value in values)
        if len(data) > 4:
            place = struct.pack(order + "I", after + len(extra))
            extra += data + b"\0" * (len(data) % 2)
        else:
            place = data.ljust(4, b"\0")
        head += struct.pack(order + "HHI", number, kind, len(values)) + place
    return struct.pack(order + "H", len(entries)) + head + struct.pack(order + "I", following) + extra


def ascii_tag(text):
    return (2, *[bytes([letter]) for letter in text.encode() + b"\0"])


def grey(data, **options):
    return np.asarray(decode(data, **options))[..., 0]


def ramp(high, dtype=np.uint16):
    return np.linspace(0, high, 64).reshape(8, 8).round().astype(dtype)


EIGHT = np.linspace(0, 255, 64).reshape(8, 8)


# --- What is taken ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "format", "note"),
    [
        ("part.png", "JPEG", "named .png but holds a JPEG"),
        ("part.JPG", "PNG", "named .jpg but holds a PNG"),
        ("notes.txt", "JPEG", "named .txt but holds a JPEG"),
        ("part.jpeg", "JPEG", ""),
        ("part", "JPEG", ""),
    ],
)
def test_a_misnamed_photo_is_taken_with_a_note(name, format, note):
    info = probe(io.BytesIO(saved(photo(), format)), filename=name)
    assert (info.format, info.note) == (format, note)


def test_formats_are_told_in_one_place():
    assert TAKEN == "JPEG, PNG, WebP, BMP, TIFF, HEIC, AVIF, PGM, PPM or PFM"
    assert {name for name, one in FORMATS.items() if not one.browsers} == {"TIFF", "HEIC", "PNM", "PFM"}
    with pytest.raises(UnreadableImage, match=TAKEN):
        decode(b"hello, this is text")


@pytest.mark.parametrize("orientation", [3, 6])
@pytest.mark.parametrize("format", ["HEIC", "AVIF"])
def test_photos_of_phones_are_upright(format, orientation):
    lying = Image.new("RGB", (64, 32), "black")
    lying.paste("white", (0, 0, 16, 16))
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(lying, format, exif=exif.tobytes())
    info, image = probe(io.BytesIO(data)), decode(data)
    assert (info.width, info.height) == image.size == ((64, 32) if orientation == 3 else (32, 64))
    corner = (image.width - 4, image.height - 4) if orientation == 3 else (image.width - 4, 4)
    assert image.getpixel(corner)[0] > 200


def test_several_pictures_in_a_heic_are_refused():
    file = pillow_heif.from_pillow(noise())
    file.add_from_pillow(photo((64, 64)))
    out = io.BytesIO()
    file.save(out)
    with pytest.raises(UnreadableImage, match="several pictures"):
        probe(io.BytesIO(out.getvalue()))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"P5\n# a camera\n3 1\n255\n\x00\x80\xff", [0, 128, 255]),
        (b"P5 3 1 65535\n" + np.array([0, 257, 65535], ">u2").tobytes(), [0, 1, 255]),
        (b"P5 3 1 4095\n" + np.array([0, 257, 4095], ">u2").tobytes(), [0, 16, 255]),
        (b"P5 3 1 15\n\x00\x08\x0f", [0, 136, 255]),
        (b"P2 3 1 255\n0 128 255\n", [0, 128, 255]),
        (b"P2 3 1 1023\n0 512 1023\n", [0, 128, 255]),
        (b"P6 1 1 255\n\x00\x80\xff", [0]),
        (b"P6 2 1 1023\n" + np.array([512, 0, 0, 1023, 0, 0], ">u2").tobytes(), [128, 255]),
        (b"P3 1 1 255 7 8 9", [7]),
        (b"P4 8 1\n\x0f", [255, 255, 255, 255, 0, 0, 0, 0]),
        (b"Pf 3 1 -1.0\n" + np.array([0, 0.5, 1], "<f4").tobytes(), [0, 128, 255]),
        (b"Pf 3 1 1.0\n" + np.array([0, 0.5, 1], ">f4").tobytes(), [0, 128, 255]),
    ],
)
def test_files_of_machine_vision_are_read(data, expected):
    assert probe(io.BytesIO(data)).format in ("PNM", "PFM")
    assert grey(data)[0].tolist() == expected


def test_a_pfm_is_stored_from_bottom_to_top():
    assert grey(b"Pf 1 2 -1\n" + np.array([0, 1], "<f4").tobytes())[:, 0].tolist() == [255, 0]


# --- TIFF ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("values", "tags"),
    [
        (ramp(65535), {}),
        (65535 - ramp(65535), {262: (3, 0)}),
        (255 - ramp(255, np.uint8), {262: (3, 0)}),
        (ramp(2**32 - 1, np.uint32), {}),
        (ramp(4095), {281: (3, 4095)}),
        # The greatest value of this one photo, not what the camera can.
        (ramp(4095), {281: (3, 4094)}),
        (np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8), {}),
    ],
)
def test_one_photo_is_judged_alike_however_its_values_are_stored(values, tags):
    assert np.allclose(grey(tiff(values, tags=tags)), EIGHT, atol=1)


def test_a_big_endian_tiff_is_judged_alike():
    assert np.allclose(grey(tiff(ramp(65535), order=">")), EIGHT, atol=1)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.float32])
def test_signed_values_and_floats_mean_the_same_however_they_are_stored(dtype, order, packed):
    values = ramp(4095, dtype) - dtype(100)
    assert np.array_equal(load(tiff(values, order=order, packed=packed)).deep.values, values)


def test_a_jpeg_in_a_tiff_is_read():
    data = saved(photo(), "TIFF", compression="jpeg", quality=95)
    assert np.allclose(np.asarray(decode(data)), (200, 30, 40), atol=6)


def test_a_palette_of_8_bits_is_not_black():
    colours = [*range(256)] * 3
    for scale in (1, 257):
        tags = {262: (3, 3), 320: (3, *[scale * colour for colour in colours])}
        assert np.array_equal(grey(tiff(ramp(255, np.uint8), tags=tags)), ramp(255, np.uint8))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (tiff(np.zeros((8, 8, 3), np.uint16), tags={284: (3, 2)}), "16-bit colours in separate planes"),
        (tiff(ramp(100, np.int8)), "signed 8-bit values"),
        (b"MM\0+\0\x08\0\0" + bytes(60), "big-endian BigTIFF"),
    ],
)
def test_what_would_be_read_as_other_values_is_refused(data, says):
    for look in (lambda: probe(io.BytesIO(data)), lambda: decode(data)):
        with pytest.raises(UnreadableImage, match=f"{says}, which is not supported: export it as PNG"):
            look()


def raw(make="NIKON CORPORATION", **tags):
    small = np.zeros((12, 16, 3), np.uint8)
    first = {254: (4, 1), 271: ascii_tag(make)} | tags.get("first", {})
    return tiff(small, tags=first, inner={254: (4, 0), 262: (3, 32803)} | tags.get("inner", {}))


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (raw(), "NEF"),
        (raw("SONY"), "ARW"),
        (raw(first={50706: (1, 1, 4, 0, 0)}), "DNG"),
        (raw("Camera", inner={262: (3, 2)}), ""),
        (tiff(ramp(4095), tags={262: (3, 34892), 50706: (1, 1, 4, 0, 0)}), "DNG"),
        (tiff(ramp(4095), tags={262: (3, 32803)}), ""),
        (b"II*\0\x10\0\0\0CR\x02\0" + bytes(60), "CR2"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "CR3"),
        (b"FUJIFILMCCD-RAW 0201", "RAF"),
        (b"IIU\0" + bytes(60), "RW2"),
        (b"IIRO" + bytes(60), "ORF"),
    ],
)
def test_camera_raw_is_refused_as_that(data, name):
    for look in (lambda: probe(io.BytesIO(data), filename="shot.dng"), lambda: decode(data)):
        with pytest.raises(UnreadableImage) as refused:
            look()
        said = f"This is a camera raw file{f' ({name})' if name else ''}: export it as JPEG, PNG or TIFF."
        assert (refused.value.code, str(refused.value)) == ("unsupported_format", said)


def pages(*kinds):
    """A TIFF of several pages, each with its NewSubfileType."""
    out = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(out) as file:
        for number, kind in enumerate(kinds):
            tags = TiffImagePlugin.ImageFileDirectory_v2()
            tags[254] = kind
            size = (12, 8) if kind else (48, 32)
            photo(size, (50 * number, 0, 0)).save(file, "TIFF", tiffinfo=tags)
            file.newFrame()
    return out.getvalue()


@pytest.mark.parametrize(
    ("kinds", "red"), [((0, 1), 0), ((0, 1, 1), 0), ((1, 0), 50), ((0, 4), 0), ((1,), 0)]
)
def test_a_thumbnail_is_no_second_page(kinds, red):
    data = pages(*kinds)
    info, image = probe(io.BytesIO(data)), decode(data)
    assert image.getpixel((3, 3)) == (red, 0, 0)
    assert (info.width, info.height) == image.size == ((12, 8) if kinds == (1,) else (48, 32))


def test_two_pages_are_two_pages():
    with pytest.raises(UnreadableImage, match="several pages"):
        probe(io.BytesIO(pages(0, 0)))
    with pytest.raises(UnreadableImage, match="several pages"):
        probe(io.BytesIO(pages(0, 1, 2)))


# --- Bits ------------------------------------------------------------------------------------
def png16(values, *chunks):
    """A PNG of 16-bit values [H, W] or [H, W, 2 to 4], the even ones with alpha; chunks after its header."""
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[values.shape[2] if values.ndim == 3 else 1]
    header = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], 16, colour, 0, 0, 0)
    rest = chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks) + rest


def test_the_range_is_what_holds_all_photos_of_a_category():
    levels = over([Extent("uint16", 3, 900), Extent("uint16", 9, 2944), Extent("float", 0, 0.4)])
    assert levels.as_dict() == {"uint16": [0, 4095], "float": [0, 1]}
    assert levels.bits() == 12
    assert read(levels.as_dict()) == levels
    assert read(None) == OLD
    assert over([Extent("uint16", 0, 900, 4095.0)]).bits() == 12
    assert over([Extent("float", -3, 7.5)]).ranges["float"] == (-8, 8)
    assert over([Extent("float", -0.01, 0.9)]).ranges["float"] == (0, 1)


@pytest.mark.parametrize("store", [png16, tiff])
def test_12_bits_in_16_keep_their_grey_levels(store):
    data = store(ramp(4095))
    assert extent(data) == Extent("uint16", 0, 4095)
    assert np.allclose(grey(data, levels=TWELVE), EIGHT, atol=1)
    assert grey(data).max() == 16
    assert np.allclose(grey(data, shown=True), EIGHT, atol=1)


@pytest.mark.parametrize("store", [png16, tiff])
def test_12_bits_in_16_keep_their_colours(store):
    values = np.stack([ramp(4095), ramp(4095)[::-1], ramp(1000)], axis=-1)
    image = np.asarray(decode(store(values), levels=TWELVE))
    assert np.allclose(image, values / 4095 * 255, atol=1)
    assert np.array_equal(np.asarray(decode(store(values))), values >> 8)
    assert "16-bit" in probe(io.BytesIO(store(values))).note


def test_12_bits_keep_their_colours_beside_a_fourth_channel():
    values = np.stack([ramp(4095), ramp(4095)[::-1], ramp(1000), ramp(65535)], axis=-1)
    image = np.asarray(decode(tiff(values, tags={338: (3, 0)}), levels=TWELVE))
    assert np.allclose(image, values[..., :3] / 4095 * 255, atol=1)


def test_12_bits_keep_their_grey_levels_beside_alpha():
    data = png16(np.stack([ramp(4095), np.full((8, 8), 65535)], axis=-1))
    assert np.allclose(np.asarray(decode(data, levels=TWELVE)), EIGHT[..., None], atol=1)
    assert load(data).note(TWELVE) == ""
    assert extent(data) == Extent("uint16", 0, 4095)
    clear = png16(np.stack([ramp(4095), np.where(ramp(4095) > 2000, 65535, 0)], axis=-1))
    assert np.array_equal(grey(clear, levels=TWELVE) == 255, (ramp(4095) <= 2000) | (ramp(4095) == 4095))


@pytest.mark.parametrize(
    "data",
    [
        tiff(ramp(4095), tags={281: (3, 65535)}),
        b"P5 8 8 65535\n" + ramp(4095).astype(">u2").tobytes(),
    ],
)
def test_the_white_of_the_type_says_nothing_of_the_camera(data):
    assert over([extent(data)]).bits() == 12


@pytest.mark.parametrize(
    "nothing", [np.int16(-(2**15)), np.int32(-(2**31)), np.float32(-3.4e38), np.float32(3.4e38)]
)
def test_where_a_scanner_measured_nothing_is_black_and_widens_no_range(nothing):
    heights = ramp(900, nothing.dtype)
    heights[0] = nothing
    data = tiff(heights)
    levels = over([extent(data)])
    assert list(levels.ranges.values()) == [(0, 1023)]
    image = grey(data, levels=levels)
    assert not image[0].any()
    assert np.allclose(image[1:], ramp(900)[1:] / 1023 * 255, atol=1)
    assert load(data).note(levels) == ""


def test_a_png_tells_its_bits():
    marked = chunk(b"sBIT", b"\x0c")
    assert np.allclose(grey(png16(ramp(4095), marked)), EIGHT, atol=1)
    # As the specification wants it, stretched to 16 bits already; however dark.
    for dark in (1, 32):
        stretched = (ramp(4095) << 4) // dark // 16 * 16
        assert np.allclose(grey(png16(stretched, marked)), EIGHT / dark, atol=2)


def test_what_a_file_says_counts_for_no_run_from_before():
    assert grey(tiff(ramp(4095), tags={281: (3, 4095)}), levels=OLD).max() == 16
    packed = Image.fromarray(ramp(65535))
    assert np.allclose(grey(saved(packed, "TIFF"), levels=OLD), EIGHT, atol=1)


def test_more_than_the_range_is_cut_off_and_said():
    bright = load(png16(ramp(9000)))
    assert np.asarray(bright.rgb(TWELVE)).max() == 255
    assert bright.note(TWELVE) == "values outside the 12 bits that the model was trained on were clipped"
    assert load(png16(ramp(4095))).note(TWELVE) == ""
    assert "uses 12 of 16 bits" in load(png16(ramp(4095))).note(PLAIN)
    assert load(png16(ramp(60000))).note(PLAIN) == ""
    assert load(saved(photo(), "PNG")).note(TWELVE) == ""


# --- Damage ----------------------------------------------------------------------------------
JPEGS = [{}, {"progressive": True}, {"restart_marker_rows": 1}, {"optimize": True}]


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("options", JPEGS)
def test_half_a_jpeg_with_an_end_mark_is_refused(options, mode):
    data = saved(noise((96, 96)).convert(mode), "JPEG", **options)
    with pytest.raises(UnreadableImage) as refused:
        decode(data[: len(data) // 2] + b"\xff\xd9")
    assert refused.value.code == "truncated"


@pytest.mark.parametrize("options", JPEGS)
def test_a_jpeg_with_zeros_in_the_middle_is_refused(options):
    data = saved(noise((96, 96)), "JPEG", quality=90, **options)
    for size in (512, 2048):
        start = len(data) // 2
        with pytest.raises(UnreadableImage) as refused:
            decode(data[:start] + bytes(size) + data[start + size :])
        assert refused.value.code in ("truncated", "undecodable")


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("options", JPEGS)
def test_a_jpeg_that_is_whole_is_taken(options, mode):
    data = saved(noise((96, 96)).convert(mode), "JPEG", **options)
    with Image.open(io.BytesIO(data)) as image:
        expected = np.asarray(image.convert("RGB"))
    ends = {
        "as it is": data,
        "without its end mark": data[:-2],
        "with half its end mark": data[:-1],
        "more after the end": data + b"more" * 300,
        "padded with zeros": data[:-2] + bytes(600) + b"\xff\xd9",
        "padded with ones": data[:-2] + b"\xff" * 10 + b"\xff\xd9",
    }
    for end, content in ends.items():
        assert np.array_equal(np.asarray(decode(content)), expected), end


def test_a_flat_jpeg_may_be_all_zeros():
    flat = saved(Image.new("L", (2000, 2000), 128), "JPEG", optimize=True)
    assert bytes(512) in flat
    assert np.asarray(decode(flat)).min() == 128


def test_a_png_with_other_bytes_than_were_written_is_refused():
    data = saved(noise(), "PNG", compress_level=0)
    middle = len(data) // 2
    with pytest.raises(UnreadableImage, match="damaged: copy or upload it again"):
        decode(data[:middle] + bytes(64) + data[middle + 64 :])
    assert decode(data[:-12]).size == (64, 64), "the end mark alone is missing"


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_adobe_deflate"])
def test_a_tiff_whose_strips_are_missing_is_refused(compression):
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[278] = 8
    data = bytearray(saved(noise((256, 256)), "TIFF", compression=compression, tiffinfo=tags))
    with Image.open(io.BytesIO(bytes(data))) as image:
        offsets = image.tag_v2[273]
    assert len(offsets) > 1
    place = bytes(data).index(struct.pack("<I", offsets[1]) + struct.pack("<I", offsets[2]))
    data[place : place + 4] = struct.pack("<I", len(data) + 1000)
    with pytest.raises(UnreadableImage):
        decode(bytes(data))


@pytest.mark.parametrize("format", ["WebP", "HEIC", "AVIF"])
def test_a_block_of_zeros_is_told_where_nothing_else_shows_damage(format):
    data = saved(noise((200, 200)), format)
    assert load(data).note(PLAIN) == load(data + bytes(600)).note(PLAIN) == ""
    middle = len(data) // 2
    try:
        photo = load(data[:middle] + bytes(1024) + data[middle + 1024 :])
    except UnreadableImage:
        return
    assert "contains a block of zeros" in photo.note(PLAIN)


def test_a_progressive_jpeg_that_ends_between_two_scans_is_told():
    data = saved(noise((96, 96)), "JPEG", progressive=True)
    last = data.rfind(b"\xff\xc4")
    assert load(data).note(PLAIN) == ""
    assert load(saved(noise().convert("L"), "JPEG", progressive=True)).note(PLAIN) == ""
    assert "may be cut off" in load(data[:last] + b"\xff\xd9").note(PLAIN)
