"""The checks of the installation's health. Each app registers its own when it is ready."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

DATABASE = "database"


class State(StrEnum):
    """degraded: something is wrong, and photos are still accepted. down: this process accepts none."""

    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence; what to do if something is wrong, and where docs/when-something-is-wrong.md says more."""

    sentence: str
    ill: bool = False
    remedy: str = ""
    see: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """`look` may hang or raise. Checks of one `group` are made one after another by one thread.

    `vital`: without it this process can accept no photos, and a load balancer should send them to another.
    """

    name: str
    title: str
    look: Callable[[], Finding]
    vital: bool = False
    group: str = DATABASE


_checks: dict[str, Check] = {}


def register(check: Check) -> None:
    _checks[check.name] = check


def registered() -> list[Check]:
    """In the order in which they were registered: lower apps first."""
    return list(_checks.values())
