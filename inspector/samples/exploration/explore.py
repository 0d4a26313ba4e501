"""Exploring a category's samples. `core.work` does everything that all long jobs share."""

from pathlib import Path
from typing import Any

from django.db import transaction

from detection import Dataset, LabelledImage
from detection import explore as exploring
from inspector.core import files, jobs
from inspector.core.aside import folder_aside
from inspector.core.attempt import Attempt
from inspector.samples.models import Exploration, Sample, Split
from inspector.samples.selectors import explorations, samples, samples_digest


def explore(attempt: Attempt[Exploration]) -> None:
    """Explore a category's samples as they are now, and keep what was found."""
    category = attempt.job.category
    # The digest first: a sample that comes in between makes it out of date, and it is looked at again.
    digest = samples_digest(category)
    with folder_aside() as folder:
        dataset, names = _dataset(attempt, folder)

        def on_look(done: int, total: int) -> None:
            attempt.report_progress(done=done, total=total)

        description = exploring.describe(dataset, on_look, attempt.should_stop, names=names)
        attempt.go_on()
        with attempt.held():
            plots = _plots(attempt, description, folder)
    values = {
        "digest": digest,
        "description": description.as_dict(photos=False),
        "plots": plots,
        "progress": {},
        "errors": len(description.of("error")),
        "warnings": len(description.of("warning")),
    }
    _finish(attempt, plots, values)


def _dataset(attempt: Attempt[Exploration], folder: Path) -> tuple[Dataset, dict[Path, str]]:
    """The samples as files, and which file is which sample."""
    category = attempt.job.category
    train: list[Path] = []
    test: list[LabelledImage] = []
    names: dict[Path, str] = {}
    for sample in samples(category):
        attempt.go_on()
        path = files.fetch(str(sample.image), folder)
        names[path] = str(sample.pk)
        if sample.split == Split.TRAIN:
            train.append(path)
        else:
            test.append(LabelledImage(path, sample.label, _mask(sample, folder)))
    return Dataset(category.slug, tuple(train), tuple(test)), names


def _mask(sample: Sample, folder: Path) -> Path | None:
    return files.fetch(str(sample.mask), folder) if sample.mask else None


def _plots(
    attempt: Attempt[Exploration], description: exploring.Description, folder: Path
) -> dict[str, dict[str, str]]:
    """Draw and store them, under names that are never used again."""
    from detection.explore import plots  # matplotlib: the web process imports this module, too

    exploration = attempt.job
    drawn = folder / "plots"
    place = f"samples/{exploration.category.slug}/explorations/{exploration.pk}-{attempt.token.hex[:6]}"
    stored_plots = {}
    with files.all_or_none() as store:
        for name, title in plots.write(drawn, description).items():
            stored = {
                kind: store(f"{place}/{name}.{kind}", (drawn / f"{name}.{kind}").read_bytes())
                for kind in ("svg", "png")
            }
            stored_plots[name] = {"title": title} | stored
    return stored_plots


def _finish(attempt: Attempt[Exploration], plots: dict[str, dict[str, str]], values: dict[str, Any]) -> None:
    """Replaces the former ones."""
    exploration = attempt.job
    try:
        with transaction.atomic():
            attempt.finish(**values)
            former = explorations(exploration.category).filter(pk__lt=exploration.pk)
            gone = [name for plots_of in former.values_list("plots", flat=True) for name in _names(plots_of)]
            former.exclude(state__in=jobs.OPEN).delete()
            transaction.on_commit(lambda: files.delete(gone))
    except BaseException:
        files.delete(_names(plots))
        raise


def _names(plots: dict[str, dict[str, str]]) -> list[str]:
    return [plot[kind] for plot in plots.values() for kind in ("svg", "png")]
