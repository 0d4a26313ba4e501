"""`manage.py import_category DIR`: a folder of photos becomes a category, or adds to one."""

import signal
from types import FrameType
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from detection.cli import folders
from inspector.core.errors import Refused
from inspector.samples.import_folder import Imported, import_folder

SOME_REFUSED = 2


def _stop(number: int, frame: FrameType | None) -> None:
    """As an exception: what was added until then gets its rows and its entry in the audit trail."""
    raise SystemExit(128 + number)


class Command(BaseCommand):
    help = (
        "Import a folder in MVTec AD layout (train/good, test/good, test/<defect>, ground_truth/<defect>). "
        "Running it again adds only what is new. Exit status: 0 all photos were imported, 1 nothing was "
        "done, 2 some files were refused and the others imported."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="DIR")
        folders.add_arguments(parser)
        parser.add_argument("--name", help="the name shown; default: made from the slug or the folder's name")
        parser.add_argument(
            "--slug", help="its address, and the category to add to; default: the folder's name"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with tqdm(unit=" photos", disable=None if options["verbosity"] else True) as bar:

            def on_progress(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            try:
                signal.signal(signal.SIGTERM, _stop)
                imported = import_folder(
                    options["folder"],
                    by=None,
                    slug=options["slug"],
                    name=options["name"],
                    good=options["good"],
                    test=options["test"],
                    on_progress=on_progress,
                )
            except Refused as refused:
                raise CommandError(refused.message) from None
        self._print_result(imported)

    def _print_result(self, imported: Imported) -> None:
        category = imported.category
        if imported.is_new:
            self.stdout.write(f"New category {category} ({category.slug}).")
        else:
            self.stdout.write(
                f"The category {category} ({category.slug}) exists; the photos are added to it."
            )
        self.stdout.write(
            f"{category} ({category.slug}): {imported.added} samples added, "
            f"{imported.skipped} already there, {len(imported.rejected)} files refused"
        )
        if imported.masked:
            self.stdout.write(f"{imported.masked} existing samples without a mask have one now.")
        for note in imported.notes:
            self.stdout.write(f"note: {note}")
        for rejected in imported.rejected:
            self.stderr.write(f"  {rejected.filename}: {rejected.message}")
        if imported.rejected:
            raise CommandError("Some files were refused; the reasons are above.", returncode=SOME_REFUSED)
