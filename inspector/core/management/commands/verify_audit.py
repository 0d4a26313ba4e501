"""manage.py verify_audit [--head FILE [--key KEYFILE]]"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inspector.core.errors import Refused
from inspector.core.proof.head import head_in, key_in, require_contained
from inspector.core.proof.seal import seal, waiting
from inspector.core.proof.verify import Broken, Link, verify


class Command(BaseCommand):
    help = "Check that no entry of the audit trail was changed or removed. Exit status 1 if one was."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--head", type=Path, metavar="FILE", help="a head that audit_head exported")
        parser.add_argument("--key", type=Path, metavar="KEYFILE", help="the key the head was signed with")

    def handle(self, *args: Any, head: Path | None = None, key: Path | None = None, **options: Any) -> None:
        if key and not head:
            raise CommandError("--key is for the signature of a head: name its file with --head.")
        try:
            exported = head_in(head) if head else None
            secret = key_in(key) if key else None
            seal()
            reached = verify()
            if exported:
                require_contained(exported, secret)
        except Refused as refused:
            raise CommandError(refused.message) from None
        except Broken as broken:
            raise CommandError(f"The audit trail is broken. {broken}") from None
        self._print_chain(reached)
        if exported:
            signed = ", signed with this key" if secret else ""
            self.stdout.write(f"It contains the head exported at {exported['exported']}{signed}.")

    def _print_chain(self, reached: Link) -> None:
        self.stdout.write(f"The audit trail is intact: {reached.position:,} entries.")
        if reached.event:
            self.stdout.write(f"Head: entry {reached.event}, {reached.hash}")
        if count := waiting().count():
            self.stdout.write(f"{count:,} newer entries are not sealed yet.")
