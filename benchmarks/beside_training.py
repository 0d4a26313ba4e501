"""How much longer a photo takes beside a training on the same machine (the aim: 1.25 times at most).

[ROUNDS=3] python -m benchmarks beside_training

Photos are sent one at a time, in turns without and beside a training, with a model at 256 px.
"""

import os
import statistics
import time
from typing import Any

from benchmarks.installation import Installation
from benchmarks.pipeline import SLUG, prepare, wait_for_verdict
from inspector.accounts.models import User
from inspector.core.jobs import State
from inspector.inspections.models import Inspection
from inspector.samples.import_folder import import_folder
from inspector.training.cancel import cancel
from inspector.training.models import TrainingRun
from inspector.training.submit import submit

# With options that make a training outlast the photos.
METHODS: dict[str, dict[str, Any]] = {"unet": {"minutes": 10}, "filterbank": {}}
PHOTOS = 20
ROUNDS = int(os.environ.get("ROUNDS", "3"))


def main(site: Installation) -> None:
    category, photos = prepare(site.folder)
    admin = User.objects.get(username="admin")
    import_folder(site.folder / "demo" / SLUG, by=admin, slug=SLUG)
    for name in ("inspect", "train", "web"):
        site.start(name)
    token = site.token("Inspector")
    for photo in photos[:3]:
        wait_for_verdict(site, token, photo)  # warms the worker up
    print(f"{'beside':<12} {'judging ms':>11} {'times':>6} {'upload to verdict s':>20} {'times':>6}")
    for method, options in METHODS.items():
        alone, beside = [], []
        for _ in range(ROUNDS):
            alone.append(_measured(site, token, photos))
            run = submit(category=category, by=admin, method=method, options=options)
            _wait_until_busy(run)
            beside.append(_measured(site, token, photos))
            cancel(run, by=admin)
            _wait_until_over(run)
        _tell("nothing", alone, alone)
        _tell(method, beside, alone)


def _measured(site: Installation, token: str, photos: list[bytes]) -> tuple[float, float]:
    """Medians: milliseconds a worker spent on a photo, seconds from upload to verdict."""
    last = Inspection.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    waits = [wait_for_verdict(site, token, photos[n % len(photos)]) for n in range(PHOTOS)]
    judged = Inspection.objects.filter(pk__gt=last, milliseconds__isnull=False)
    spent = [float(row.milliseconds or 0) for row in judged.only("milliseconds")]
    return statistics.median(spent), statistics.median(waits)


def _tell(name: str, measured: list[tuple[float, float]], alone: list[tuple[float, float]]) -> None:
    judging, waiting = (statistics.median(column) for column in zip(*measured, strict=True))
    least, usual = (statistics.median(column) for column in zip(*alone, strict=True))
    print(
        f"{name:<12} {judging:>11.0f} {judging / least:>6.2f} {waiting:>20.2f} {waiting / usual:>6.2f}",
        flush=True,
    )


def _wait_until_busy(run: TrainingRun) -> None:
    """Until it has loaded its photos and learns."""
    while not TrainingRun.objects.filter(
        pk=run.pk, state=State.RUNNING, progress__fraction__gt=0.05
    ).exists():
        run.refresh_from_db()
        if run.is_final:
            raise SystemExit(f"{run} is over too early: {run.error_message or run.get_state_display()}")
        time.sleep(0.2)


def _wait_until_over(run: TrainingRun) -> None:
    while TrainingRun.objects.filter(pk=run.pk, state__in=[State.WAITING, State.RUNNING]).exists():
        time.sleep(0.2)
