"""What upper apps object to before a version is promoted. Whoever promotes it anyway has to say so."""

from collections.abc import Callable

from inspector.registry.models import ModelVersion

# What speaks against promoting the version, in sentences; "" for nothing.
Check = Callable[[ModelVersion], str]
_checks: dict[str, Check] = {}


def register(name: str, check: Check) -> None:
    """Call it in `AppConfig.ready`."""
    _checks[name] = check


def against(version: ModelVersion) -> list[str]:
    """In the order of the apps."""
    return [said for check in _checks.values() if (said := check(version))]
