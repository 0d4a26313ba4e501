"""What this app puts on pages of lower ones."""

from inspector.core import slots

slots.put("under-the-photo", "explanations/below.html")
