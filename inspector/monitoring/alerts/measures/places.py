"""Disk space of the machine that evaluates."""

import shutil
from collections.abc import Iterator

from inspector.core.health.places import places
from inspector.monitoring.alerts.kinds import Asked, Kind, Number, Reading, register

GB = 1e9


def room(asked: Asked) -> Iterator[Reading]:
    name, free = min(
        ((name, shutil.disk_usage(path).free) for name, path in places().items()), key=lambda one: one[1]
    )
    yield Reading(None, free / GB, f"{free / GB:,.1f} GB are free on the disk of {name}/.")


def register_all() -> None:
    register(
        Kind(
            "disk",
            "Free disk space",
            "On the machine that runs beat; the folder with the least free space counts.",
            Number("Limit", "GB", 0.1, 1_000_000, 10),
            room,
            None,
            each=False,
            below=True,
            whole=True,
        )
    )
