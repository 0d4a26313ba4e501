"""Alert rules: added, changed, retired."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from inspector.core.errors import Conflict, Refused
from inspector.core.events import Who, record
from inspector.monitoring.alerts.evaluate import end_all
from inspector.monitoring.alerts.events import AlertEvent
from inspector.monitoring.alerts.kinds import Kind, Number, kind_of
from inspector.monitoring.alerts.models import Rule, Webhook

MOST_ADDRESSES = 20
MOST_QUIET = 10_080  # minutes: a week
FIELDS = (
    *("name", "limit", "last", "over_at", "quiet_minutes", "from_time", "until_time"),
    *("emails", "enabled"),
)
Wrong = dict[str, list[str]]


def save(rule: Rule, *, by: Who, webhooks: Sequence[Webhook] | None = None) -> Rule:
    """Add or change it. Refused "invalid_rule" with what is wrong with which field; Conflict "retired"."""
    complete(rule)
    kind = AlertEvent.RULE_CHANGED if rule.pk else AlertEvent.RULE_ADDED
    with transaction.atomic():
        former = Rule.objects.select_for_update().filter(pk=rule.pk).first() if rule.pk else None
        if former and former.retired:
            raise Conflict("retired", f"{former} was retired meanwhile, so nothing was changed.")
        before = _values_of(former) if former else {}
        rule.looked = None
        rule.save()
        if webhooks is not None:
            rule.webhooks.set([hook for hook in webhooks if not hook.retired])
        if former and _sees_no_more(former, rule):
            end_all(rule)
        now = _values_of(rule)
        known = {name: value for name, value in now.items() if value not in (None, "")}
        was = {name: value for name, value in before.items() if value != now[name]}
        record(by, kind, rule, **known, **({"before": was} if was else {}))
    return rule


def _sees_no_more(former: Rule, rule: Rule) -> bool:
    """What it raised before cannot end by what it measures from now on."""
    other = former.kind != rule.kind or former.category_id != rule.category_id
    return other or not rule.enabled


def _values_of(rule: Rule) -> dict[str, Any]:
    values = {name: getattr(rule, name) for name in FIELDS}
    values |= {"looks_at": rule.kind, "category": rule.category}
    values["webhooks"] = ", ".join(str(hook) for hook in rule.webhooks.all())
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float) else str(value)


def complete(rule: Rule) -> Kind:
    """Give what was left out its usual value. Refused "invalid_rule"."""
    kind = kind_of(rule.kind)
    if kind is None:
        raise _refused({"kind": ["Choose what the rule watches."]})
    if kind.last and rule.last is None:
        rule.last = int(kind.last.usual)
    rule.last = rule.last if kind.last else None
    rule.category = None if kind.whole else rule.category
    wrong: Wrong = {}
    _look_at_numbers(rule, kind, wrong)
    _look_at_hours(rule, wrong)
    _look_at_addresses(rule, wrong)
    if wrong:
        raise _refused(wrong)
    return kind


def _look_at_numbers(rule: Rule, kind: Kind, wrong: Wrong) -> None:
    _within("limit", rule.limit, kind.limit, wrong)
    if kind.last and rule.last is not None:
        _within("last", rule.last, kind.last, wrong)
    if rule.over_at is not None:
        bad = rule.over_at < rule.limit if kind.below else rule.over_at > rule.limit
        if bad:
            side = "below" if kind.below else "above"
            wrong["over_at"] = [f"It cannot be {side} the limit: it would be over before it begins."]
    if rule.quiet_minutes > MOST_QUIET:
        wrong["quiet_minutes"] = [f"At most {MOST_QUIET:,} minutes, which is a week."]


def _within(name: str, value: float, number: Number, wrong: Wrong) -> None:
    if not number.least <= value <= number.most:
        wrong[name] = [f"Enter a number from {number.least:,g} to {number.most:,g}."]
    elif number.whole and value != int(value):
        wrong[name] = ["Enter a whole number."]


def _look_at_hours(rule: Rule, wrong: Wrong) -> None:
    if (rule.from_time is None) != (rule.until_time is None):
        missing = "from_time" if rule.from_time is None else "until_time"
        wrong[missing] = ["Give both times, or none."]
    elif rule.from_time is not None and rule.from_time == rule.until_time:
        wrong["until_time"] = ["Leave both empty for round the clock."]


def _look_at_addresses(rule: Rule, wrong: Wrong) -> None:
    if len(rule.addresses) > MOST_ADDRESSES:
        wrong["emails"] = [f"At most {MOST_ADDRESSES} addresses."]
        return
    bad = list(_not_addresses(rule.addresses))
    if bad:
        wrong["emails"] = [f"“{bad[0][:100]}” is not an e-mail address."]


def _not_addresses(texts: Iterable[str]) -> Iterable[str]:
    for text in texts:
        try:
            validate_email(text)
        except ValidationError:
            yield text


def _refused(wrong: Wrong) -> Refused:
    return Refused("invalid_rule", " ".join(next(iter(wrong.values()))), fields=wrong)


def retire(rule: Rule, *, by: Who) -> None:
    """It is no longer evaluated; its alerts stay."""
    with transaction.atomic():
        if Rule.objects.filter(pk=rule.pk, retired=None).update(retired=timezone.now(), enabled=False):
            end_all(rule)
            record(by, AlertEvent.RULE_RETIRED, rule)
