"""What can go wrong, as exception types. Each message says what is wrong and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

_SHOWN = 5


class DetectionError(Exception):
    """Base class of everything this package refuses to do.

    code: stable, for programs; the message is for people. details: the wording of a library's own error, for
    logs and fold-outs, never for a message.
    """

    code = "detection"

    def __init__(self, message: str = "", *, details: str = "") -> None:
        super().__init__(message)
        self.details = details


class UnreadableImage(DetectionError):
    """A file that is not a supported photo.

    `code` is one of `empty`, `not_an_image`, `truncated`, `unsupported_format`, `animated`,
    `too_many_pixels`, `too_many_bytes`, `undecodable`. `why` is the message without the name of the `file`;
    the message begins with that name where it is known.
    """

    def __init__(self, code: str, why: str, file: Path | None = None) -> None:
        self.code, self.why, self.file = code, why, file
        super().__init__(self.describe())

    def describe(self, name_of: Callable[[Path], str] = lambda path: path.name) -> str:
        """The message. name_of: what the file is called in it."""
        return f"{name_of(self.file)}: {self.why}" if self.file else self.why


class BadDataset(DetectionError):
    """A folder that is not a category in MVTec AD layout, or contains too few images."""

    code = "bad_dataset"


class UnreadablePhotos(BadDataset):
    """Some of the `total` photos of a category that were read are not supported."""

    def __init__(self, photos: Sequence[UnreadableImage], total: int) -> None:
        self.photos, self.total = tuple(sorted(photos, key=str)), total
        super().__init__(self.describe())

    def describe(self, name_of: Callable[[Path], str] = lambda path: "/".join(path.parts[-3:])) -> str:
        """The message, which names the first few. name_of: what a file is called in it; by default with its
        folders, as test/good/00.png, because other folders may have a file of that name."""
        count = len(self.photos)
        shown = " ".join(photo.describe(name_of) for photo in self.photos[:_SHOWN])
        more = f" (and {count - _SHOWN} more)" if count > _SHOWN else ""
        return f"{count} of {self.total} photos cannot be read; remove or replace them. {shown}{more}"


class BadArtifact(DetectionError):
    """A run folder that is incomplete, has another format version, or does not match its hashes."""

    code = "bad_artifact"


class BadOptions(DetectionError):
    """A training option that is out of range; the message names the option and the range."""

    code = "bad_options"


class LibraryMissing(BadOptions):
    """An option that needs an optional library, such as timm, that is not installed here."""


class WeightsMissing(DetectionError):
    """The weights of a pretrained backbone are not on this machine and cannot be downloaded, or a file does
    not contain them."""

    code = "weights_missing"


class CannotWrite(DetectionError):
    """A folder that cannot be written to; the message names it.

    `code` is one of `disk_full`, `read_only`, `not_permitted`.
    """

    def __init__(self, code: str, text: str, folder: object) -> None:
        super().__init__(text.format(folder=folder))
        self.code = code
        self.text = text


class Cancelled(DetectionError):
    """`should_stop` returned True; nothing was written to the run folder."""

    code = "cancelled"
