"""What happens at the first start, and how the audit trail puts it."""

from inspector.core.events import Kind, declare


@declare
class StartEvent(Kind):
    DEMO_CREATED = "demo.created", "Created demo categories"
    PRODUCTION_MADE = "demo.production_made", "Made up a fortnight of production"
    PRODUCTION_REMOVED = "demo.production_removed", "Removed the made-up production"
