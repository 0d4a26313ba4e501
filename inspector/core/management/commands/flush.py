"""manage.py flush: Django's, which empties every table; the audit trail's are protected from that."""

from typing import Any

from django.core.management.commands import flush

from inspector.core.proof import triggers


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        with triggers.lifted():
            super().handle(**options)
