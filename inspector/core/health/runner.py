"""Making all checks within a few seconds, whatever hangs."""

import logging
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connections
from django.utils import timezone

from inspector.core.health.checks import DATABASE, Check, Finding, State, registered

log = logging.getLogger(__name__)

# A load balancer waits about five.
SECONDS = 2.5
# Other requests meanwhile get the same answer: asking costs a few queries and a small file.
KEPT_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Result:
    """What a check found; `since` when its state has been what it is, as far as this process knows."""

    check: Check
    state: State
    finding: Finding
    since: datetime


@dataclass(frozen=True, slots=True)
class Report:
    results: tuple[Result, ...]

    @property
    def state(self) -> State:
        states = {result.state for result in self.results}
        return next((state for state in (State.DOWN, State.DEGRADED) if state in states), State.OK)

    @property
    def ready(self) -> bool:
        return self.state != State.DOWN

    def ill(self, name: str) -> bool:
        return any(result.check.name == name and result.finding.ill for result in self.results)


@dataclass(slots=True)
class Round:
    """One thread's way through the checks of a group."""

    checks: list[Check]
    findings: dict[str, Finding] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        # A daemon: one that hangs must not keep the process from ending.
        threading.Thread(target=self._work, name="health", daemon=True).start()

    def _work(self) -> None:
        try:
            for check in self.checks:
                self.findings[check.name] = _look(check)
        finally:
            connections.close_all()
            self.over.set()


class Runner:
    """Keeps the last report for a moment. While a thread hangs, no second one is started."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rounds: dict[str, Round] = {}
        self._since: dict[str, tuple[State, datetime]] = {}
        self._last: tuple[float, Report] | None = None

    def report(self) -> Report:
        with self._lock:
            if self._last is None or time.monotonic() - self._last[0] > KEPT_SECONDS:
                report = self._made(registered())
                self._last = time.monotonic(), report
            return self._last[1]

    def forget(self) -> None:
        """For tests."""
        self._rounds, self._since, self._last = {}, {}, None

    def _made(self, checks: list[Check]) -> Report:
        groups: dict[str, list[Check]] = {}
        for check in checks:
            groups.setdefault(check.group, []).append(check)
        self._send_out(groups)
        deadline = time.monotonic() + SECONDS
        for round_ in self._rounds.values():
            round_.over.wait(max(0.0, deadline - time.monotonic()))
        return Report(tuple(self._result(check) for check in checks))

    def _send_out(self, groups: dict[str, list[Check]]) -> None:
        for group, checks in groups.items():
            running = self._rounds.get(group)
            if running is None or running.over.is_set():
                self._rounds[group] = Round(checks)
                self._rounds[group].start()

    def _result(self, check: Check) -> Result:
        round_ = self._rounds[check.group]
        finding = round_.findings.get(check.name) or _unanswered(check, round_)
        ill = State.DOWN if check.vital else State.DEGRADED
        state = ill if finding.ill else State.OK
        known, since = self._since.get(check.name, (None, timezone.now()))
        if known != state:
            since = timezone.now()
        self._since[check.name] = state, since
        return Result(check, state, finding, finding.since or since)


def _look(check: Check) -> Finding:
    try:
        return check.look()
    except Exception as problem:
        log.warning("the check %s failed: %r", check.name, problem)
        remedy = "The web server's log says why."
        return Finding(f"{check.title}: this could not be checked.", ill=True, remedy=remedy)


def _unanswered(check: Check, round_: Round) -> Finding:
    """In a group, the first check without an answer hangs; those after it were not made."""
    first = next(one for one in round_.checks if one.name not in round_.findings)
    if check is first or check.name == DATABASE:
        return Finding(
            f"No answer within {SECONDS:g} seconds.",
            ill=True,
            remedy="Check whether it, or the network or disk that it needs, hangs; restart it.",
            see="the-page-says-503" if check.vital else "",
        )
    return Finding(f"Not known while this hangs: {first.title.lower()}.", ill=True)


runner = Runner()


def report() -> Report:
    """The health of the installation; a few seconds old at most."""
    return runner.report()


def worst_first(results: Iterable[Result]) -> list[Result]:
    order = (State.DOWN, State.DEGRADED, State.OK)
    return sorted(results, key=lambda result: order.index(result.state))
