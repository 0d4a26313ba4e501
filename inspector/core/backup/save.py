"""Making a backup."""

from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from inspector.core.backup import database, stored
from inspector.core.backup.manifest import Manifest
from inspector.core.errors import Refused


def save(folder: Path, on_file: stored.OnFile = lambda number, name: None) -> Manifest:
    """Copy the database, then the files, into a new folder. Refused "folder_in_use", "inside_storage"
    or "storage_away"."""
    if not settings.STORAGE_URL and folder.resolve().is_relative_to(Path(settings.MEDIA_ROOT).resolve()):
        raise Refused(
            "inside_storage",
            f"{folder} is among the photos, so the backup would contain itself. Choose a folder elsewhere.",
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(
            "folder_in_use",
            f"{folder} is not empty. Choose a new folder, such as {folder}/{timezone.localdate():%Y-%m-%d}.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    # It holds password hashes and all photos.
    folder.chmod(0o700)
    manifest = Manifest(
        timezone.now().isoformat(timespec="seconds"), connection.vendor, database.migrations()
    )
    database.save(folder / "database", manifest)
    manifest.files = stored.save(folder / "files", on_file)
    if not manifest.files and next(stored.columns(), None):
        raise Refused(
            "storage_away",
            "There is not one file in the storage, although records refer to some: it may not be mounted. "
            f"Mount it, then make another backup; the one in {folder} is unfinished.",
        )
    manifest.write(folder)
    return manifest
