"""What this app puts on pages of lower ones."""

from inspector.core import slots

slots.put("sample-actions", "reviews/golden.html")
slots.put("history-tools", "reviews/send_selected.html")
slots.put("history-row", "reviews/tick.html")
slots.put("viewer-maps", "reviews/mark_button.html")
slots.put("viewer-layers", "reviews/mark_layer.html")
slots.put("viewer-legends", "reviews/mark_legend.html")
