"""What rules, people and channels do about alerts, and how the audit trail puts it."""

from inspector.core.events import Detail, Kind, declare, subject_type

subject_type("alert", "alerts.Alert", category="category_id")
subject_type("alert-rule", "alerts.Rule", category="category_id")
subject_type("webhook", "alerts.Webhook")


def _words(detail: Detail) -> str:
    return str(detail.get("words", ""))


def _note(detail: Detail) -> str:
    return f"“{detail['note']}”" if detail.get("note") else ""


def _values(detail: Detail) -> str:
    return "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in detail.items() if value != "")


def _url(detail: Detail) -> str:
    return str(detail.get("url", ""))


@declare
class AlertEvent(Kind):
    RAISED = "alert.raised", "Raised an alert", _words
    OVER = "alert.over", "An alert's cause is over", _words
    ACKNOWLEDGED = "alert.acknowledged", "Acknowledged an alert", _note
    CLOSED = "alert.closed", "Closed an alert", _note
    RULE_ADDED = "alert_rule.added", "Added an alert rule", _values
    RULE_CHANGED = "alert_rule.changed", "Changed an alert rule", _values
    RULE_RETIRED = "alert_rule.retired", "Retired an alert rule"
    WEBHOOK_ADDED = "webhook.added", "Added a webhook", _url
    WEBHOOK_CHANGED = "webhook.changed", "Changed a webhook", _url
    WEBHOOK_RETIRED = "webhook.retired", "Retired a webhook", _url
    SENT_AGAIN = "alert_message.sent_again", "Sent a message again", _words


# What is sent to channels (`messages`).
TOLD = (AlertEvent.RAISED, AlertEvent.OVER)
