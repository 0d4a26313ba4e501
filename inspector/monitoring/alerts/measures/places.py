"""Room on the disks of the machine that looks."""

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
            "Of the machine on which beat runs; the folder with the least.",
            Number("Limit", "GB", 0.1, 1_000_000, 10),
            room,
            None,
            each=False,
            below=True,
            whole=True,
        )
    )
