"""`manage.py train CATEGORY...`: a training in this process, with its progress in the terminal."""

import logging
import sys
from argparse import BooleanOptionalAction
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from inspector.categories.models import Category
from inspector.core import work
from inspector.core.errors import Refused
from inspector.core.jobs import State
from inspector.registry.models import ModelVersion
from inspector.registry.promote import promote
from inspector.registry.selectors import active_version
from inspector.training import selectors
from inspector.training.cancel import cancel
from inspector.training.how_far import HowFar
from inspector.training.models import TrainingRun
from inspector.training.options import METHODS, OPTIONS, RANGES, about
from inspector.training.progress import ProgressLog
from inspector.training.submit import join, submit, submit_family

INTERRUPTED = 130


class Command(BaseCommand):
    help = (
        "Train a new version of a category now, in this process; it becomes a candidate. Without options, "
        "it is trained with the settings of the last training that a user started. Several categories share "
        "one model. Exit status: 0 done, 1 refused or failed, 130 interrupted."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("category", metavar="CATEGORY", nargs="+", help="a category's slug")
        parser.add_argument(
            "--join",
            metavar="CATEGORY",
            help="join this category's active version: use its network or memory bank, without a training",
        )
        parser.add_argument(
            "--method", choices=METHODS, help="default: that of the last training a user started"
        )
        parser.add_argument(
            "--fast",
            action=BooleanOptionalAction,
            help="also make a quick draft, which may decide clear OKs; default: as last time, and none for "
            "several categories and with --join",
        )
        parser.add_argument("--promote", action="store_true", help="make the new version the active one")
        for name, option in OPTIONS.items():
            description = about(option).replace("%", "%%")
            if option.number:
                description, kind = f"{description} {RANGES[name]}", option.kind
                parser.add_argument(f"--{name.replace('_', '-')}", type=kind, metavar="N", help=description)
            else:
                # The options with further names are checked by `submit`.
                among = {"metavar": "NAME"} if option.pattern else {"choices": option.choices}
                parser.add_argument(f"--{name.replace('_', '-')}", help=description, **among)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            versions = self._train(self._submit(options), quiet=not options["verbosity"])
        except Refused as refused:
            raise CommandError(refused.message) from None
        # Each category of a family by itself: an objection to one does not keep another from being used.
        refusals = [self._take(version, in_use=options["promote"]) for version in versions]
        if any(refusals):
            raise CommandError(" ".join(filter(None, refusals)))

    def _take(self, version: ModelVersion, *, in_use: bool) -> str:
        """Promote it where it is to be, and show its metrics; why it stays a candidate, "" where it may."""
        refusal = ""
        if in_use and not version.is_active:
            try:
                version = promote(version, by=None)
            except Refused as refused:
                refusal = f"{version} stays a candidate: {refused.message}"
        self._print_metrics(version)
        return refusal

    def _submit(self, options: dict[str, Any]) -> list[TrainingRun]:
        categories = [self._category(slug) for slug in options["category"]]
        method, asked = options["method"], {name: options[name] for name in OPTIONS}
        given = {name: value for name, value in asked.items() if value is not None}
        if options["join"]:
            return [self._join(categories, options["join"], method or given, fast=bool(options["fast"]))]
        fast = options["fast"]
        if len(categories) > 1:
            family: dict[str, Any] = {"method": method or "", "options": given, "fast": bool(fast)}
            return submit_family(categories, by=None, **family, send=False)
        alone: dict[str, Any] = {"method": method, "options": given or None, "fast": fast}
        return [submit(category=categories[0], by=None, **alone, send=False)]

    def _join(self, categories: list[Category], slug: str, asked: Any, *, fast: bool) -> TrainingRun:
        if len(categories) > 1 or asked:
            raise CommandError(
                "--join takes one category, and the method and options of the version: give no others."
            )
        version = active_version(self._category(slug))
        if version is None:
            raise CommandError(f"{slug} has no active version, so there is nothing to join.")
        return join(categories[0], version, by=None, fast=fast, send=False)

    def _category(self, slug: str) -> Category:
        category = Category.objects.filter(slug=slug).first()
        if category is None:
            known = ", ".join(Category.objects.values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"There is no category “{slug}”. There are: {known}.")
        return category

    def _train(self, runs: list[TrainingRun], *, quiet: bool) -> list[ModelVersion]:
        run = runs[0]
        with tqdm(
            total=100, disable=True if quiet else None, bar_format="{percentage:3.0f}% |{bar}| {desc}"
        ) as bar:
            if not bar.disable:
                # The bar says the same, and log lines would break it.
                logging.getLogger(ProgressLog.__module__).setLevel(logging.WARNING)

            def on_progress(progress: dict[str, Any]) -> None:
                how_far = HowFar.from_dict(progress)
                bar.set_description_str(how_far.sentence, refresh=False)
                bar.update(100 * (how_far.fraction or 0) - bar.n)

            try:
                work.run(TrainingRun, run.pk, on_progress=on_progress)
            except KeyboardInterrupt:
                cancel(run, by=None)
                self.stderr.write(f"{run} is cancelled.")
                sys.exit(INTERRUPTED)
        return [self._version(selectors.run(run.pk)) for run in runs]

    def _version(self, done: TrainingRun) -> ModelVersion:
        if not done.is_final:
            raise CommandError(f"A worker has already started {done}; its page shows the progress.")
        if done.state != State.DONE or done.version is None:
            raise CommandError(done.error_message or f"{done} is {done.get_state_display().lower()}.")
        return done.version

    def _print_metrics(self, version: ModelVersion) -> None:
        metrics = {"image AUROC": version.image_auroc, "F1": version.f1, "threshold": version.threshold}
        values = ", ".join(f"{name} {value:.4g}" for name, value in metrics.items() if value is not None)
        self.stdout.write(f"{version} ({version.get_standing_display().lower()}): {values}")
