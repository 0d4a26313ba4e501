"""What this app puts on pages of lower ones."""

from inspector.core import slots

slots.put("sample-actions", "reviews/golden.html")
