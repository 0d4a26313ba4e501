"""manage.py check_files [--delete]"""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from inspector.core.backup.check import Check, check_files, remove

SHOWN = 20


class Command(BaseCommand):
    help = "List rows whose file is missing, and files that no row refers to."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--delete", action="store_true", help="remove the files that no row refers to")

    def handle(self, *args: Any, delete: bool, **options: Any) -> None:
        check = check_files()
        self.stdout.write(f"{check.rows:,} rows with a file, {check.files:,} files.")
        self._rows(check)
        self._list(f"{len(check.without_row):,} files without a row:", check.without_row)
        if delete and check.without_row:
            remove(check.without_row)
            self.stdout.write(f"{len(check.without_row):,} removed.")
        if check.without_file:
            self.stdout.write("Restore the missing files from a backup: see manage.py restore.")
            raise SystemExit(1)

    def _rows(self, check: Check) -> None:
        rows = [f"{row}: {name}" for row, name in check.without_file]
        self._list(f"{len(rows):,} rows whose file is missing:", rows)

    def _list(self, title: str, lines: list[str]) -> None:
        if not lines:
            return
        self.stdout.write(title)
        for line in lines[:SHOWN]:
            self.stdout.write(f"  {line}")
        if len(lines) > SHOWN:
            self.stdout.write(f"  and {len(lines) - SHOWN:,} more")
