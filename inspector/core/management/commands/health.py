"""`manage.py health`: the health of the installation; for people at a terminal and health checks of
containers."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from inspector.core import health
from inspector.core.health import processes, runner
from inspector.core.health.processes import GONE_SECONDS


class Command(BaseCommand):
    help = "Report the health of the installation. Exit status 1 if something is wrong."
    requires_system_checks: list[str] = []  # it is run every few seconds

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--process",
            metavar="NAME@HOST",
            help=f"only whether this worker (inspect@line-3) was seen within {GONE_SECONDS:.0f} seconds",
        )

    def handle(self, *args: Any, process: str | None = None, **options: Any) -> None:
        health.end_grace()
        if process:
            self._one(process)
        else:
            self._all()

    def _one(self, name: str) -> None:
        try:
            rows = [row for row in processes.processes() if row.name == name]
        except DatabaseError as problem:
            raise CommandError(f"The database does not answer: {problem}") from problem
        alive = next(filter(processes.is_alive, rows), None)
        if alive is None:
            seen = f"was last seen {rows[0].seen:%Y-%m-%d %H:%M:%S} UTC" if rows else "was never seen"
            raise CommandError(f"{name} {seen}.")
        self.stdout.write(f"{name}: {alive.doing or 'waiting for work'}")

    def _all(self) -> None:
        report = runner.report()
        for result in report.results:
            line = f"{result.state:9} {result.check.title}: {result.finding.sentence}"
            remedy = f"\n          {result.finding.remedy}" if result.finding.remedy else ""
            self.stdout.write(line + remedy)
        if report.results and report.state != "ok":
            raise CommandError("Something is wrong: docs/when-something-is-wrong.md says what to do.")
