"""What this app puts on pages of lower ones."""

from inspector.core import slots

slots.put("history-tools", "exports/history_link.html")
slots.put("inspection-tools", "exports/inspection_link.html")
