"""`manage.py setup`: bring the database up to date and give a fresh installation something to start with."""

import socket
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser, call_command

from inspector.site.first_start import (
    Accounts,
    accounts_file,
    announce_demo,
    ask_for_production,
    make_accounts,
)


class Command(BaseCommand):
    help = "Migrate, create one account for each role and the demo categories. Safe to run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="create no demo categories")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.EMBEDDED:
            self._check_port()
        call_command("migrate", interactive=False, verbosity=0)
        self._print_accounts(make_accounts())
        if not options["no_demo"] and announce_demo():
            self._say("Three demo categories are trained in the background; the page shows their progress.")
        ask_for_production()

    def _check_port(self) -> None:
        """Better here, in one sentence, than as the end of every process a moment later."""
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", settings.PORT))
            except OSError:
                raise CommandError(
                    f"Port {settings.PORT} is in use, perhaps by another Inspector. "
                    f"Stop that one, or choose another port: make run PORT={settings.PORT + 1}"
                ) from None

    def _print_accounts(self, accounts: Accounts) -> None:
        if not accounts:
            return
        self._say(f"First accounts (shown once; kept in {accounts_file()}, readable by you only):")
        for role, account in accounts.items():
            self._say(f"  {role:<11} {account['username']:<10} {account['password']}")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
