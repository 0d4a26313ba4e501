"""Small copies of photos for people; large photos are decoded in a process of their own.

For programs that run for months with little memory, such as a web server: the memory that a large photo takes
while it is decoded is released with the process, and decoding that takes too long is stopped.
"""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

from PIL import Image

from detection.errors import UnreadableImage
from detection.photos import images

LARGE = 2_000_000  # pixels: 36 MB at the peak of the heaviest kind
SECONDS = 60


def small(path: Path, side: int, *, large: int = LARGE) -> Image.Image:
    """The photo as 8-bit RGB, no side longer than `side`; photos of more than `large` pixels are decoded
    in another process. Raises UnreadableImage."""
    info = images.probe(path, max_bytes=path.stat().st_size)
    return _here(path, side) if info.width * info.height <= large else _elsewhere(path, side)


def _here(path: Path, side: int) -> Image.Image:
    image = images.decode(path, shown=True)
    image.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return image


def _elsewhere(path: Path, side: int) -> Image.Image:
    command = [sys.executable, "-m", "detection.photos.shrink", str(path.resolve()), str(side)]
    try:
        # No shell, and the path is absolute.
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise UnreadableImage(
            "undecodable", f"The photo takes more than {SECONDS} s to decode: export it again as JPEG or PNG."
        ) from None
    if done.returncode or not done.stdout:
        code, _, message = done.stderr.decode(errors="replace").strip().rpartition("\n")[2].partition(": ")
        if not message or " " in code:
            code, message = "undecodable", "The photo could not be decoded: export it again as JPEG or PNG."
        raise UnreadableImage(code, message)
    return images.decode(done.stdout)


def main(path: str, side: str) -> None:
    try:
        image = _here(Path(path), int(side))
    except UnreadableImage as problem:
        sys.exit(f"{problem.code}: {problem}")
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    sys.stdout.buffer.write(out.getvalue())


if __name__ == "__main__":
    main(*sys.argv[1:])
