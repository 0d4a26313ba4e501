"""What can go wrong, as types. Every message says what is wrong and what to do about it."""


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
    `animated`, `too_many_pixels`, `too_many_bytes`, `undecodable`.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class BadDataset(DetectionError):
    """A folder that is not a category in MVTec AD layout, or has too few images."""

    code = "bad_dataset"


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
