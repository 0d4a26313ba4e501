"""What this app puts on pages of lower ones."""

from inspector.core import slots

slots.put("draft-report", "monitoring/draft_compared.html")
