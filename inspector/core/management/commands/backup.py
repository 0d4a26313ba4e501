"""manage.py backup DIR"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inspector.core.backup.save import save
from inspector.core.errors import Refused
from inspector.core.management.said import megabytes, progress


class Command(BaseCommand):
    help = "Copy the database and all files to a new folder, while everything keeps running."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            made = save(folder, progress(self.stderr))
        except Refused as refused:
            raise CommandError(refused.message) from None
        except OSError as problem:
            raise CommandError(
                f"{folder} could not be written: {problem.strerror}. The backup is unfinished."
            ) from None
        self.stdout.write(
            f"Backup in {folder}: the database ({megabytes(made.database)}) and {len(made.files):,} files "
            f"({megabytes(made.files)}). Restore it with: manage.py restore {folder}"
        )
