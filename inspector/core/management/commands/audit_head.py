"""manage.py audit_head [--sign KEYFILE]"""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inspector.core.errors import Refused
from inspector.core.proof.head import head, key_in
from inspector.core.proof.seal import seal


class Command(BaseCommand):
    help = "Print the head of the audit trail's chain as JSON. Keep it elsewhere, for verify_audit --head."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--sign", type=Path, metavar="KEYFILE", help="sign it with this key (HMAC-SHA256)"
        )

    def handle(self, *args: Any, sign: Path | None = None, **options: Any) -> None:
        try:
            key = key_in(sign) if sign else None
            seal()
            self.stdout.write(json.dumps(head(key), indent=1))
        except Refused as refused:
            raise CommandError(refused.message) from None
