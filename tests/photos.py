"""Photos for tests, made in memory: good parts, broken parts, and files that are not to be judged."""

import io
import struct
import zlib

import numpy as np
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw


def picture(seed: int = 0, size: tuple[int, int] = (64, 48), *, broken: bool = False) -> Image.Image:
    """A part: stripes with a little noise; a broken one has a dark blot."""
    width, height = size
    noise = np.random.default_rng(seed).normal(0, 4, (height, width, 3))
    stripes = 128 + 60 * np.sin(np.arange(width) / 5)
    pixels = stripes[None, :, None] + noise
    if broken:
        pixels[height // 4 : height // 2, width // 4 : width // 2] = 5
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def ring(seed: int = 0) -> Image.Image:
    """Another part."""
    photo = Image.fromarray(np.random.default_rng(seed).integers(190, 206, (48, 64, 3), dtype=np.uint8))
    ImageDraw.Draw(photo).ellipse((16 + seed % 3, 8, 48 + seed % 3, 40), outline=(120, 20, 20), width=7)
    return photo


def encoded(image: Image.Image, image_format: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, image_format, **options)
    return out.getvalue()


def photo(
    seed: int = 0, size: tuple[int, int] = (64, 48), image_format: str = "PNG", *, broken: bool = False
) -> bytes:
    """The bytes of one good (or broken) part."""
    return encoded(picture(seed, size, broken=broken), image_format)


def upload(content: bytes | None = None, name: str = "part.png") -> SimpleUploadedFile:
    """A file as a form brings it."""
    return SimpleUploadedFile(name, photo() if content is None else content)


def truncated() -> bytes:
    whole = photo(size=(200, 200))
    return whole[: len(whole) // 2]


def animated() -> bytes:
    frames = [picture(seed) for seed in range(3)]
    return encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=100)


def cmyk() -> bytes:
    return encoded(picture().convert("CMYK"), "JPEG")


def sixteen_bit() -> bytes:
    values = np.linspace(0, 65535, 64 * 48).reshape(48, 64).astype(np.uint16)
    return encoded(Image.fromarray(values), "PNG")


def huge_exif() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = "x" * 60_000
    return encoded(picture(), "JPEG", exif=exif)


def lying_on_its_side() -> bytes:
    """64 x 48 as stored, 48 x 64 as EXIF says it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(picture(), "JPEG", exif=exif)


def giant_png() -> bytes:
    """A few bytes that say they are 50,000 x 50,000 pixels."""
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


# What is refused: name as sent, content, the code that is told.
REFUSED = {
    "not an image": ("notes.txt", b"Dear sir or madam, " * 20, "not_an_image"),
    "text named .png": ("part.png", b"Dear sir or madam, " * 20, "not_an_image"),
    "truncated": ("cut.png", truncated()[:20], "truncated"),
    "empty": ("empty.png", b"", "empty"),
    "50,000 x 50,000": ("giant.png", giant_png(), "too_many_pixels"),
    "animated": ("moving.webp", animated(), "animated"),
    "GIF": ("part.gif", encoded(picture(), "GIF"), "unsupported_format"),
}

# What looks odd and is judged all the same.
ODD = {
    "CMYK": ("cmyk.jpg", cmyk()),
    "16-bit": ("deep.png", sixteen_bit()),
    "huge EXIF": ("exif.jpg", huge_exif()),
    "on its side": ("side.jpg", lying_on_its_side()),
    "grey": ("grey.png", encoded(picture().convert("L"))),
    "transparent": ("clear.png", encoded(picture().convert("RGBA"))),
    "palette": ("few.png", encoded(picture().convert("P"))),
    "TIFF": ("part.tif", encoded(picture(), "TIFF")),
    "BMP": ("part.bmp", encoded(picture(), "BMP")),
    "WebP": ("part.webp", encoded(picture(), "WEBP")),
    "no extension": ("pasted", photo()),
    "misnamed": ("part.jpg", photo()),
}
