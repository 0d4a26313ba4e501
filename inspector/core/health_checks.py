"""Whether the audit trail is unchanged."""

from django.utils import timezone

from inspector.core.health.checks import Check, Finding, register
from inspector.core.models import Event
from inspector.core.proof import verify
from inspector.core.proof.verify import Broken, Link
from inspector.core.templatetags.figures import duration

LAST = 200  # entries: some milliseconds; the sweep verifies all of them once a day


def audit_trail() -> Finding:
    """By what the last verification found, and by the newest entries themselves."""
    last = verify.last()
    try:
        if last and last.finding:
            raise Broken(last.finding, last.event_id)
        _newest()
    except Broken as broken:
        return Finding(
            f"The audit trail is broken. {broken}",
            ill=True,
            remedy="Keep a copy of the database as it is. “manage.py verify_audit” looks again.",
            see="the-audit-trail-is-broken",
            since=last.finished if last and last.finding else None,
        )
    if last is None or last.finished is None:
        return Finding("The newest entries are intact. All of them are verified once a day.")
    age = duration((timezone.now() - last.finished).total_seconds())
    return Finding(f"Intact: {last.reached:,} entries, verified {age} ago, and the newest.")


def _newest() -> None:
    """Walk along the last ones. Raises Broken."""
    length = verify.chain().length
    begin = max(0, length - LAST)
    before = Event.objects.filter(position=begin).values_list("hash", "pk").first() if begin else None
    if begin and before is None:
        raise Broken(f"The entry at position {begin:,} is missing.")
    verify.require_end(verify.walk(Link(begin, *before) if before else Link(), length))


register(Check("trail", "Audit trail", audit_trail))
