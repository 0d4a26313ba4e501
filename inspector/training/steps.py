"""From photos to a version in use: which step of a category is done, which comes next, and where."""

from dataclasses import dataclass, replace

from django.urls import reverse

from inspector.categories.models import Category
from inspector.registry.models import ModelVersion
from inspector.samples.models import Exploration
from inspector.samples.selectors import digest_of, samples
from inspector.training.models import TrainingRun
from inspector.training.readiness import LEAST_TO_COMPARE, Amounts

WORDS = {"done": "done", "current": "next", "todo": "to do"}


@dataclass(frozen=True, slots=True)
class Step:
    """state: done, current or todo. text: where it stands. action: what its button says."""

    name: str
    state: str
    text: str
    href: str
    action: str

    @property
    def word(self) -> str:
        return WORDS[self.state]


@dataclass(frozen=True, slots=True)
class Situation:
    """What the steps go by. learned: whether a version learned from the samples as they are now."""

    amounts: Amounts
    samples: str
    run: TrainingRun | None
    candidate: ModelVersion | None
    active: ModelVersion | None
    explored: Exploration | None
    learned: bool


def steps(
    category: Category,
    runs: list[TrainingRun],
    active: ModelVersion | None,
    explored: Exploration | None,
) -> list[Step]:
    """Photos, check, train, promote; none where a version is in use and nothing new waits. In one query.

    runs: the category's newest, as `recent_runs` gives them. explored: its last exploration that ended well.
    """
    if category.archived:
        return []
    situation = _situation(category, runs, active, explored)
    if active and situation.learned and not situation.candidate and not situation.run:
        return []
    four = [
        _photos(category, situation.amounts),
        _check(category, situation),
        _train(category, situation),
        _promote(category, situation),
    ]
    first = next((step for step in four if step.state != "done"), None)
    return [replace(step, state="current") if step is first else step for step in four]


def _situation(
    category: Category,
    runs: list[TrainingRun],
    active: ModelVersion | None,
    explored: Exploration | None,
) -> Situation:
    rows = list(samples(category).values_list("sha256", "split", "label", "mask"))
    now = digest_of((sha256, split, label) for sha256, split, label, _ in rows)
    done = [run for run in runs if run.version]
    candidate = done[0].version if done and not done[0].deployed else None  # type: ignore[attr-defined]
    return Situation(
        amounts=Amounts.of((split, label) for _, split, label, _ in rows),
        samples=digest_of(rows),
        run=next((run for run in runs if not run.is_final), None),
        candidate=candidate,
        active=active,
        explored=explored,
        learned=any(run.learned_from == now for run in done),  # type: ignore[attr-defined]
    )


def _photos(category: Category, photos: Amounts) -> Step:
    tests = photos.good + photos.defect
    text = f"{photos.train} good photo{'' if photos.train == 1 else 's'} to train on, {tests} to test"
    if not photos.train:
        text = "Add photos of good parts to train on; photos of defects show how well it works."
    state = "done" if photos.train >= LEAST_TO_COMPARE else "todo"
    return Step("Photos", state, text, reverse("samples:list", args=[category.slug]), "Add photos")


def _check(category: Category, situation: Situation) -> Step:
    href = reverse("samples:explore", args=[category.slug])
    last = situation.explored
    if last is None or last.digest != situation.samples:
        # A category that was trained, or is about to be, has passed it.
        passed = situation.learned or situation.active is not None or situation.run is not None
        text = "Look for duplicates, blurred photos and test photos among the training photos."
        return Step("Check", "done" if passed else "todo", text, href, "Check the photos")
    count = last.errors + last.warnings
    text = f"{count} finding{'' if count == 1 else 's'} to look at" if count else "Nothing to fix"
    return Step("Check", "done", text, href, "See the findings")


def _train(category: Category, situation: Situation) -> Step:
    if situation.run:
        return Step(
            "Train", "todo", "A training is in progress.", situation.run.get_absolute_url(), "View progress"
        )
    text = "Train a version on the photos as they are now."
    href = reverse("training:retrain", args=[category.slug])
    return Step("Train", "done" if situation.learned else "todo", text, href, "Train")


def _promote(category: Category, situation: Situation) -> Step:
    if situation.candidate:
        href = reverse("registry:promote", args=[category.slug, situation.candidate.number])
        against = (
            f"compare it with v{situation.active.number}, then promote it"
            if situation.active
            else "promote it"
        )
        name = f"v{situation.candidate.number}"
        return Step("Promote", "todo", f"{name} is not active yet: {against}.", href, f"Promote {name}…")
    text = (
        f"v{situation.active.number} is active."
        if situation.active
        else "Promote a version below to judge photos."
    )
    state = "done" if situation.active else "todo"
    return Step("Promote", state, text, category.get_absolute_url(), "See the versions")
