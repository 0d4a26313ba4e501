"""How the audit trail tells of the first start."""

from inspector.core.trail import describe
from inspector.dashboard.first_start import DEMO_MADE

describe(DEMO_MADE, "Created demo categories")
