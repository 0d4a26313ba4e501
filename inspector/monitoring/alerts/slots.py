"""What this app puts on pages of lower ones."""

from inspector.core import slots

slots.put("bell", "monitoring/alerts/bell.html")
