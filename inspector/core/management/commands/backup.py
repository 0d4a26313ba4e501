"""manage.py backup DIR"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inspector.core.backup.save import save
from inspector.core.errors import Refused
from inspector.core.management.said import megabytes, of_the_place, progress


class Command(BaseCommand):
    help = "Copy the database and all files to a new folder, while everything keeps running."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            made = save(folder, progress(self.stderr))
        except Refused as refused:
            raise CommandError(refused.message) from None
        except Exception as problem:
            if (words := of_the_place(problem)) is None:
                raise
            raise CommandError(
                f"{words} The backup in {folder} is unfinished: repair that, then make another."
            ) from None
        self.stdout.write(
            f"Backup in {folder}: the database ({megabytes(made.database)}) and {len(made.files):,} files "
            f"({megabytes(made.files)}). Restore it with: manage.py restore {folder}"
        )
