"""Files in storage: written under exact names, served to people, lent to code that needs a path.

Works the same on the local disk and on S3-compatible storage. A name is never used twice for
different content, so what is served may be kept by the browser for ever.
"""

import errno
import hashlib
import logging
import os
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile, gettempdir

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

from inspector.core.errors import Refused, writing_into
from inspector.core.faults import is_silent

log = logging.getLogger(__name__)


class NotAFile(OSError):
    """A folder, a pipe or a device lies where a file is expected."""


def store(name: str, content: "bytes | File[bytes]") -> str:
    """Write `content` under exactly `name`, over what was there; on the disk when this returns.

    Raises NoRoom where the disk takes no more, and leaves what was there.
    """
    file = ContentFile(content) if isinstance(content, bytes) else content
    path = _local_path(name)
    if path is None:
        if not getattr(default_storage, "file_overwrite", False):
            default_storage.delete(name)  # it would choose another name
        return default_storage.save(name, file)
    with writing_into(settings.MEDIA_ROOT):
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_aside(path, file)
    return name


@contextmanager
def all_or_none() -> "Iterator[Callable[[str, bytes | File[bytes]], str]]":
    """`store`, for files of which none must be left behind if the block fails."""
    names: list[str] = []

    def kept(name: str, content: "bytes | File[bytes]") -> str:
        names.append(name)
        return store(name, content)

    try:
        yield kept
    except BaseException:
        delete(names)
        raise


def serve(
    request: HttpRequest, name: str, *, content_type: str, filename: str, download: bool = False
) -> HttpResponseBase:
    """The file as a response: streamed, kept by the browser, 304 when it has it already, 404 when gone."""
    etag = f'"{hashlib.sha256(name.encode()).hexdigest()[:32]}"'
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    response = response or _file_response(name, content_type, filename, download)
    response["ETag"] = etag
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def read(name: str) -> bytes:
    """The file's content. Raises FileNotFoundError where it is gone, another OSError where storage fails."""
    path = _local_path(name)
    if path is None:
        with default_storage.open(name, "rb") as source:
            return bytes(source.read())
    # A pipe or a device in place of a file would block for ever, even in open().
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        _refuse_irregular(os.fstat(descriptor), path)
    except NotAFile:
        os.close(descriptor)
        raise
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def read_photo(name: str, sha256: str, called: str) -> bytes:
    """The content of a photo that people know as `called`, with this hash since it came.

    Raises Refused "photo_missing", or "photo_changed" where it is no longer what came in.
    """
    try:
        content = read(name)
    except FileNotFoundError:
        words = f"The photo {called} is missing from storage. Restore it from a backup."
        raise Refused("photo_missing", words) from None
    if hashlib.sha256(content).hexdigest() != sha256:
        words = f"The photo {called} is damaged in storage. Restore it from a backup."
        raise Refused("photo_changed", words)
    return content


def exists(name: str) -> bool:
    """Whether there is a file under this name; "" is none."""
    return bool(name) and bool(default_storage.exists(name))


def is_mounted(name: str) -> bool:
    """Whether storage has the uppermost folder of this name, or the bucket: otherwise all files are away, not
    this one."""
    path = _local_path(name.split("/")[0])
    return _bucket_is_there() if path is None else path.is_dir()


def _bucket_is_there() -> bool:
    """A bucket that is gone says of each file that it does not exist. Without permission to ask, assume it is
    there."""
    from botocore.exceptions import ClientError  # only where S3 is used

    bucket = default_storage.bucket  # type: ignore[attr-defined]
    try:
        bucket.meta.client.head_bucket(Bucket=bucket.name)
    except ClientError as refused:
        return refused.response["ResponseMetadata"]["HTTPStatusCode"] != 404
    return True


@contextmanager
def local_copy(name: str) -> Iterator[Path]:
    """A real path with the file's content: the file itself on a local disk, otherwise a temporary copy."""
    path = _local_path(name)
    if path is not None:
        with suppress(FileNotFoundError):  # reported where it is opened
            _refuse_irregular(path.stat(), path)
        yield path
        return
    with (
        default_storage.open(name, "rb") as source,
        NamedTemporaryFile(prefix="inspector-", suffix=Path(name).suffix) as copy,
    ):
        with writing_into(gettempdir()):
            shutil.copyfileobj(source, copy)
            copy.flush()
        yield Path(copy.name)


def fetch(name: str, folder: Path) -> Path:
    """A real path for as long as `folder` exists: the file itself on a local disk, otherwise a copy in
    `folder`.

    For many files at once, of which `local_copy` would hold every one open. The copy ends in the file's own
    name. A file that is gone gives a path to nothing.
    """
    path = _local_path(name)
    if path is not None:
        return path
    copy = folder / name
    copy.parent.mkdir(parents=True, exist_ok=True)
    with (
        suppress(FileNotFoundError),
        writing_into(folder),
        default_storage.open(name, "rb") as source,
        copy.open("wb") as target,
    ):
        shutil.copyfileobj(source, target)
    return copy


def delete(names: Iterable[str]) -> None:
    """Remove files that nothing refers to. Never raises: a file left over costs disk space only. A storage
    that does not answer is not asked for the others: somebody may wait for this, half a minute for each."""
    for name in names:
        try:
            default_storage.delete(name)
        except Exception as problem:
            log.warning("could not delete %s", name, exc_info=True)
            if is_silent(problem):
                return


def delete_folder(name: str) -> None:
    """Remove everything under a folder of storage. Never raises, as `delete`."""
    path = _local_path(name)
    if path is not None:
        shutil.rmtree(path, ignore_errors=True)
        return
    try:
        folders, names = default_storage.listdir(name)
    except Exception:
        log.warning("could not list %s", name, exc_info=True)
        return
    delete(f"{name}/{one}" for one in names if one)
    for folder in folders:
        delete_folder(f"{name}/{folder}")


def _local_path(name: str) -> Path | None:
    try:
        return Path(default_storage.path(name))
    except NotImplementedError:
        return None


def _refuse_irregular(status: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise NotAFile(errno.EINVAL, "Not a regular file", str(path))


def _write_aside(path: Path, file: "File[bytes]") -> None:
    """Written beside and renamed, so that a reader sees the whole file or none."""
    with NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as part:
        try:
            for chunk in file.chunks():
                part.write(chunk)
            part.flush()
            os.fchmod(part.fileno(), settings.FILE_UPLOAD_PERMISSIONS)
            os.fsync(part.fileno())
            Path(part.name).replace(path)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """The renaming itself must survive a power cut, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _file_response(name: str, content_type: str, filename: str, download: bool) -> FileResponse:
    path = _local_path(name)
    try:
        if path is not None:
            _refuse_irregular(path.stat(), path)
        file = default_storage.open(name, "rb")
    except (FileNotFoundError, NotAFile):
        raise Http404(f"{filename} is no longer in storage.") from None
    response = FileResponse(file, content_type=content_type, filename=filename, as_attachment=download)
    response.block_size = 64 * 1024  # Django's 4 KiB would be 400 reads for one photo
    return response
