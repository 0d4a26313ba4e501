"""Metrics of what every installation has: processes, disks and the checks of /readyz."""

import shutil
from collections.abc import Iterator

from prometheus_client.core import InfoMetricFamily, Metric

from inspector import __version__
from inspector.core.health import processes, runner
from inspector.core.health.places import places
from inspector.core.metrics.registry import gauge, one, register

QUEUES = ("inspect", "train", "explain", "sweep")


def workers() -> Iterator[Metric]:
    rows = processes.processes()
    queues = {name: processes.of_queue(name, rows) for name in QUEUES}
    alive = {(name,): len(queue.alive) for name, queue in queues.items()}
    busy = {(name,): sum(bool(row.doing) for row in queue.alive) for name, queue in queues.items()}
    yield gauge("workers", "Workers seen within a minute", alive, ["queue"])
    yield gauge("workers_busy", "Those of them at work on something", busy, ["queue"])
    beat = processes.of_queue(processes.BEAT, rows)
    yield one("beat_up", "1 where beat was seen within a minute", float(bool(beat.alive)))


def disks() -> Iterator[Metric]:
    usages = {(name,): shutil.disk_usage(path) for name, path in places().items()}
    free = {key: usage.free for key, usage in usages.items()}
    size = {key: usage.total for key, usage in usages.items()}
    yield gauge("disk_free_bytes", "Free on the disk of a folder", free, ["folder"])
    yield gauge("disk_size_bytes", "Size of the disk of a folder", size, ["folder"])


def checks() -> Iterator[Metric]:
    report = runner.report()
    fine = {(result.check.name,): float(not result.finding.ill) for result in report.results}
    yield gauge("check_ok", "1 where a check of /readyz found nothing wrong", fine, ["check"])
    yield one("ready", "1 where this process can accept photos", float(report.ready))
    yield InfoMetricFamily("inspector_version", "The program's version", value={"version": __version__})


def register_all() -> None:
    register("checks", checks)
    register("disks", disks)
    register("workers", workers)
