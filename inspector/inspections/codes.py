"""What a photo says about itself: a code printed on the part, and the time the camera noted.

Runs in the worker, beside the judging; nothing in here fails a photo.
"""

import io
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from PIL import Image

log = logging.getLogger(__name__)
# Tags of EXIF: its directory, the time of the shot, and that time's distance from UTC.
EXIF, TAKEN, OFFSET = 0x8769, 0x9003, 0x9011
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
MOST_PIXELS = 16_000_000  # searched; larger photos are shrunk, so that none is given up because of its code
NO_CODE, SEVERAL = "no code read", "several different codes read, none used"
FORMATS = {"datamatrix": "DataMatrix", "qr": "QRCode", "code128": "Code128"}


@dataclass(frozen=True, slots=True)
class Look:
    """What to look for: kinds of codes, in a region (left, top, right, bottom in percent); the EXIF time."""

    kinds: tuple[str, ...] = ()
    region: tuple[int, int, int, int] = (0, 0, 100, 100)
    exif: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """`code`: its text; empty where none was read, and `note` says so."""

    code: str = ""
    note: str = ""
    taken: datetime | None = None


def see(image: Image.Image, content: bytes, look: Look) -> Seen:
    """`image` is the decoded photo, `content` its file."""
    taken = _taken(content) if look.exif else None
    texts = _texts(image, look) if look.kinds else None
    if texts is None:
        return Seen(taken=taken)
    if len(texts) == 1:
        return Seen(texts.pop(), taken=taken)
    # Which of several is meant is unknown: a wrong serial is worse than none.
    return Seen(note=SEVERAL if texts else NO_CODE, taken=taken)


def _texts(image: Image.Image, look: Look) -> set[str]:
    try:
        import zxingcpp  # the worker only

        formats = zxingcpp.barcode_formats_from_str(
            ",".join(FORMATS[kind] for kind in look.kinds if kind in FORMATS)
        )
        barcodes = zxingcpp.read_barcodes(_region(image, look.region), formats=formats)
        return {one.text for one in barcodes if one.valid and one.text.strip()}
    except Exception:
        log.exception("looking for a code failed; the photo is judged all the same")
        return set()


def _region(image: Image.Image, region: tuple[int, int, int, int]) -> Image.Image:
    part = image if region == (0, 0, 100, 100) else image.crop(_box(image.size, region))
    grey = part.convert("L")
    times = (grey.width * grey.height / MOST_PIXELS) ** 0.5
    if times > 1:
        grey.thumbnail((int(grey.width / times), int(grey.height / times)), Image.Resampling.BOX)
    return grey


def _box(size: tuple[int, int], region: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    width, height = size
    left, top, right, bottom = region
    return (
        width * left // 100,
        height * top // 100,
        max(width * left // 100 + 1, width * right // 100),
        max(height * top // 100 + 1, height * bottom // 100),
    )


def _taken(content: bytes) -> datetime | None:
    """None for what is not a time, and for impossible times."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            noted = image.getexif().get_ifd(EXIF)
        moment = datetime.strptime(str(noted[TAKEN]).strip("\0 "), "%Y:%m:%d %H:%M:%S")
        zone = datetime.strptime(noted[OFFSET].strip("\0 "), "%z").tzinfo if OFFSET in noted else None
        moment = moment.replace(tzinfo=zone or ZoneInfo(settings.TIME_ZONE))
    except Exception:
        return None
    return moment if EARLIEST < moment < datetime.now(UTC) + timedelta(days=1) else None
