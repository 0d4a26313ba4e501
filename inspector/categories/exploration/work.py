"""Looking: claim, describe, store. Nothing here is done twice or lost."""

import logging
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import F

from detection import Cancelled, CannotWrite, Dataset, LabelledImage, explore
from detection.faults import fault_of, raw
from inspector.categories.exploration.watch import Watch
from inspector.categories.models import Exploration, Sample, Split
from inspector.categories.selectors import explorations, samples, samples_digest
from inspector.core import files, jobs
from inspector.core.errors import NoRoom
from inspector.core.jobs import State

logger = logging.getLogger(__name__)


def never() -> bool:
    return False


def work(pk: int, *, shutting_down: Callable[[], bool] = never) -> Exploration | None:
    """Look at a category's samples as they are now; None when the row was not there to take."""
    claim = jobs.claim(Exploration.objects.filter(pk=pk), 1)
    if not claim.ids:
        return None
    exploration = Exploration.objects.select_related("category").get(pk=pk)
    watch = Watch(claim.token, shutting_down)
    try:
        _look(exploration, claim.token, watch)
    except Cancelled:
        if not watch.lost:
            _give_back(claim.token)
    except (CannotWrite, NoRoom) as error:
        logger.warning("%s: failed (%s): %s", exploration, error.code, error)
        _end(exploration, claim.token, error.code, f"{error} Then press Retry.", raw(error))
    except Exception as error:
        _failed(exploration, claim.token, error)
    except BaseException:
        # This process is told to end at once: the row is not to wait for its lease.
        _give_back(claim.token)
        raise
    return Exploration.objects.get(pk=pk)


def _look(exploration: Exploration, token: uuid.UUID, watch: Watch) -> None:
    # The digest first: a sample that comes in between makes it out of date, and it is looked at again.
    digest = samples_digest(exploration.category)
    with tempfile.TemporaryDirectory(prefix="inspector-explore-") as folder:
        dataset, names = _dataset(exploration, Path(folder), watch)
        description = explore.describe(dataset, watch.on_progress, watch.should_stop, names=names)
        watch.go_on()
        plots = _plots(exploration, token, description, Path(folder))
    values = {
        "digest": digest,
        "description": description.as_dict(photos=False),
        "plots": plots,
        "progress": {},
        "errors": len(description.of("error")),
        "warnings": len(description.of("warning")),
    }
    _finish(exploration, token, plots, values)


def _dataset(exploration: Exploration, folder: Path, watch: Watch) -> tuple[Dataset, dict[Path, str]]:
    """The samples as files, and which file is which sample."""
    train: list[Path] = []
    test: list[LabelledImage] = []
    names: dict[Path, str] = {}
    for sample in samples(exploration.category):
        watch.go_on()
        path = files.fetch(str(sample.image), folder)
        names[path] = str(sample.pk)
        if sample.split == Split.TRAIN:
            train.append(path)
        else:
            test.append(LabelledImage(path, sample.label, _mask(sample, folder)))
    return Dataset(exploration.category.slug, tuple(train), tuple(test)), names


def _mask(sample: Sample, folder: Path) -> Path | None:
    return files.fetch(str(sample.mask), folder) if sample.mask else None


def _plots(
    exploration: Exploration, token: uuid.UUID, description: explore.Description, folder: Path
) -> dict[str, dict[str, str]]:
    """Draw and store them, under names that are never used again."""
    from detection.explore import plots  # matplotlib: the web process imports this module, too

    drawn = folder / "plots"
    place = f"samples/{exploration.category.slug}/explorations/{exploration.pk}-{token.hex[:6]}"
    found = {}
    with files.all_or_none() as store:
        for name, title in plots.write(drawn, description).items():
            stored = {
                kind: store(f"{place}/{name}.{kind}", (drawn / f"{name}.{kind}").read_bytes())
                for kind in ("svg", "png")
            }
            found[name] = {"title": title} | stored
    return found


def _finish(
    exploration: Exploration, token: uuid.UUID, plots: dict[str, dict[str, str]], values: dict[str, Any]
) -> None:
    """In the place of the former ones, if the claim is still ours."""
    with transaction.atomic():
        if jobs.finish(Exploration, exploration.pk, token, **values):
            former = explorations(exploration.category).filter(pk__lt=exploration.pk)
            gone = [name for plots_of in former.values_list("plots", flat=True) for name in _names(plots_of)]
            former.exclude(state__in=jobs.OPEN).delete()
            transaction.on_commit(lambda: files.delete(gone))
            return
    logger.warning("%s: the lease ran out; another worker has it", exploration)
    files.delete(_names(plots))


def _names(plots: dict[str, dict[str, str]]) -> list[str]:
    return [plot[kind] for plot in plots.values() for kind in ("svg", "png")]


def _give_back(token: uuid.UUID) -> None:
    # Not the row's fault: this try does not count.
    Exploration.objects.filter(claim=token).update(attempts=F("attempts") - 1)
    jobs.give_back(Exploration, token)


def _failed(exploration: Exploration, token: uuid.UUID, error: Exception) -> None:
    log_id = uuid.uuid4().hex[:8]
    logger.exception("%s: failed [%s]", exploration, log_id)
    fault = fault_of(error)
    message = (
        fault.message if fault else "The exploration failed because of a fault in the program or the machine."
    )
    message += (
        " Press Retry; if it happens again, tell the server's administrator: the worker's log has the "
        f"details beside {log_id}."
    )
    _end(exploration, token, fault.code if fault else "explore_failed", message, raw(error))


def _end(exploration: Exploration, token: uuid.UUID, code: str, message: str, details: str) -> None:
    values = {"error_code": code, "error_message": message, "error_details": details}
    jobs.finish(Exploration, exploration.pk, token, state=State.FAILED, **values)
