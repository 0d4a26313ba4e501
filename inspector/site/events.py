"""What happens at the first start, and how the audit trail tells of it."""

from inspector.core.events import Kind, declare


@declare
class StartEvent(Kind):
    DEMO_CREATED = "demo.created", "Created demo categories"
