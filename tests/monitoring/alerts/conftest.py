"""A real receiver of webhooks on this machine, and rules."""

from collections.abc import Callable, Iterator
from ipaddress import ip_network
from typing import Any

import pytest

from inspector.core import outbox
from inspector.monitoring.alerts.evaluate import evaluate
from inspector.monitoring.alerts.models import Message, Rule, Webhook
from inspector.monitoring.alerts.send import send_due
from inspector.monitoring.alerts.signing import new_secret
from tests.receiver import Receiver, listening

LOOPBACK = ip_network("127.0.0.0/8")


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOK_NETWORKS = [LOOPBACK]
    with listening() as found:
        yield found


@pytest.fixture
def hook(db: None, receiver: Receiver) -> Webhook:
    return Webhook.objects.create(name="Line", url=receiver.url, secret=new_secret())


@pytest.fixture
def rule_of(db: None) -> Callable[..., Rule]:
    def make(kind: str = "row", limit: float = 3, **values: Any) -> Rule:
        return Rule.objects.create(name=f"Rule {kind}", kind=kind, limit=limit, **values)

    return make


@pytest.fixture
def look() -> Callable[[], int]:
    """As the sweep does, whenever it looked last; what was raised goes on to its channels."""

    def again() -> int:
        Rule.objects.update(looked=None)
        raised = evaluate()
        outbox.deliver()
        return raised

    return again


@pytest.fixture
def send() -> Callable[[], int]:
    """As the sweep does, with all pauses over."""

    def again() -> int:
        Message.objects.update(wait_until=None)
        return send_due()

    return again
