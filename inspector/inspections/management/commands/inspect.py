"""`manage.py inspect CATEGORY IMAGE...`: photos in, a table of verdicts out."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.management import BaseCommand, CommandError, CommandParser

from inspector.accounts.models import User
from inspector.categories.models import Category
from inspector.core.errors import Refused
from inspector.core.jobs import OPEN
from inspector.core.uploads import Rejected
from inspector.inspections.analyse import analyse_waiting
from inspector.inspections.models import Batch, Inspection, Source, Verdict
from inspector.inspections.parts import NAMES, Part, part_of
from inspector.inspections.selectors import batch_rows
from inspector.inspections.submit import submit

NOT_JUDGED, ANOMALIES, STILL_WAITING, FOR_REVIEW = 2, 3, 4, 5
COLUMNS = "{:<32} {:<8} {:>10} {:>10} {:>7}"


class Command(BaseCommand):
    help = (
        "Inspect photos of a category and print the results. "
        "Exit status: 0 every photo is OK, 1 nothing was done, 2 a file could not be judged, "
        "3 every file was judged and at least one is an ANOMALY, 4 some are still waiting, "
        "5 every file was judged, none is an ANOMALY and at least one is for REVIEW."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("category", metavar="CATEGORY", help="a category's slug")
        parser.add_argument("images", metavar="IMAGE", nargs="+", type=Path)
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--wait", action="store_true", help="let the workers judge")
        parser.add_argument(
            "--timeout", type=float, default=120, metavar="SECONDS", help="longest time to wait"
        )
        parser.add_argument(
            "--key", default="", help="run again with the same key and photos, none is taken twice"
        )
        for name in NAMES:
            parser.add_argument(f"--{name}", default="", help=f"the {name} of the part in all photos")
        parser.add_argument(
            "--field",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="one of the installation's own fields; repeat it for each",
        )
        parser.add_argument(
            "--by", metavar="USERNAME", help="the user to submit as; default: the first who may"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        category, person = _category(options["category"]), _person(options["by"])
        try:
            part = _part(options)
            batch, rejected = _send(category, person, options["images"], options["key"], part)
        except Refused as refused:
            raise CommandError(refused.message) from None
        if batch and not options["wait"]:
            analyse_waiting(category.pk)
        # Other workers may have been faster in claiming some of the photos.
        rows = _wait(batch, options["timeout"]) if batch else []
        self._print_results(rows, rejected, as_json=options["json"])
        sys.exit(_status(rows, rejected))

    def _print_results(self, rows: list[Inspection], rejected: list[Rejected], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(_as_json(rows, rejected)))
            return
        self.stdout.write(COLUMNS.format("photo", "verdict", "score", "threshold", "ms"))
        for row in rows:
            self.stdout.write(_line(row))
        for file in rejected:
            self.stdout.write(f"{file.filename:<32} refused: {file.message}")


def _category(slug: str) -> Category:
    category = Category.objects.filter(slug=slug).first()
    if category is None:
        known = ", ".join(Category.objects.values_list("slug", flat=True)) or "none yet"
        raise CommandError(f"There is no category “{slug}”. There are: {known}.")
    return category


def _person(username: str | None) -> User:
    people = User.objects.with_perm(
        "inspections.add_inspection", backend="django.contrib.auth.backends.ModelBackend"
    )
    person = (people.filter(username=username) if username else people.order_by("pk")).first()
    if person is None:
        raise CommandError("No user of that name may inspect. Name one with --by.")
    return person


def _part(options: dict[str, Any]) -> Part:
    own = dict(field.partition("=")[::2] for field in options["field"])
    return part_of({name: options[name] for name in NAMES} | {"part_fields": own})


def _send(
    category: Category, person: User, paths: list[Path], key: str, part: Part
) -> tuple[Batch | None, list[Rejected]]:
    """In pieces, all in one batch: the system lets a process open only so many files."""
    batch: Batch | None = None
    rejected: list[Rejected] = []
    for start in range(0, len(paths), settings.MAX_BATCH_FILES):
        with ExitStack() as stack:
            submission = submit(
                category=category,
                uploads=_opened(paths[start : start + settings.MAX_BATCH_FILES], stack, rejected),
                by=person,
                source=Source.COMMAND,
                batch=batch.pk if batch else None,
                key=f"{key}:{start}" if key else "",
                part=part,
            )
        batch = submission.batch
        rejected += submission.rejected
    return batch, rejected


def _opened(paths: list[Path], stack: ExitStack, rejected: list[Rejected]) -> "Iterator[File[bytes]]":
    for path in paths:
        try:
            yield File(stack.enter_context(path.open("rb")), name=path.name)
        except OSError as problem:
            rejected.append(Rejected(str(path), "not_readable", f"{problem.strerror}."))


def _wait(batch: Batch, timeout: float) -> list[Inspection]:
    """The rows of the batch once all of them are final, or as they are when time is up."""
    end = time.monotonic() + timeout
    while True:
        rows = list(batch_rows(batch.pk))
        if all(row.is_final for row in rows) or time.monotonic() > end:
            return rows
        time.sleep(0.2)


def _status(rows: list[Inspection], rejected: list[Rejected]) -> int:
    if any(row.state in OPEN for row in rows):
        return STILL_WAITING
    if rejected or any(not row.verdict for row in rows):
        return NOT_JUDGED
    verdicts = {row.verdict for row in rows}
    if Verdict.ANOMALY in verdicts:
        return ANOMALIES
    return FOR_REVIEW if Verdict.REVIEW in verdicts else 0


def _line(row: Inspection) -> str:
    if row.score is None:
        return f"{row.filename:<32} {row.state}: {row.error_message or 'not judged within the time given'}"
    return COLUMNS.format(
        row.filename,
        row.verdict,
        f"{'~' * row.drafted}{row.score:.4g}",
        f"{row.threshold:.4g}",
        str(row.milliseconds),
    )


def _as_json(rows: list[Inspection], rejected: list[Rejected]) -> dict[str, Any]:
    names = (
        *("id", "filename", "state", "verdict", "score", "drafted", "threshold"),
        *("review_from", "p_value"),
        *("milliseconds", "error_message", *NAMES, "part_fields"),
    )
    return {
        "inspections": [{name: getattr(row, name) for name in names} for row in rows],
        "rejected": [
            {"filename": file.filename, "code": file.code, "message": file.message} for file in rejected
        ],
    }
