"""Notes about a folder: what was read from sub-folders, and what was not read and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath

from detection.datasets.pairing import Paired
from detection.datasets.walk import Listing
from detection.names import printable
from detection.types import Note

_OF_GOOD = ("mask of a good photo is not used", "masks of good photos are not used")


def notes(
    root: Path, read: Sequence[tuple[str, Sequence[PurePath]]], rest: Listing, paired: Paired
) -> Iterator[Note]:
    """read: names of folders, and the paths of their photos inside them. rest: what is not used."""
    yield from _sub_folders(read)
    for code, one, more, files in (
        ("passed_over", "picture is not used", "pictures are not used", rest.skipped),
        ("not_opened", "folder is not used", "folders are not used", rest.unopened),
        ("not_photos", *_kinds(rest.others), [(path, "") for path in rest.others]),
        ("mask_lost", "mask is not used", "masks are not used", paired.lost),
        ("mask_of_good", *_OF_GOOD, [(path, "") for path in paired.good]),
    ):
        if files:
            yield _note(root, code, f"1 {one}" if len(files) == 1 else f"{len(files):,} {more}", files)


def _sub_folders(read: Sequence[tuple[str, Sequence[PurePath]]]) -> Iterator[Note]:
    parts = []
    for shown, photos in read:
        deep = [path for path in photos if len(path.parts) > 1]
        below = {parent for path in deep for parent in path.parents if parent.parts}
        if deep:
            where = "1 sub-folder" if len(below) == 1 else f"{len(below):,} sub-folders"
            count = "1 photo" if len(photos) == 1 else f"{len(photos):,} photos"
            parts.append(f"{printable(shown)}: {count}, {len(deep):,} of them in {where}")
    if parts:
        yield Note("sub_folders", f"{'; '.join(parts)}. All of them are used.")


def _kinds(others: Sequence[Path]) -> tuple[str, str]:
    kinds = Counter(path.suffix.lower() or "without an extension" for path in others).most_common()
    listed = f" ({', '.join(f'{n} {kind}' for kind, n in kinds)})" if len(kinds) > 1 else ""
    return "file is skipped: it is not a photo", f"files are skipped: they are not photos{listed}"


def _note(root: Path, code: str, what: str, files: Sequence[tuple[Path, str]]) -> Note:
    return Note(code, f"{what}.", tuple((_shown(root, path), why) for path, why in sorted(files)))


def _shown(root: Path, path: Path) -> str:
    return printable(path.relative_to(root).as_posix() if path.is_relative_to(root) else path)
