"""What this app puts on pages of lower ones."""

from inspector.core import slots

slots.put("version-report", "robustness/of_version.html")
slots.put("before-promoting", "robustness/before_promoting.html")
