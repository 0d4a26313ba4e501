"""Notifying a worker that there is something to do. Only a nudge: the row is the truth.

Call it when the transaction has committed (`transaction.on_commit`). When the broker is down the
row waits and the sweep sends again.
"""

import logging
import time
from collections.abc import Iterable
from typing import Any

from celery import current_app

log = logging.getLogger(__name__)

# One try, and one second for each thing that may be slow in the network: a person waits for this.
IMPATIENT = {"max_retries": 0, "socket_connect_timeout": 1, "socket_timeout": 1}
# No further try for this long after a failure: with the broker down, each request would wait for nothing.
PAUSE_SECONDS = 5.0
# Enough in one queue: while no worker takes any, each sweep would add more.
MANY_MESSAGES = 100
IDLE = 5  # fewer than these: what is nudged comes soon
_quiet_until = 0.0


def nudge(task_name: str, *args: Any, queue: str | None = None) -> bool:
    """Send the task's message; False when the broker did not take it. Never raises, never waits long."""
    if time.monotonic() < _quiet_until:
        return False
    try:
        send(task_name, args, queue)
    except Exception as problem:
        _be_quiet()
        log.warning("the broker takes no messages (%s); the sweep will send %s%r", problem, task_name, args)
        return False
    return True


def nudge_if_idle(task_name: str, *, queue: str) -> bool:
    """For a task that does everything waiting: behind others in the queue it would only be in their way."""
    return _has_room(queue, IDLE) and nudge(task_name, queue=queue)


def nudge_each(task_name: str, messages: Iterable[tuple[Any, ...]], *, queue: str | None = None) -> None:
    """For sweeps: nudge with each of them, until the broker accepts none: then each try only costs time.

    Sends nothing if the queue holds enough messages: the rest is sent when workers have read those.
    """
    messages = list(messages)
    if not messages or not _has_room(queue, max(MANY_MESSAGES, len(messages))):
        return
    for args in messages:
        if not nudge(task_name, *args, queue=queue):
            return


def send(task_name: str, args: tuple[Any, ...], queue: str | None) -> None:
    """By a connection of its own: one from a pool may be dead and would be retried patiently."""
    options = {"queue": queue} if queue else {}
    with current_app.connection_for_write(transport_options=IMPATIENT) as connection:
        current_app.send_task(task_name, args=args, connection=connection, ignore_result=True, **options)


def messages_in(queue: str | None) -> int:
    """How many messages nobody has read yet."""
    name = queue or current_app.conf.task_default_queue
    with current_app.connection_for_write(transport_options=IMPATIENT) as connection:
        try:
            return int(connection.default_channel.queue_declare(name, passive=True).message_count)
        except connection.channel_errors:  # Redis has no empty queues
            return 0


def _has_room(queue: str | None, most: int) -> bool:
    if time.monotonic() < _quiet_until:
        return False
    try:
        return messages_in(queue) < most
    except Exception as problem:
        _be_quiet()
        log.warning("the broker does not answer (%s); the next sweep sends", problem)
        return False


def _be_quiet() -> None:
    global _quiet_until
    _quiet_until = time.monotonic() + PAUSE_SECONDS
