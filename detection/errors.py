"""What can go wrong, as types. Every message says what is wrong and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

_SHOWN = 5


class DetectionError(Exception):
    """Anything this package refuses to do. `code` is stable, for programs; the text is for people.

    `details` is what a library said, word for word: for a log or a fold-out, never for a message.
    """

    code = "detection"

    def __init__(self, message: str = "", *, details: str = "") -> None:
        super().__init__(message)
        self.details = details


class UnreadableImage(DetectionError):
    """A file that is not a photo this package takes.

    `code` is one of `empty`, `not_an_image`, `truncated`, `unsupported_format`,
    `animated`, `too_many_pixels`, `too_many_bytes`, `undecodable`. `why` is the message without the name of
    the `file`, which stands in front of it where it is known.
    """

    def __init__(self, code: str, why: str, file: Path | None = None) -> None:
        self.code, self.why, self.file = code, why, file
        super().__init__(self.told())

    def told(self, name_of: Callable[[Path], str] = lambda path: path.name) -> str:
        """The message; name_of: what people call the file."""
        return f"{name_of(self.file)}: {self.why}" if self.file else self.why


class BadDataset(DetectionError):
    """A folder that is not a category in MVTec AD layout, or has too few images."""

    code = "bad_dataset"


class UnreadablePhotos(BadDataset):
    """Photos of a category, of `total` that were looked at, which this package does not take."""

    def __init__(self, photos: Sequence[UnreadableImage], total: int) -> None:
        self.photos, self.total = tuple(sorted(photos, key=str)), total
        super().__init__(self.told())

    def told(self, name_of: Callable[[Path], str] = lambda path: path.name) -> str:
        """The message, with the first of them; name_of: what people call a file."""
        count = len(self.photos)
        shown = " ".join(photo.told(name_of) for photo in self.photos[:_SHOWN])
        more = f" (and {count - _SHOWN} more)" if count > _SHOWN else ""
        return f"{count} of {self.total} photos cannot be read; remove or replace them. {shown}{more}"


class BadArtifact(DetectionError):
    """A run folder that is incomplete, of another format version, or not what its hashes say."""

    code = "bad_artifact"


class BadOptions(DetectionError):
    """A training option outside its range; the message names the option and the range."""

    code = "bad_options"


class WeightsMissing(DetectionError):
    """A pretrained backbone's weights are not here and cannot be had, or a file does not hold them."""

    code = "weights_missing"


class CannotWrite(DetectionError):
    """A folder that takes no more files; the message names it.

    `code` is one of `disk_full`, `read_only`, `not_permitted`.
    """

    def __init__(self, code: str, text: str, folder: object) -> None:
        super().__init__(text.format(folder=folder))
        self.code = code
        self.text = text


class Cancelled(DetectionError):
    """`should_stop` said so; nothing was written to the run folder."""

    code = "cancelled"
