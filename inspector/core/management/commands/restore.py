"""manage.py restore DIR"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inspector.core.backup.restore import restore
from inspector.core.errors import Refused
from inspector.core.management.said import megabytes, of_the_place, progress


class Command(BaseCommand):
    help = "Restore a backup: the database and all files. Stop web, workers and beat first."
    # Those ask the database, which may not be there yet.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--replace", action="store_true", help="replace existing records and files")

    def handle(self, *args: Any, folder: Path, replace: bool, **options: Any) -> None:
        try:
            backup = restore(folder, replace=replace, on_file=progress(self.stderr))
        except Refused as refused:
            raise CommandError(refused.message) from None
        except Exception as problem:
            if (words := of_the_place(problem)) is None:
                raise
            raise CommandError(
                f"{words} It is restored only in part; the backup itself is intact. Repair that, then run "
                "this again with --replace before anything is started."
            ) from None
        self.stdout.write(
            f"Restored the backup of {backup.created}: the database and {len(backup.files):,} files "
            f"({megabytes(backup.files)}), each checked by its hash."
        )
